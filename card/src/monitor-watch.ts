/**
 * Watches over the monitors that are to be heard here: a sleeping child and a dead sender must never look the same. It
 * raises an alarm within ten seconds of a monitor, this device's connection or the sound being gone; what heals within
 * some seconds, as a restart of the server does, raises none, nor does a monitor that a person switched off.
 */
import type { ListenTarget, MonitorInfo, StreamInfo } from '@voice-streaming/shared/protocol';
import { Emitter } from './emitter.ts';
import { steadyNow } from './steady-clock.ts';

export type AlarmReason =
  /** The server misses it. */
  | 'lost'
  /** Its browser wants a tap: it was reloaded. */
  | 'needsTap'
  /** The server cannot be reached from here. */
  | 'server'
  /** All is well, but no sound of it arrives here. */
  | 'noSound';

export interface MonitorAlarm {
  reason: AlarmReason;
  name: string;
  /** Somebody has heard it. */
  acknowledged: boolean;
}

/** The monitors among what is to be heard, taken together. */
export interface WatchedMonitors {
  ids: readonly string[];
  names: readonly string[];
  /** The worst of them, but `off` only where all are. */
  state: MonitorInfo['state'];
  /** Names of those that a person switched off. */
  off: readonly string[];
  /** Names of those whose sound is turned off here. */
  silenced: readonly string[];
  /** So long ago; null: nothing was heard of them yet. */
  lastSoundMs: number | null;
  /** Something can be heard just now. */
  sounding: boolean;
}

export interface MonitorWatchOptions {
  target: () => ListenTarget;
  streams: () => readonly StreamInfo[];
  /** The server answers, and `streams` is its word. */
  isReady: () => boolean;
  /** steadyNow() of the server's last word. */
  lastMessageAt: () => number;
  /** Our clock less the server's. */
  clockLeadMs: () => number;
  /** steadyNow() of the last sound that arrived; null while none is to be heard here. */
  soundAt: () => number | null;
  /** A person turned the sound of this one off, on this device. */
  isSilenced?: (id: string) => boolean;
}

/** From the server's "lost" to the alarm; a monitor is back from a new connection sooner. */
const LOST_MS = 4_000;
/** Without a word of the server, which says something every four seconds. */
const SERVER_MS = 8_000;
/** Without a packet, though the server has them. */
const NO_SOUND_MS = 8_000;
/** After this long without a live monitor nothing is waited for any more. */
const AT_LAST_MS = 9_000;
const TICK_MS = 500;
/** A tick so late has slept, and with it the connection: it gets so long to come back. */
const SLEPT_MS = 10_000;
const WAKE_MS = 5_000;
/** Louder than this is a sound; the server judges by the same. */
const SOUND_DBOV = -50;
const SOUNDING_MS = 1_500;

interface Known {
  name: string;
  state: MonitorInfo['state'];
  lastSoundAt: number | null;
  wasLive: boolean;
  /** Since it has been in this state, as far as we know. */
  since: number;
  /** The server's last word that it is live. */
  liveAt: number;
  heardAt: number;
  /** The server told of it on this connection. */
  listed: boolean;
  /** Somebody has heard the alarm for it, and it is not well again. */
  acknowledged: boolean;
}

export class MonitorWatch {
  /** `alarm` or `watched` changed otherwise than by time. */
  readonly changed = new Emitter();
  readonly #options: MonitorWatchOptions;
  readonly #known = new Map<string, Known>();
  #alarm: MonitorAlarm | null = null;
  /** Whom it names. */
  #alarmId = '';
  #timer: ReturnType<typeof setInterval> | undefined;
  #wakeTimer: ReturnType<typeof setTimeout> | undefined;
  #tickedAt = 0;
  #wasSounding = '';

  constructor(options: MonitorWatchOptions) {
    this.#options = options;
  }

  get alarm(): MonitorAlarm | null {
    return this.#alarm;
  }

  /** Null while no monitor is to be heard. */
  get watched(): WatchedMonitors | null {
    const known = [...this.#known];
    if (known.length === 0) return null;
    const now = steadyNow();
    const states = known.map(([, { state }]) => state);
    const sounds = known.flatMap(([, { heardAt, lastSoundAt }]) => [
      ...(heardAt > 0 ? [heardAt] : []),
      ...(lastSoundAt === null ? [] : [lastSoundAt + this.#options.clockLeadMs()]),
    ]);
    return {
      ids: known.map(([id]) => id),
      names: known.map(([, { name }]) => name),
      state: (['lost', 'needsTap', 'live'] as const).find((state) => states.includes(state)) ?? 'off',
      off: known.flatMap(([, { name, state }]) => (state === 'off' ? [name] : [])),
      silenced: known.flatMap(([id, { name }]) => (this.#options.isSilenced?.(id) ? [name] : [])),
      lastSoundMs: sounds.length === 0 ? null : Math.max(0, now - Math.max(...sounds)),
      sounding: known.some(([, one]) => isSounding(one, now)),
    };
  }

  /** Whether this stream is a monitor that is quiet just now: nobody speaks there. */
  isQuiet(id: string): boolean {
    const one = this.#known.get(id);
    return one !== undefined && !isSounding(one, steadyNow());
  }

  /** Somebody has heard the alarm; its look stays until all is well. */
  acknowledge(): void {
    if (!this.#alarm || this.#alarm.acknowledged) return;
    const isOfAll = this.#alarm.reason === 'server';
    for (const [id, one] of this.#known) one.acknowledged ||= isOfAll || id === this.#alarmId;
    this.#alarm = { ...this.#alarm, acknowledged: true };
    this.changed.emit();
    this.#judge();
  }

  setLevels(levels: Readonly<Record<string, number>>): void {
    const now = steadyNow();
    for (const [id, one] of this.#known) {
      if ((levels[id] ?? -Infinity) > SOUND_DBOV) one.heardAt = now;
    }
    this.#tellSounding();
  }

  /** Target, list or connection may have changed. */
  update(): void {
    const target = this.#options.target();
    const ids = Array.isArray(target) ? target : [];
    const before = JSON.stringify([...this.#known].map(([id, { name, state }]) => [id, name, state]));
    for (const id of this.#known.keys()) if (!ids.includes(id)) this.#known.delete(id);
    const isReady = this.#options.isReady();
    for (const id of isReady ? ids : []) this.#learn(id);
    for (const one of isReady ? [] : this.#known.values()) one.listed = false;
    if (this.#known.size > 0) {
      this.#tickedAt = this.#timer === undefined ? steadyNow() : this.#tickedAt;
      this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    } else {
      this.#stop();
    }
    this.#judge();
    const after = JSON.stringify([...this.#known].map(([id, { name, state }]) => [id, name, state]));
    if (before !== after) this.changed.emit();
  }

  close(): void {
    this.#known.clear();
    this.#stop();
    this.#judge();
  }

  #learn(id: string): void {
    const stream = this.#options.streams().find((one) => one.id === id);
    const known = this.#known.get(id);
    if (!stream?.monitor && (!known || known.listed)) {
      // Never a monitor as far as we know, or one that a person forgot.
      this.#known.delete(id);
      return;
    }
    const now = steadyNow();
    // A server that knows nothing of it any more does not miss it: we do.
    const state = stream?.monitor?.state ?? 'lost';
    this.#known.set(id, {
      name: stream?.name ?? known?.name ?? id,
      state,
      lastSoundAt: stream?.monitor?.lastSoundAt ?? known?.lastSoundAt ?? null,
      wasLive: state !== 'off' && (known?.wasLive === true || state === 'live'),
      since: known?.state === state ? known.since : now,
      liveAt: state === 'live' ? this.#options.lastMessageAt() : (known?.liveAt ?? now),
      heardAt: known?.heardAt ?? 0,
      listed: stream?.monitor !== undefined,
      acknowledged: known?.acknowledged ?? false,
    });
  }

  #tick(): void {
    const now = steadyNow();
    const passedMs = now - this.#tickedAt;
    this.#tickedAt = now;
    if (passedMs > SLEPT_MS && this.#wakeTimer === undefined && !this.#alarm) {
      this.#wakeTimer = setTimeout(() => {
        this.#wakeTimer = undefined;
        this.#judge();
      }, WAKE_MS);
    }
    if (this.#options.isReady()) {
      for (const one of this.#known.values()) if (one.state === 'live') one.liveAt = this.#options.lastMessageAt();
    }
    this.#judge();
    this.#tellSounding();
  }

  #tellSounding(): void {
    const sounding = [...this.#known.keys()].filter((id) => !this.isQuiet(id)).join(' ');
    if (sounding === this.#wasSounding) return;
    this.#wasSounding = sounding;
    this.changed.emit();
  }

  #judge(): void {
    if (this.#wakeTimer !== undefined) return;
    const known = [...this.#known.values()];
    const all = [...this.#known].map(([id, one]) => ({ id, one, reason: this.#reasonOf(one) }));
    for (const { one, reason } of all) if (reason === null && !this.#isPending(one)) one.acknowledged = false;
    // One that nobody has heard of comes before those that somebody has.
    const bad = all
      .filter(({ reason }) => reason !== null)
      .sort((a, b) => +a.one.acknowledged - +b.one.acknowledged)[0];
    const alarm = this.#alarm;
    if (bad?.reason) {
      const { id, reason, one } = bad;
      const { name, acknowledged } = one;
      if (alarm?.reason === reason && alarm.name === name && alarm.acknowledged === acknowledged) return;
      this.#alarm = { reason, name, acknowledged };
      this.#alarmId = id;
    } else {
      // What is not well again, and only not yet bad anew, keeps the alarm that there is.
      if (!alarm || known.some((one) => this.#isPending(one))) return;
      this.#alarm = null;
    }
    this.changed.emit();
  }

  #reasonOf(one: Known): AlarmReason | null {
    const now = steadyNow();
    if (one.state === 'off') return null;
    if (now - this.#options.lastMessageAt() >= SERVER_MS) return 'server';
    if (!this.#options.isReady()) return now - one.liveAt >= AT_LAST_MS ? 'server' : null;
    const isTooLong = now - one.since >= LOST_MS || now - one.liveAt >= AT_LAST_MS;
    if (one.state === 'lost') return isTooLong ? 'lost' : null;
    if (one.state === 'needsTap') return one.wasLive && isTooLong ? 'needsTap' : null;
    const soundAt = this.#options.soundAt();
    return soundAt !== null && now - Math.max(soundAt, one.since) >= NO_SOUND_MS ? 'noSound' : null;
  }

  #isPending({ state, wasLive }: Known): boolean {
    if (state === 'off') return false;
    return !this.#options.isReady() || state === 'lost' || (state === 'needsTap' && wasLive);
  }

  #stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#wakeTimer);
    this.#timer = this.#wakeTimer = undefined;
  }
}

function isSounding({ heardAt }: Known, now: number): boolean {
  return now - heardAt < SOUNDING_MS;
}
