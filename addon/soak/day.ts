/**
 * A day of talks in virtual time, as fast as the machine goes: the relay, the slots and numbers of four cards, the talks that are
 * kept, and the transcoder, on a clock that jumps from talk to talk. Each talk passes the wrap of the sequence numbers, its
 * talker's clock is off, its link loses packets; every packet is accounted for, and every sample of WAV.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { Relay } from '../src/media/relay.ts';
import { SlotAssignment } from '../src/media/slot-assignment.ts';
import type { Stream } from '../src/media/stream.ts';
import { TalkStore } from '../src/media/talk-store.ts';
import type { AudioFormat } from '../src/media/transcoder/formats.ts';
import { OpusDecoder } from '../src/media/transcoder/opus-decoder.ts';
import { TalkTranscoder } from '../src/media/transcoder/talk-transcoder.ts';
import { PacketNumbering } from '../src/webrtc/packet-numbering.ts';
import { quietLog } from '../test/support/quiet-log.ts';
import { seeded } from '../test/support/seeded.ts';
import { VirtualClock } from '../test/support/virtual-clock.ts';
import { emptyTotals, judge, type CardEntry, type Judgement, type TalkEntry, type Totals } from './ledger.ts';
import { payloadOf, RunLog } from './run-log.ts';

export interface DayOptions {
  talks: number;
  seed: number;
  /** Called after each talk. */
  looked?: (talk: number) => void;
}

export interface DayReport extends Judgement {
  hours: number;
  /** What the WAV of all talks holds, and what it should, in packets. */
  wavFrames: number;
  dueFrames: number;
  mp3Bytes: number;
}

const DAY_MS = 24 * 3_600_000;
const CARDS = 4;
const SLOTS = 4;
const DEVICES = 8;
/** So many talks overlap, each so much later than the one before. */
const TOGETHER = 4;
const APART_MS = 700;
const TALK_PACKETS = [50, 400] as const;
const FRAME_MS = 20;
const FRAME_TICKS = 960;
const FRAME_BYTES = FRAME_TICKS * 2;
const WORST_PPM = 200;
const LOSS = 0.02;
/** One talk of so many is played as MP3, too: that encoder is the slowest of all. */
const MP3_OF = 20;

export async function day({ talks, seed, looked }: DayOptions): Promise<DayReport> {
  const house = new House(seed);
  for (let talk = 0; talk < talks; talk += 1) {
    const together = Math.floor(talk / TOGETHER) * TOGETHER;
    house.clock.runUntil((together / talks) * DAY_MS + (talk - together) * APART_MS);
    if (talk === together) house.settle();
    await house.begin(talk);
    // Timers and promises of what is over have their turn.
    await turn();
    looked?.(talk);
  }
  house.clock.runUntil(DAY_MS);
  return house.end();
}

type Card = Omit<CardEntry, 'heard'> & { heard: RunLog };

class House {
  readonly clock = new VirtualClock();
  readonly #random: () => number;
  readonly #log = quietLog();
  readonly #relay = new Relay({ log: this.#log });
  readonly #store = new TalkStore({ log: this.#log, relay: this.#relay, keepMs: 1 });
  readonly #assignments: SlotAssignment[] = [];
  /** Of talks that are not settled yet: an account of a whole day would look like a leak. */
  #talks: TalkEntry[] = [];
  readonly #cards: Card[] = [];
  readonly #totals = emptyTotals();
  readonly #faults: string[] = [];
  #wavBytes = 0;
  #mp3Bytes = 0;
  #dueFrames = 0;

  constructor(seed: number) {
    this.#random = seeded(seed);
    for (let card = 0; card < CARDS; card += 1) this.#openCard(card);
  }

  async begin(talk: number): Promise<void> {
    const streamId = `card-${talk % DEVICES}`;
    const stream = this.#relay.start({ id: streamId, name: streamId, now: () => this.clock.nowMs });
    const entry: TalkEntry = {
      talk,
      talkId: stream.talkId,
      streamId,
      numbered: 0,
      withheld: new Set(),
      complete: false,
      startedAtMs: this.clock.nowMs,
      overAtMs: Infinity,
    };
    this.#talks.push(entry);
    const formats: AudioFormat[] = talk % MP3_OF === 0 ? ['wav', 'mp3'] : ['wav'];
    this.#speak(stream, entry, this.#transcode(stream, formats, await OpusDecoder.create()));
  }

  /** Judges what is over, and forgets it. */
  settle(): void {
    if (!this.#talks.every(({ complete }) => complete)) return;
    const { totals, faults } = judge(this.#talks, this.#cards);
    for (const name of Object.keys(totals) as (keyof Totals)[]) this.#totals[name] += totals[name];
    this.#faults.push(...faults);
    this.#talks = [];
    for (const card of this.#cards) card.heard = new RunLog();
  }

  async end(): Promise<DayReport> {
    const unfinished = this.#talks.filter(({ complete }) => !complete).length;
    if (unfinished > 0) this.#faults.push(`${unfinished} talks are not over at the end of the day`);
    this.settle();
    await Promise.all([...this.#assignments.map((each) => each.close()), this.#relay.close(), this.#store.close()]);
    return {
      totals: this.#totals,
      faults: this.#faults,
      hours: this.clock.nowMs / 3_600_000,
      wavFrames: this.#wavBytes / FRAME_BYTES,
      dueFrames: this.#dueFrames,
      mp3Bytes: this.#mp3Bytes,
    };
  }

  #openCard(card: number): void {
    const entry: Card = {
      name: `card ${card}`,
      streamId: `listener-${card}`,
      readyAtMs: 0,
      goneAtMs: Infinity,
      heard: new RunLog(),
    };
    this.#cards.push(entry);
    const slots = Array.from({ length: SLOTS }, (_, slot) => {
      const numbering = new PacketNumbering();
      return {
        mid: String(slot),
        attached: () => numbering.restart(),
        detached: () => numbering.restart(),
        skipped: () => numbering.skipped(),
        write: ({ sequenceNumber, timestamp, payload }: Parameters<Stream['write']>[0]) => {
          const numbers = numbering.next(sequenceNumber, timestamp, this.clock.nowMs);
          if (numbers) entry.heard.hear(slot, numbers.sequenceNumber, payload.readUInt32BE(4), payload.readUInt32BE(8));
        },
      };
    });
    const assignment = new SlotAssignment({
      relay: this.#relay,
      slots,
      ownStreamId: () => undefined,
      onChange: () => undefined,
    });
    assignment.listen('all');
    this.#assignments.push(assignment);
  }

  /** Returns how to finish it; it then tells how many bytes of WAV there were. */
  #transcode(stream: Stream, formats: AudioFormat[], decoder: OpusDecoder): () => number {
    let wavBytes = 0;
    let isOver = false;
    const transcoder = new TalkTranscoder({
      now: () => this.clock.nowMs,
      onChunk: (format, bytes) => {
        if (format === 'wav') wavBytes += bytes.length;
        else this.#mp3Bytes += bytes.length;
      },
    });
    transcoder.setFormats(formats);
    transcoder.start(decoder);
    stream.attach({
      takesBacklog: true,
      attached: () => undefined,
      detached: () => undefined,
      write: ({ sequenceNumber, timestamp, payload }) =>
        transcoder.write({ sequenceNumber, timestamp, payload, arrivedAtMs: this.clock.nowMs }),
    });
    const tick = (): void => {
      if (isOver) return;
      transcoder.tick();
      this.clock.after(FRAME_MS, tick);
    };
    tick();
    return () => {
      isOver = true;
      transcoder.finish();
      transcoder.close();
      return wavBytes;
    };
  }

  #speak(stream: Stream, entry: TalkEntry, finish: () => number): void {
    const [least, most] = TALK_PACKETS;
    const packets = least + Math.floor(this.#random() * (most - least));
    const frameMs = FRAME_MS * (1 + ((this.#random() * 2 - 1) * WORST_PPM) / 1e6);
    const first = 0x1_0000 - 1 - Math.floor(this.#random() * least);
    const firstTimestamp = Math.floor(this.#random() * 2 ** 32);
    for (let packet = 0; packet < packets; packet += 1) {
      this.clock.after(packet * frameMs, () => {
        entry.numbered += 1;
        if (packet > 0 && packet < packets - 1 && this.#random() < LOSS) {
          entry.withheld.add(packet);
          return;
        }
        stream.write({
          sequenceNumber: (first + packet) & 0xffff,
          timestamp: (firstTimestamp + packet * FRAME_TICKS) >>> 0,
          marker: packet === 0,
          payload: payloadOf(entry.talk, packet),
          levelDbov: undefined,
        });
      });
    }
    this.clock.after(packets * frameMs, () => {
      entry.server = { packets: stream.packetsIn, lost: stream.packetsLost, stale: stream.packetsStale };
      entry.complete = true;
      entry.overAtMs = this.clock.nowMs;
      this.#relay.end(stream, 'stopped');
      this.#countWav(entry, finish());
    });
  }

  #countWav({ talk, numbered }: TalkEntry, bytes: number): void {
    this.#wavBytes += bytes;
    this.#dueFrames += numbered;
    const frames = bytes / FRAME_BYTES;
    if (frames !== numbered) {
      this.#faults.push(`talk ${talk}: its WAV holds ${frames} packets' sound, its talker numbered ${numbered}`);
    }
  }
}
