/** A talk played again from its first word, once it is over: what of it comes as sound. */
import { buffer } from 'node:stream/consumers';
import { request } from '../test/support/player.ts';
import type { TalkEntry } from './ledger.ts';

export interface Replay {
  talk: number;
  numbered: number;
  /** Of 20 ms, as WAV. */
  frames: number;
  /** From the first packet to the last by the clock: what stood still on the way is silence when played again. */
  lastedFrames: number;
}

const WAV_HEADER_BYTES = 44;
const FRAME_MS = 20;
const FRAME_BYTES = 960 * 2;

export async function checkReplay(media: string, talk: TalkEntry): Promise<Replay> {
  const response = await request(`${media}/talk/${talk.talkId}.wav`);
  const sound = await buffer(response);
  if (response.statusCode !== 200) throw new Error(`Talk ${talk.talk} answers ${response.statusCode}.`);
  return {
    talk: talk.talk,
    numbered: talk.numbered,
    frames: (sound.length - WAV_HEADER_BYTES) / FRAME_BYTES,
    lastedFrames: (talk.overAtMs - talk.startedAtMs) / FRAME_MS,
  };
}
