/** An hour of speech from a sound card whose clock is wrong by 200 ppm, 720 ms in all, on a clock of the test's own. */
import { describe, expect, test } from 'vitest';
import { packPacket, packedBytes } from '../../../src/media/packed-packets.ts';
import { Stream } from '../../../src/media/stream.ts';
import { ChannelClock } from '../../../src/media/transcoder/channel-clock.ts';
import type { TalkPacket } from '../../../src/media/transcoder/messages.ts';
import type { OpusDecoder } from '../../../src/media/transcoder/opus-decoder.ts';
import { ReplayedTalk } from '../../../src/media/transcoder/replayed-talk.ts';
import { TalkTranscoder } from '../../../src/media/transcoder/talk-transcoder.ts';
import { PacketNumbering } from '../../../src/webrtc/packet-numbering.ts';

const HOUR_MS = 3_600_000;
const FRAME_MS = 20;
const FRAME_SAMPLES = 960;
const SAMPLES_PER_MS = 48;
/** Words for 4 s, a breath for 300 ms. */
const PERIOD_FRAMES = 215;
const BREATH_FRAMES = 15;
const WORD = 1;
const BREATH = 0;
const WORD_SAMPLE = 5000;

interface Sent extends TalkPacket {
  isWord: boolean;
}

/** What the microphone sends; the numbers wrap on the way. */
function* hourOf(ppm: number): Generator<Sent> {
  const everyMs = FRAME_MS / (1 + ppm / 1e6);
  for (let n = 0; n * everyMs < HOUR_MS; n += 1) {
    const isWord = n % PERIOD_FRAMES >= BREATH_FRAMES;
    yield {
      sequenceNumber: (65_000 + n) & 0xffff,
      timestamp: (4_294_900_000 + n * FRAME_SAMPLES) >>> 0,
      payload: Uint8Array.of(isWord ? WORD : BREATH),
      arrivedAtMs: n * everyMs,
      isWord,
    };
  }
}

/** Words as a level that silence has not. */
function stubDecoder(): OpusDecoder {
  const frames = [new Int16Array(FRAME_SAMPLES), new Int16Array(FRAME_SAMPLES).fill(WORD_SAMPLE)];
  return {
    decodedFrames: 0,
    concealedFrames: 0,
    corruptPackets: 0,
    decode: (payload: Uint8Array) => frames[payload[0]!]!,
    recover: (_next: Uint8Array, samples: number) => new Int16Array(samples),
    fade: (samples: number) => new Int16Array(samples),
    close: () => undefined,
  } as unknown as OpusDecoder;
}

/** Listens to WAV: how many frames of words came, what was cut into them, how far from real time it was. */
class Ear {
  words = 0;
  cuts = 0;
  samples = 0;
  worstMs = 0;
  lastMs = 0;
  #wasWord = false;
  #silence = 0;
  /** A wait so long inside words is no breath. */
  readonly #breathSamples = BREATH_FRAMES * FRAME_SAMPLES * 0.7;

  hear(bytes: Uint8Array, nowMs: number): void {
    const pcm = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
    for (let at = 0; at < pcm.length; at += FRAME_SAMPLES) {
      const isWord = pcm[at] === WORD_SAMPLE;
      if (isWord) this.words += 1;
      if (isWord && this.#wasWord && this.#silence > 0 && this.#silence < this.#breathSamples) this.cuts += 1;
      if (isWord) [this.#wasWord, this.#silence] = [true, 0];
      else this.#silence += Math.min(FRAME_SAMPLES, pcm.length - at);
    }
    this.samples += pcm.length;
    this.lastMs = this.samples / SAMPLES_PER_MS - nowMs;
    this.worstMs = Math.max(this.worstMs, Math.abs(this.lastMs));
  }
}

describe.each([200, -200])('%i ppm for an hour', (ppm) => {
  test('a browser gets every packet at its pace, and numbers that go on by one', () => {
    let nowMs = 0;
    let [expected, restarts, wrong] = [0, 0, 0];
    let lastOut: number | undefined;
    const stream = new Stream({ id: 'kitchen', name: 'Kitchen', now: () => nowMs });
    const numbering = new PacketNumbering();
    stream.attach({
      attached: () => undefined,
      detached: () => undefined,
      write: ({ sequenceNumber, timestamp }) => {
        const numbers = numbering.next(sequenceNumber, timestamp, nowMs)!;
        if (numbers.restarted) restarts += 1;
        if (lastOut !== undefined && (numbers.timestamp - lastOut) >>> 0 !== FRAME_SAMPLES) wrong += 1;
        lastOut = numbers.timestamp;
      },
    });
    for (const { sequenceNumber, timestamp, arrivedAtMs } of hourOf(ppm)) {
      nowMs = arrivedAtMs;
      expected += 1;
      stream.write({ sequenceNumber, timestamp, marker: false, payload: Buffer.alloc(1), levelDbov: undefined });
    }
    expect({ out: stream.packetsOut, stale: stream.packetsStale, restarts, wrong }).toEqual({
      out: expected,
      stale: 0,
      restarts: 1,
      wrong: 0,
    });
  });

  test(
    'a player gets every word whole, and is never late: the breaths between them give or take',
    { timeout: 30_000 },
    () => {
      let nowMs = 0;
      const ear = new Ear();
      const channel = new ChannelClock('wav', 0);
      let [sentWords, refused, filled] = [0, 0, 0];
      const transcoder = new TalkTranscoder({
        now: () => nowMs,
        onChunk: (_format, bytes) => {
          ear.hear(bytes, nowMs);
          if (!channel.admits(nowMs, bytes.byteLength >> 1)) refused += 1;
        },
      });
      transcoder.setFormats(['wav']);
      transcoder.start(stubDecoder());
      let nextTickMs = FRAME_MS;
      for (const packet of hourOf(ppm)) {
        for (; nextTickMs <= packet.arrivedAtMs; nextTickMs += FRAME_MS) {
          nowMs = nextTickMs;
          transcoder.tick();
          filled += channel.silenceDue(nowMs, true);
        }
        nowMs = packet.arrivedAtMs;
        if (packet.isWord) sentWords += 1;
        transcoder.write(packet);
      }
      const { droppedMs, silenceMs } = transcoder.stats();
      transcoder.close();
      expect({ words: ear.words, cuts: ear.cuts, refused, filled }).toEqual({
        words: sentWords,
        cuts: 0,
        refused: 0,
        filled: 0,
      });
      expect(ear.worstMs).toBeLessThan(110);
      // What a clock that is wrong by 720 ms makes too much or too little, to what it may be ahead or behind.
      const corrected = ppm > 0 ? droppedMs : silenceMs;
      expect(corrected).toBeGreaterThan(600);
      expect(corrected).toBeLessThanOrEqual(740);
      expect(ppm > 0 ? silenceMs : droppedMs).toBe(0);
    },
  );

  test('so does one that hears the talk again from its first word', { timeout: 30_000 }, () => {
    let nowMs = 0;
    const ear = new Ear();
    let sentWords = 0;
    const talk = new ReplayedTalk({
      format: 'wav',
      now: () => nowMs,
      onChunk: (bytes) => ear.hear(bytes, nowMs),
      onEnded: () => undefined,
    });
    talk.start(stubDecoder());
    for (const packet of hourOf(ppm)) {
      nowMs = packet.arrivedAtMs;
      if (packet.isWord) sentWords += 1;
      const packed = Buffer.alloc(packedBytes(packet));
      packPacket(packed, 0, packet, packet.arrivedAtMs);
      talk.add(packed);
      while (talk.work(Infinity));
    }
    const { droppedMs } = talk.stats();
    talk.close();
    expect({ words: ear.words, cuts: ear.cuts }).toEqual({ words: sentWords, cuts: 0 });
    expect(ear.worstMs).toBeLessThan(550);
    expect(droppedMs).toBeLessThan(400);
  });
});
