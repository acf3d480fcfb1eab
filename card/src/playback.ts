/**
 * Plays the slots: one media element each, in the document's body and not in a card, so that sound survives a card that
 * is moved or taken away. Knows when the browser refuses sound before a gesture, and which speaker is chosen.
 */
import { BrowserStorage } from './browser-storage.ts';
import { chosenDevice, parseKept, type ChosenDevice } from './chosen-device.ts';
import { Emitter } from './emitter.ts';
import { PlaybackSlot } from './playback-slot.ts';

/** Events that browsers count as a gesture; `pointerdown` is none on touch screens. */
const GESTURES = ['pointerup', 'click', 'keydown'] as const;

/** From `pointerup` or `keydown` to the `click` that the same tap makes. */
const SAME_TAP_MS = 400;

const SPEAKER_ITEM = 'voice-streaming.speaker';

export interface PlaybackOptions {
  storage?: BrowserStorage;
  createSlot?: (mid: string) => PlaybackSlot;
}

export class Playback {
  /** `blocked` or `speaker` changed. */
  readonly changed = new Emitter();
  readonly #storage: BrowserStorage;
  readonly #createSlot: (mid: string) => PlaybackSlot;
  readonly #slots = new Map<string, PlaybackSlot>();
  #volumes: Readonly<Record<string, number>> = {};
  #blocked = false;
  #unblockedAt = -Infinity;
  #muted = false;

  constructor({ storage = new BrowserStorage(), createSlot = createInBody }: PlaybackOptions = {}) {
    this.#storage = storage;
    this.#createSlot = createSlot;
    mediaDevices()?.addEventListener('devicechange', this.#onDevices);
  }

  /** The browser wants a tap before it plays sound. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** An element stands still that was to play: the browser refused it, or the system took the sound. */
  get isPaused(): boolean {
    return [...this.#slots.values()].some(({ isPaused }) => isPaused);
  }

  /** The tap that enabled sound may still be on its way to a button; it has done its work. */
  get justUnblocked(): boolean {
    return performance.now() - this.#unblockedAt < SAME_TAP_MS;
  }

  /** Device id of the chosen speaker; empty is the system's own choice. */
  get speaker(): string {
    return this.chosenSpeaker?.id ?? '';
  }

  /** Kept in the browser; null is the system's own choice. */
  get chosenSpeaker(): ChosenDevice | null {
    return chosenDevice(parseKept(this.#storage.read(SPEAKER_ITEM)));
  }

  /** Whether this browser lets a page choose. */
  static get canChooseSpeaker(): boolean {
    return typeof HTMLMediaElement === 'function' && 'setSinkId' in HTMLMediaElement.prototype;
  }

  attach(mid: string, track: MediaStreamTrack): void {
    const known = this.#slots.get(mid);
    const slot = known ?? this.#createSlot(mid);
    this.#slots.set(mid, slot);
    slot.setMuted(this.#muted);
    slot.setVolume(this.#volumes[mid] ?? 1);
    // A speaker that was unplugged meanwhile is no reason for silence: the system's own plays then.
    if (!known && this.speaker !== '') slot.setSink(this.speaker).catch(() => undefined);
    slot.attach(track);
    void this.#play(slot);
  }

  /** 0 to 1 by mid; a slot without one plays at full. */
  setVolumes(volumes: Readonly<Record<string, number>>): void {
    this.#volumes = volumes;
    for (const [mid, slot] of this.#slots) slot.setVolume(volumes[mid] ?? 1);
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    for (const slot of this.#slots.values()) slot.setMuted(muted);
  }

  /** Rejects, and keeps the speaker there was, when there is no such device or no leave to use it. */
  async setSpeaker(device: ChosenDevice | null): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.setSink(device?.id ?? '')));
    this.#storage.write(SPEAKER_ITEM, device && JSON.stringify(device));
    this.changed.emit();
  }

  /** A speaker was unplugged or is back: the system's own plays while the chosen one is away. */
  async #followSpeaker(): Promise<void> {
    const { speaker } = this;
    if (speaker === '' || this.#slots.size === 0) return;
    const devices =
      (await mediaDevices()
        ?.enumerateDevices()
        .catch(() => [])) ?? [];
    const isThere = devices.some(({ kind, deviceId }) => kind === 'audiooutput' && deviceId === speaker);
    for (const slot of this.#slots.values()) slot.setSink(isThere ? speaker : '').catch(() => undefined);
  }

  /** Plays whatever stands still: a gesture allows it, or the system had paused it. */
  unlock(): void {
    for (const slot of this.#slots.values()) void this.#play(slot);
  }

  close(): void {
    mediaDevices()?.removeEventListener('devicechange', this.#onDevices);
    for (const slot of this.#slots.values()) slot.close();
    this.#slots.clear();
    this.#setBlocked(false);
  }

  async #play({ element }: PlaybackSlot): Promise<void> {
    try {
      await element.play();
      this.#setBlocked(false);
    } catch (error) {
      // AbortError: a newer track came in between; that one's own play() tells.
      if (error instanceof Error && error.name === 'NotAllowedError') this.#setBlocked(true);
    }
  }

  #setBlocked(blocked: boolean): void {
    if (blocked === this.#blocked) return;
    this.#blocked = blocked;
    if (!blocked) this.#unblockedAt = performance.now();
    for (const type of GESTURES) {
      if (blocked) document.addEventListener(type, this.#onGesture, { capture: true });
      else document.removeEventListener(type, this.#onGesture, { capture: true });
    }
    this.changed.emit();
  }

  readonly #onDevices = (): void => void this.#followSpeaker();

  readonly #onGesture = (): void => this.unlock();
}

/** Missing on pages that are not secure, whatever TypeScript's own types say. */
function mediaDevices(): MediaDevices | undefined {
  return (navigator as Partial<Pick<Navigator, 'mediaDevices'>>).mediaDevices;
}

function createInBody(mid: string): PlaybackSlot {
  const slot = new PlaybackSlot({ mid });
  document.body.append(slot.element);
  return slot;
}
