/**
 * PacketPairs: makes of a stream's packets half as many, twice as long, for those who hear it in a crowd: at several hundred
 * receivers it is the number of packets that fills a core. A packet waits for the next one, and both go out as one under the
 * number of the first; the numbers after them move up, so that what is lost is still a gap and nothing else is. A packet that
 * finds no partner goes out alone, and so does one that comes late, under the number that was left free for it.
 */
import type { AudioPacket } from './audio-packet.ts';
import { isPairable, pairOf } from './opus-pair.ts';
import { addSequence, sequenceDelta, TICKS_PER_MS, timestampDelta } from './rtp-math.ts';

/** Its partner is due after 10 ms. */
const MAX_WAIT_MS = 15;
const PARTNER_TICKS = 10 * TICKS_PER_MS;
/** 5 s; wider jumps, either way, are a new source. A divisor of 2^16. */
const MEMORY_PACKETS = 512;
const CAME = -1;

export class PacketPairs {
  readonly #emit: (packet: AudioPacket) => void;
  /** For each number lately passed, by its remainder: CAME, or how far it would move up, should it come late. */
  readonly #passed = new Int32Array(MEMORY_PACKETS);
  #newest: AudioPacket | undefined;
  /** The newest, as long as it has no partner. */
  #waiting: AudioPacket | undefined;
  #movedUp = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `emit` takes a packet at once, as it is called. */
  constructor(emit: (packet: AudioPacket) => void) {
    this.#emit = emit;
  }

  write(packet: AudioPacket): void {
    const steps = this.#newest ? sequenceDelta(this.#newest.sequenceNumber, packet.sequenceNumber) : 1;
    if (this.#isNewSource(packet, steps)) {
      this.flush();
      this.#passed.fill(CAME);
      this.#advance(packet);
    } else if (steps > 0) {
      const partner = steps === 1 ? this.#waiting : undefined;
      const pair = partner && partnersOf(partner, packet);
      if (pair) this.#sendPair(pair, packet);
      else this.#passAlone(packet, steps);
    } else {
      this.#sendLate(packet);
    }
  }

  /** What waits goes out alone. */
  flush(): void {
    const packet = this.#takeWaiting();
    if (packet) this.#send(packet, this.#movedUp);
  }

  /** Nothing goes out any more. */
  close(): void {
    this.#takeWaiting();
  }

  #isNewSource(packet: AudioPacket, steps: number): boolean {
    if (!this.#newest || Math.abs(steps) >= MEMORY_PACKETS) return true;
    return steps < 0 && timestampDelta(this.#newest.timestamp, packet.timestamp) > 0;
  }

  #passAlone(packet: AudioPacket, steps: number): void {
    this.flush();
    for (let back = 1; back < steps; back += 1) {
      this.#passed[addSequence(packet.sequenceNumber, -back) % MEMORY_PACKETS] = this.#movedUp;
    }
    this.#advance(packet);
  }

  #advance(packet: AudioPacket): void {
    this.#note(packet);
    if (!isPairable(packet.payload)) {
      this.#send(packet, this.#movedUp);
      return;
    }
    this.#waiting = packet;
    // What has come already is read first: a loop that is late must not make more packets of it.
    this.#timer = setTimeout(() => setImmediate(() => this.#waitedFor(packet)), MAX_WAIT_MS);
    this.#timer.unref();
  }

  #waitedFor(packet: AudioPacket): void {
    if (this.#waiting === packet) this.flush();
  }

  #sendPair(pair: AudioPacket, second: AudioPacket): void {
    this.#takeWaiting();
    this.#note(second);
    const movedUp = this.#movedUp;
    this.#movedUp = addSequence(movedUp, 1);
    this.#send(pair, movedUp);
  }

  #sendLate(packet: AudioPacket): void {
    const place = packet.sequenceNumber % MEMORY_PACKETS;
    const movedUp = this.#passed[place] ?? CAME;
    this.#passed[place] = CAME;
    if (movedUp !== CAME) this.#send(packet, movedUp);
  }

  #note(packet: AudioPacket): void {
    this.#newest = packet;
    this.#passed[packet.sequenceNumber % MEMORY_PACKETS] = CAME;
  }

  #takeWaiting(): AudioPacket | undefined {
    const packet = this.#waiting;
    this.#waiting = undefined;
    clearTimeout(this.#timer);
    return packet;
  }

  #send(packet: AudioPacket, movedUp: number): void {
    this.#emit({ ...packet, sequenceNumber: addSequence(packet.sequenceNumber, -movedUp) });
  }
}

/** Both in one packet, as the first is numbered; undefined when they do not go together. */
function partnersOf(first: AudioPacket, second: AudioPacket): AudioPacket | undefined {
  const areNeighbours = timestampDelta(first.timestamp, second.timestamp) === PARTNER_TICKS && !second.marker;
  if (!areNeighbours || !isPairable(second.payload)) return undefined;
  const payload = pairOf(first.payload, second.payload);
  return payload && { ...first, payload, levelDbov: louderOf(first.levelDbov, second.levelDbov) };
}

function louderOf(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? (first ?? second) : Math.max(first, second);
}
