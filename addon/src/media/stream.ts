/**
 * Stream: one talk of one device, live from its making to `end()`. It hands each packet to every sink in one
 * synchronous loop: no queue, no await, no copy. It knows neither who speaks nor what a sink does with the packet. Receivers in
 * a crowd get packets in pairs, see packet-pairs.ts; which way one hears a talk is settled when it joins, or when the talk begins.
 */
import { randomBytes } from 'node:crypto';
import type { AudioPacket } from './audio-packet.ts';
import { LiveEdge } from './live-edge.ts';
import { PacketPairs } from './packet-pairs.ts';
import type { AudioSink } from './ports.ts';
import { RecentPackets, type RecentPacket } from './recent-packets.ts';
import { sequenceDelta } from './rtp-math.ts';

export interface StreamOptions {
  /** Stable and human, e.g. `kitchen-tablet`. */
  id: string;
  name: string;
  /** In no `latest`, `all` or list of others. */
  private?: boolean;
  /** Always live: heard by those who name it, in no `latest` or `all`. */
  monitor?: boolean;
  /** The person who speaks, as the door named them. */
  user?: string | null;
  /** Receivers at once. Default: no limit. */
  maxReceivers?: number;
  /** Of more receivers than this, all hear pairs of packets, but those who came before there were so many. Default: no limit. */
  crowdAbove?: number;
  /** There were `maxReceivers`, and one has left. */
  onRoom?: () => void;
  /** A sink threw: a fault of ours, told once per stream. */
  onSinkError?: (error: unknown) => void;
  /** Milliseconds that only grow. Default `performance.now`. */
  now?: () => number;
}

/** Loudness that nothing can be heard of, RFC 6464 3. */
export const SILENCE_DBOV = -127;

/** 60 s of 10 ms packets; a wider jump is a new source, not loss. */
const MAX_COUNTED_GAP = 6000;

export class Stream {
  readonly id: string;
  readonly name: string;
  readonly private: boolean;
  readonly monitor: boolean;
  /** Null: not known. */
  readonly user: string | null;
  /** Names this one talk; 128 random bits, so it cannot be guessed. */
  readonly talkId = randomBytes(16).toString('base64url');
  /** By the clock on the wall, for people; how long it lasts is `ageMs`. */
  readonly startedAtMs = Date.now();
  /** Called once, when the first packet has been relayed. */
  onFirstPacket: (() => void) | undefined;

  packetsIn = 0;
  packetsOut = 0;
  bytesIn = 0;
  /** Sequence numbers never seen; a late packet gives its number back. */
  packetsLost = 0;
  /** Came in a burst, too late to be heard live: kept from all sinks but those that take a backlog. */
  packetsStale = 0;
  sinkErrors = 0;

  /** Heard live, each packet as it comes. */
  #sinks: readonly AudioSink[] = [];
  /** Heard live, in pairs of packets. */
  #crowd: readonly AudioSink[] = [];
  #pairs: PacketPairs | undefined;
  /** Those that take a backlog: served when all others are. */
  #patient: readonly AudioSink[] = [];
  /** Those sinks that count towards `maxReceivers`. */
  readonly #receivers = new Set<AudioSink>();
  readonly #maxReceivers: number;
  readonly #crowdAbove: number;
  readonly #onRoom: () => void;
  readonly #beganMs: number;
  #endedMs: number | undefined;
  #highestSequenceNumber: number | undefined;
  #levelDbov = SILENCE_DBOV;
  #skipping = false;
  readonly #liveEdge = new LiveEdge();
  readonly #recent = new RecentPackets();
  readonly #now: () => number;
  readonly #onSinkError: (error: unknown) => void;

  constructor(options: StreamOptions) {
    this.id = options.id;
    this.name = options.name;
    this.private = options.private ?? false;
    this.monitor = options.monitor ?? false;
    this.user = options.user ?? null;
    this.#maxReceivers = options.maxReceivers ?? Infinity;
    this.#crowdAbove = options.crowdAbove ?? Infinity;
    this.#onRoom = options.onRoom ?? (() => undefined);
    this.#onSinkError = options.onSinkError ?? (() => undefined);
    this.#now = options.now ?? (() => performance.now());
    this.#beganMs = this.#now();
  }

  get ended(): boolean {
    return this.#endedMs !== undefined;
  }

  /** From its beginning to now or to its end, whatever anybody does to the clock. */
  get ageMs(): number {
    return (this.#endedMs ?? this.#now()) - this.#beganMs;
  }

  /** Said to everybody: what `latest` and `all` are made of. */
  get isForAll(): boolean {
    return !this.private && !this.monitor;
  }

  get sinkCount(): number {
    return this.#sinks.length + this.#crowd.length + this.#patient.length;
  }

  /** The loudest level since the last call, in dBov; SILENCE_DBOV when nothing came. For meters. */
  takeLevelDbov(): number {
    const level = this.#levelDbov;
    this.#levelDbov = SILENCE_DBOV;
    return level;
  }

  /** Relays one packet to all sinks, a stale one to few. A sink that throws is counted and disturbs no other. */
  write(packet: AudioPacket): void {
    if (this.ended) return;
    if (this.packetsIn === 0) this.#gatherCrowd();
    this.packetsIn += 1;
    this.bytesIn += packet.payload.length;
    this.#countLoss(packet.sequenceNumber);
    if (packet.levelDbov !== undefined && packet.levelDbov > this.#levelDbov) this.#levelDbov = packet.levelDbov;
    const nowMs = this.#now();
    this.#recent.add(packet, nowMs);
    if (this.#liveEdge.isStale(packet.sequenceNumber, packet.timestamp, nowMs)) {
      this.packetsStale += 1;
      this.#skipping = true;
    } else {
      if (this.#skipping) this.#tellSkipped();
      this.#relay(packet, this.#sinks);
      this.#pairs?.write(packet);
    }
    this.#relay(packet, this.#patient);
    if (this.packetsIn === 1) this.onFirstPacket?.();
  }

  /** What was just relayed, for a sink that wants to begin a little earlier than it joins. */
  recentPackets(): RecentPacket[] {
    return this.#recent.at(this.#now());
  }

  /** Joining twice or joining an ended stream does nothing. */
  attach(sink: AudioSink): void {
    if (this.ended || this.#has(sink)) return;
    if (sink.takesBacklog) this.#patient = [...this.#patient, sink];
    else this.#sinks = [...this.#sinks, sink];
    this.#guard(() => sink.attached(this));
  }

  get hasRoom(): boolean {
    return this.#receivers.size < this.#maxReceivers;
  }

  /** `attach` for a receiver; false when there are `maxReceivers` already. */
  attachReceiver(sink: AudioSink): boolean {
    if (!this.#receivers.has(sink) && !this.hasRoom) return false;
    if (this.ended || this.#has(sink)) return true;
    this.#receivers.add(sink);
    if (this.packetsIn > 0 && this.#isCrowded) {
      this.#joinCrowd([sink]);
      this.#guard(() => sink.attached(this));
    } else {
      this.attach(sink);
    }
    return true;
  }

  detach(sink: AudioSink): void {
    const wasFull = !this.hasRoom;
    if (this.#receivers.delete(sink) && wasFull) this.#onRoom();
    if (!this.#has(sink)) return;
    const isOther = (other: AudioSink): boolean => other !== sink;
    this.#sinks = this.#sinks.filter(isOther);
    this.#crowd = this.#crowd.filter(isOther);
    this.#patient = this.#patient.filter(isOther);
    if (this.#crowd.length === 0) this.#endPairs();
    this.#guard(() => sink.detached(this));
  }

  /** Detaches all sinks for ever. Owners end a stream through `Relay.end`, which tells its listeners. */
  end(): void {
    if (this.ended) return;
    this.#endedMs = this.#now();
    // Its last word.
    this.#pairs?.flush();
    this.#endPairs();
    const sinks = [...this.#sinks, ...this.#crowd, ...this.#patient];
    this.#sinks = this.#crowd = this.#patient = [];
    this.#receivers.clear();
    for (const sink of sinks) this.#guard(() => sink.detached(this));
  }

  #has(sink: AudioSink): boolean {
    return [this.#sinks, this.#crowd, this.#patient].some((sinks) => sinks.includes(sink));
  }

  get #isCrowded(): boolean {
    return this.#receivers.size > this.#crowdAbove;
  }

  /** At the first packet: nobody has heard anything yet. */
  #gatherCrowd(): void {
    if (!this.#isCrowded) return;
    this.#joinCrowd(this.#sinks.filter((sink) => this.#receivers.has(sink)));
    this.#sinks = this.#sinks.filter((sink) => !this.#receivers.has(sink));
  }

  #joinCrowd(sinks: readonly AudioSink[]): void {
    this.#crowd = [...this.#crowd, ...sinks];
    this.#pairs ??= new PacketPairs((packet) => this.#relay(packet, this.#crowd));
  }

  #endPairs(): void {
    this.#pairs?.close();
    this.#pairs = undefined;
  }

  #relay(packet: AudioPacket, sinks: readonly AudioSink[]): void {
    for (const sink of sinks) {
      try {
        sink.write(packet);
      } catch (error) {
        this.#countSinkError(error);
      }
    }
    this.packetsOut += sinks.length;
  }

  #tellSkipped(): void {
    this.#skipping = false;
    this.#pairs?.flush();
    for (const sink of [...this.#sinks, ...this.#crowd]) this.#guard(() => sink.skipped?.());
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#countSinkError(error);
    }
  }

  #countSinkError(error: unknown): void {
    this.sinkErrors += 1;
    if (this.sinkErrors === 1) this.#onSinkError(error);
  }

  #countLoss(sequenceNumber: number): void {
    if (this.#highestSequenceNumber === undefined) {
      this.#highestSequenceNumber = sequenceNumber;
      return;
    }
    const delta = sequenceDelta(this.#highestSequenceNumber, sequenceNumber);
    if (delta > 0) {
      if (delta <= MAX_COUNTED_GAP) this.packetsLost += delta - 1;
      this.#highestSequenceNumber = sequenceNumber;
    } else if (delta < 0) {
      if (delta >= -MAX_COUNTED_GAP) this.packetsLost = Math.max(0, this.packetsLost - 1);
      else this.#highestSequenceNumber = sequenceNumber;
    }
  }
}
