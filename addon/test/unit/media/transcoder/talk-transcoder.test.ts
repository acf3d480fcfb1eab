import { expect, it } from 'vitest';
import type { OpusDecoder } from '../../../../src/media/transcoder/opus-decoder.ts';
import { TalkTranscoder } from '../../../../src/media/transcoder/talk-transcoder.ts';

/** Each packet becomes 20 ms of sound. */
const decoder = {
  decode: () => new Int16Array(960).fill(1000),
  recover: (_payload: Uint8Array, samples: number) => new Int16Array(samples),
  fade: (samples: number) => new Int16Array(samples),
  close: () => undefined,
} as unknown as OpusDecoder;

const packet = (number: number, arrivedAtMs: number): Parameters<TalkTranscoder['write']>[0] => ({
  sequenceNumber: number,
  timestamp: number * 960,
  payload: new Uint8Array(1),
  arrivedAtMs,
});

it('gives no packet up that was there in time, however long the thread was held up', () => {
  let nowMs = 0;
  const talk = new TalkTranscoder({ now: () => nowMs, onChunk: () => undefined });
  talk.start(decoder);
  talk.write(packet(0, 0));
  // Number 1 was asked for again; all three waited for the thread.
  nowMs = 300;
  talk.write(packet(2, 40));
  talk.write(packet(1, 60));
  talk.write(packet(3, 60));
  talk.tick();
  expect(talk.stats()).toMatchObject({ lostPackets: 0, latePackets: 0, droppedMs: 0 });
});

it('waits for a missing packet no longer than it was told', () => {
  let nowMs = 0;
  const talk = new TalkTranscoder({ now: () => nowMs, onChunk: () => undefined });
  talk.start(decoder);
  talk.write(packet(0, 0));
  nowMs = 40;
  talk.write(packet(2, 40));
  nowMs = 100;
  talk.tick();
  expect(talk.stats()).toMatchObject({ lostPackets: 1 });
  nowMs = 120;
  talk.write(packet(1, 120));
  expect(talk.stats()).toMatchObject({ lostPackets: 1, latePackets: 1 });
});
