/**
 * A talk over bad networks in virtual time: a microphone that answers requests as Chromium does, the relay's own parts in the
 * order of a packet's journey (loss repair, stream, numbering, transcoder), and two who listen: a browser, reduced to a jitter
 * buffer of a fixed delay that asks for what is missing, and a player of WAV. Both are heard as samples.
 */
import { sequenceDelta } from '../../src/media/rtp-math.ts';
import { Stream } from '../../src/media/stream.ts';
import type { TalkStats } from '../../src/media/transcoder/messages.ts';
import { OpusDecoder } from '../../src/media/transcoder/opus-decoder.ts';
import { TalkTranscoder } from '../../src/media/transcoder/talk-transcoder.ts';
import { LossRepair } from '../../src/webrtc/loss-repair.ts';
import { PacketNumbering } from '../../src/webrtc/packet-numbering.ts';
import { estimateIndex } from '../../src/webrtc/srtp-rollover.ts';
import { NetworkFaults, type Faults } from './network-faults.ts';
import { concat, fromInt16 } from './pcm.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface SpoiltWayOptions {
  /** Opus, 20 ms each. */
  packets: readonly Buffer[];
  /** Between microphone and relay, both ways. */
  up?: Faults;
  /** Between relay and browser, both ways. */
  down?: Faults;
  /** The network of the microphone lets nothing pass from, and for so long. */
  outage?: { fromMs: number; forMs: number };
  seed?: number;
  firstSequenceNumber?: number;
  /** How late the browser plays what it gets; libwebrtc's grows with jitter up to some 200 ms. */
  playoutMs?: number;
}

export interface HeardByBrowser {
  pcm: Float32Array;
  /** Frames of the talk that were not there when their time came. */
  missing: number;
  frames: number;
  /** When each frame came, after it was spoken; undefined: never. By its place in the talk. */
  latencyMs: (number | undefined)[];
}

export interface HeardTalk {
  browser: HeardByBrowser;
  player: { pcm: Float32Array; stats: TalkStats; chunksAt: number[] };
  stream: Stream;
  repaired: number;
}

const FRAME_MS = 20;
const FRAME_TICKS = 960;
const HISTORY_PACKETS = 128;
const AFTERWARDS_MS = 1000;

interface Out {
  index: number;
  frame: number;
  timestamp: number;
}

export async function hearOver(options: SpoiltWayOptions): Promise<HeardTalk> {
  const { packets, seed = 1, firstSequenceNumber = 65_500, playoutMs = 160 } = options;
  const clock = new VirtualClock();
  const faultClock = {
    now: () => clock.nowMs,
    after: (ms: number, deliver: () => void) => {
      clock.after(ms, deliver);
      return () => undefined;
    },
  };
  const way = (faults: Faults | undefined, die: number): NetworkFaults =>
    new NetworkFaults({ ...faults }, seed * 10 + die, faultClock);
  const [up, upBack, down, downBack] = [
    way(options.up, 1),
    way(options.up, 2),
    way(options.down, 3),
    way(options.down, 4),
  ];
  const stream = new Stream({ id: 'kitchen', name: 'Kitchen', now: () => clock.nowMs });

  // The relay, from what comes of the microphone on.
  const repair = new LossRepair({ ask: (numbers) => upBack.carry(numbers, (asked) => asked.forEach(resend)) });
  const arrive = (frame: number): void => {
    const sequenceNumber = (firstSequenceNumber + frame) & 0xffff;
    repair.received(sequenceNumber, clock.nowMs);
    stream.write({
      sequenceNumber,
      timestamp: (4_294_900_000 + frame * FRAME_TICKS) >>> 0,
      marker: false,
      payload: packets[frame]!,
      levelDbov: undefined,
    });
  };

  // The microphone.
  let spoken = 0;
  const resend = (sequenceNumber: number): void => {
    const frame = spoken - 1 + sequenceDelta(firstSequenceNumber + spoken - 1, sequenceNumber);
    if (frame >= 0 && spoken - frame <= 50) up.carry(frame, arrive);
  };
  for (let frame = 0; frame < packets.length; frame += 1) {
    clock.after(frame * FRAME_MS, () => {
      spoken = frame + 1;
      up.carry(frame, arrive);
    });
  }
  if (options.outage) {
    const { fromMs, forMs } = options.outage;
    clock.after(fromMs, () => (up.faults.outage = upBack.faults.outage = true));
    clock.after(fromMs + forMs, () => (up.faults.outage = upBack.faults.outage = false));
  }

  // The browser.
  const numbering = new PacketNumbering();
  const sent = new Map<number, Out>();
  let highest: number | undefined;
  const came = new Map<number, { frame: number; timestamp: number; atMs: number }>();
  const askBrowser = new LossRepair({
    ask: (numbers) => downBack.carry(numbers, (asked) => asked.forEach(sendAgain)),
  });
  const atBrowser = (out: Out): void => {
    askBrowser.received(out.index & 0xffff, clock.nowMs);
    if (!came.has(out.index)) came.set(out.index, { frame: out.frame, timestamp: out.timestamp, atMs: clock.nowMs });
  };
  const sendAgain = (sequenceNumber: number): void => {
    const out = sent.get(estimateIndex(highest, sequenceNumber) ?? -1);
    if (out && highest! - out.index < HISTORY_PACKETS) down.carry(out, atBrowser);
  };
  stream.attach({
    attached: () => numbering.restart(),
    detached: () => undefined,
    skipped: () => numbering.skipped(),
    write: ({ sequenceNumber, timestamp }) => {
      const numbers = numbering.next(sequenceNumber, timestamp, clock.nowMs);
      const index = numbers && estimateIndex(highest, numbers.sequenceNumber);
      if (!numbers || index === undefined || sent.has(index)) return;
      const out = {
        index,
        frame: spoken - 1 + sequenceDelta(firstSequenceNumber + spoken - 1, sequenceNumber),
        timestamp: numbers.timestamp,
      };
      sent.set(index, out);
      highest = Math.max(highest ?? 0, index);
      down.carry(out, atBrowser);
    },
  });

  // The player.
  const chunks: Uint8Array[] = [];
  const chunksAt: number[] = [];
  const transcoder = new TalkTranscoder({
    now: () => clock.nowMs,
    onChunk: (_format, bytes) => {
      chunks.push(bytes);
      chunksAt.push(clock.nowMs);
    },
  });
  transcoder.setFormats(['wav']);
  transcoder.start(await OpusDecoder.create());
  stream.attach({
    takesBacklog: true,
    attached: () => undefined,
    detached: () => undefined,
    write: ({ sequenceNumber, timestamp, payload }) =>
      transcoder.write({ sequenceNumber, timestamp, payload, arrivedAtMs: clock.nowMs }),
  });
  clock.every(FRAME_MS, () => transcoder.tick());

  clock.runUntil(packets.length * FRAME_MS + AFTERWARDS_MS);
  transcoder.finish();
  const stats = transcoder.stats();
  transcoder.close();
  return {
    browser: await play([...came.values()], packets, playoutMs),
    player: { pcm: fromInt16(Buffer.concat(chunks)), stats, chunksAt },
    stream,
    repaired: repair.repaired,
  };
}

/** As a jitter buffer of a fixed delay does: what is not there is recovered from the next packet's FEC, or guessed. */
async function play(
  came: { frame: number; timestamp: number; atMs: number }[],
  packets: readonly Buffer[],
  playoutMs: number,
): Promise<HeardByBrowser> {
  const first = came.reduce((one, other) => (((other.timestamp - one.timestamp) | 0) < 0 ? other : one), came[0]!);
  const startMs = Math.min(...came.map(({ timestamp, atMs }) => atMs - ((timestamp - first.timestamp) | 0) / 48));
  const latencyMs: (number | undefined)[] = packets.map(() => undefined);
  const byPlace = new Map<number, Buffer>();
  let places = 0;
  for (const { frame, timestamp, atMs } of came) {
    const place = Math.round(((timestamp - first.timestamp) | 0) / FRAME_TICKS);
    latencyMs[frame] = atMs - frame * FRAME_MS;
    places = Math.max(places, place + 1);
    if (atMs <= startMs + place * FRAME_MS + playoutMs) byPlace.set(place, packets[frame]!);
  }
  const decoder = await OpusDecoder.create();
  const parts: Float32Array[] = [];
  for (let place = 0; place < places; place += 1) {
    const payload = byPlace.get(place);
    const next = byPlace.get(place + 1);
    const pcm = payload
      ? decoder.decode(payload)
      : next
        ? decoder.recover(next, FRAME_TICKS)
        : decoder.conceal(FRAME_TICKS);
    parts.push(fromInt16(Buffer.from(pcm.slice().buffer)));
  }
  decoder.close();
  return { pcm: concat(parts), missing: packets.length - byPlace.size, frames: packets.length, latencyMs };
}
