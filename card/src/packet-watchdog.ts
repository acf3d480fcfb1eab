/**
 * Watches that voices really arrive, by packets and not by states: a listener whose Wi-Fi changed stays "connected".
 *
 * What should arrive is what the server says: a level above silence means that it got a packet of that voice within the
 * last 200 ms and passed it on to us. Several such levels and not one packet here: our transport is dead (`starved`). A
 * sender that is muted, pauses or was lost itself has no level, and is no reason for anything. Two cases have no level
 * to go by: a source without levels (WHIP) and a server that can no longer be heard either. There, silence is only a
 * suspicion (`doubtful`), raised once per silence.
 */
import { SILENCE_DBOV } from './talkers.ts';
import { steadyNow } from './steady-clock.ts';

export interface PacketWatchdogOptions {
  /** Packets received so far, of all slots; null while there is no open transport. */
  readPackets: () => Promise<number | null>;
  starved: () => void;
  /** The server may be out of reach: whoever waits to ask it until all is certain is back late. Once per silence. */
  suspicious: () => void;
  /** `flowed`: packets came before, so it may be the transport; else it can only be the server. */
  doubtful: (flowed: boolean) => void;
  intervalMs?: number;
  /** Without a packet for so long, and levels say that there should be. */
  starvedMs?: number;
  /** Levels above silence needed, at five a second. */
  minLevels?: number;
  /** Without a packet and without a word on levels. Opus sends one every 400 ms even in pauses (DTX). */
  suspiciousMs?: number;
  doubtfulMs?: number;
  /** A reopened transport that starves again gets twice the time, up to this. */
  maxStarvedMs?: number;
}

/** Levels and packets travel apart: a level so soon after the last packet may be of that very packet. */
const LEVEL_LAG_MS = 400;
/** Packets are counted now and then, so the last one may be noted later than the silence after it was told. */
const SILENCE_LEAD_MS = 1_000;

export class PacketWatchdog {
  readonly #options: Required<PacketWatchdogOptions>;
  #heard: readonly string[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  #reading = false;
  #packets: number | null = null;
  #lastPacketAt = 0;
  #flowed = false;
  #flowedAt = 0;
  #suspected = false;
  #doubted = false;
  #starvedMs: number;
  /** How often the server has said "loud" since the last packet. */
  #loudLevels = 0;
  /** When it said of whom that nothing comes; it says so once. */
  readonly #silentAt = new Map<string, number>();

  constructor(options: PacketWatchdogOptions) {
    const silence = { starvedMs: 1_200, maxStarvedMs: 15_000, suspiciousMs: 1_000, doubtfulMs: 2_000 };
    this.#options = { intervalMs: 400, minLevels: 3, ...silence, ...options };
    this.#starvedMs = this.#options.starvedMs;
  }

  /** steadyNow() of the last look that found new packets; 0: none yet. */
  get flowedAt(): number {
    return this.#flowedAt;
  }

  /** Streams on our slots; whether they change or the transport does, time begins anew. */
  watch(heard: readonly string[]): void {
    this.#heard = heard;
    for (const id of this.#silentAt.keys()) if (!heard.includes(id)) this.#silentAt.delete(id);
    this.#flowed = false;
    this.#packets = null;
    this.#restart();
    if (heard.length === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    } else {
      this.#timer ??= setInterval(() => void this.check(), this.#options.intervalMs);
    }
  }

  levels(levels: Readonly<Record<string, number>>): void {
    const now = steadyNow();
    let loud = false;
    for (const id of this.#heard) {
      const level = levels[id];
      if (level === SILENCE_DBOV) this.#silentAt.set(id, now);
      else if (level !== undefined) {
        loud = true;
        this.#silentAt.delete(id);
      }
    }
    if (loud && now - this.#lastPacketAt >= LEVEL_LAG_MS) this.#loudLevels += 1;
  }

  /** Also between two intervals: timers of hidden pages are slow. */
  async check(): Promise<void> {
    if (this.#reading || this.#heard.length === 0) return;
    this.#reading = true;
    try {
      this.#judge(await this.#options.readPackets());
    } catch {
      // The transport closed under our hands; the next one is watched anew.
    } finally {
      this.#reading = false;
    }
  }

  #judge(packets: number | null): void {
    if (this.#heard.length === 0) return;
    const before = this.#packets;
    this.#packets = packets;
    if (packets === null || before === null || packets !== before) {
      if (packets !== null && before !== null && packets > before) {
        this.#flowed = true;
        this.#flowedAt = steadyNow();
        this.#starvedMs = this.#options.starvedMs;
      }
      this.#restart();
      return;
    }
    const { minLevels, suspiciousMs, doubtfulMs, maxStarvedMs } = this.#options;
    const quietMs = steadyNow() - this.#lastPacketAt;
    if (this.#loudLevels >= minLevels && quietMs >= this.#starvedMs) {
      this.#starvedMs = Math.min(maxStarvedMs, this.#starvedMs * 2);
      this.#restart();
      this.#options.starved();
    } else if (!this.#doubted && quietMs >= doubtfulMs && !this.#everyoneSilent) {
      this.#doubted = true;
      this.#options.doubtful(this.#flowed);
    } else if (!this.#suspected && quietMs >= suspiciousMs && !this.#everyoneSilent) {
      this.#suspected = true;
      this.#options.suspicious();
    }
  }

  /**
   * The server gets nothing of them either, and said so when packets stopped. Said long before, it means nothing: such
   * a voice has no levels, or its packets are of silence, and they came all the same.
   */
  get #everyoneSilent(): boolean {
    const since = this.#lastPacketAt - SILENCE_LEAD_MS;
    return this.#heard.every((id) => (this.#silentAt.get(id) ?? -Infinity) >= since);
  }

  #restart(): void {
    this.#lastPacketAt = steadyNow();
    this.#suspected = false;
    this.#doubted = false;
    this.#loudLevels = 0;
  }
}
