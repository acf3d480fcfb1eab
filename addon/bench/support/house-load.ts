/** What a house asks of the server, one step after the other, and what each step costs it by any meter. */
import { Player } from '../../test/support/player.ts';
import type { TestServer } from '../../test/support/server.ts';
import type { Receivers } from '../processes/receivers.ts';
import type { Sender } from '../processes/sender.ts';
import { Child } from './child.ts';
import { delay } from './clock.ts';
import { FRAME_MS } from './voices.ts';

export const RECEIVERS = 20;
const MP3_BYTES_PER_SECOND = 16_000;
/** So much of what was due must have come, or the server was overloaded and the figures are of something else. */
const LEAST = 0.95;

/** Reads how much has been used so far, in units of its own. */
export type Meter = () => number;

export interface HouseCosts {
  /** Everything a second. */
  idle: number;
  /** Above that, a second: one talk that nobody hears. */
  talk: number;
  /** Above that, for each packet to each of the receivers. */
  packet: number;
  /** A second of MP3, decoded and encoded for however many players: of the talk after its end, which waits for no clock. */
  mp3: number;
}

/** `settleMs`: until what runs often has been compiled. The server's MEDIA_ACCESS is open. */
export async function houseCosts(
  server: TestServer,
  meters: readonly Meter[],
  { settleMs, windowMs }: { settleMs: number; windowMs: number },
): Promise<HouseCosts[]> {
  const sender = new Child<Sender>('processes/sender.ts');
  const receivers = new Child<Receivers>('processes/receivers.ts');
  /** Per second, by meter. */
  const use = async (): Promise<number[]> => {
    const [before, startedAtMs] = [meters.map((read) => read()), performance.now()];
    await delay(windowMs);
    const [after, seconds] = [meters.map((read) => read()), (performance.now() - startedAtMs) / 1000];
    return after.map((value, i) => (value - before[i]!) / seconds);
  };
  try {
    await delay(settleMs);
    const idle = await use();
    await sender.call('talk', { port: server.port, name: 'Bench', saying: 'speech' });
    // One by one: where the server is slow, several handshakes at once take longer than clients wait.
    for (let i = 0; i < RECEIVERS; i += 1) await receivers.call('join', { port: server.port, count: 1 });
    await delay(settleMs);
    await receivers.call('take', undefined);
    const heard = await use();
    const { sinks } = await receivers.call('take', undefined);
    const packets = sinks.reduce((sum, sink) => sum + sink.sequenceNumbers.length, 0) / (windowMs / 1000);
    const due = (RECEIVERS * 1000) / FRAME_MS;
    if (packets < LEAST * due) throw new Error(`${packets.toFixed(0)} packets a second came of ${due}`);
    // The talk alone comes last, when all that it runs has been compiled.
    await receivers.close();
    await delay(settleMs);
    const talk = await use();
    const url = `http://127.0.0.1:${new URL(server.media).port}/talk/${await sender.call('stop', undefined)}.mp3`;
    const [before, startedAtMs] = [meters.map((read) => read()), performance.now()];
    const sound = await (await Player.play(url)).ended;
    const [after, elapsed] = [meters.map((read) => read()), (performance.now() - startedAtMs) / 1000];
    const soundSeconds = sound.length / MP3_BYTES_PER_SECOND;
    if (soundSeconds < (3 * windowMs) / 1000) throw new Error(`the talk had ${soundSeconds.toFixed(1)} s of MP3`);
    return meters.map((_, i) => ({
      idle: idle[i]!,
      talk: talk[i]! - idle[i]!,
      packet: (heard[i]! - talk[i]!) / packets,
      mp3: (after[i]! - before[i]! - idle[i]! * elapsed) / soundSeconds,
    }));
  } finally {
    await Promise.all([sender.close(), receivers.close()]);
  }
}
