/** The sound of "monitor lost": again and again until it is stopped. Loud, and like no other sound of the card. */
import { Emitter } from './emitter.ts';
import { wavOf, type Tone } from './wav.ts';

/** Three quick pairs, then a pause: heard in the next room, and through sleep. */
const TONES: readonly Tone[] = [0, 300, 600].flatMap((fromMs) => [
  { hz: 988, fromMs, forMs: 120 },
  { hz: 1319, fromMs: fromMs + 130, forMs: 120 },
]);
const LOOP_MS = 1_600;
/** The system may stop it, as for a call, and a speaker may fail: it is begun anew. */
const LOOK_MS = 2_000;

const GESTURES = ['pointerup', 'keydown'] as const;

export interface AlarmOptions {
  createElement?: () => HTMLAudioElement;
  /** Device id of the speaker; empty for the system's own. */
  speaker?: () => string;
}

type WithSink = Omit<HTMLAudioElement, 'setSinkId'> & { setSinkId?: (deviceId: string) => Promise<void> };

export class Alarm {
  /** `refused` changed. */
  readonly changed = new Emitter();
  readonly #options: AlarmOptions;
  #element: HTMLAudioElement | null = null;
  #ready = false;
  #on = false;
  #refused = false;
  /** A gesture has let the element play. */
  #unlocked = false;
  #position = -1;
  #lookTimer: ReturnType<typeof setInterval> | undefined;
  #urls: { alarm: string; silence: string } | null = null;

  constructor(options: AlarmOptions = {}) {
    this.#options = options;
  }

  /** It should sound, and the browser wants a tap first. */
  get refused(): boolean {
    return this.#refused;
  }

  /** It may be needed: the next gesture lets it sound later, as iOS allows each element by itself. */
  setReady(ready: boolean): void {
    if (ready === this.#ready) return;
    this.#ready = ready;
    for (const type of GESTURES) {
      if (ready) document.addEventListener(type, this.#onGesture, { capture: true });
      else document.removeEventListener(type, this.#onGesture, { capture: true });
    }
    if (!ready) this.setOn(false);
  }

  setOn(on: boolean): void {
    if (on === this.#on) return;
    this.#on = on;
    clearInterval(this.#lookTimer);
    if (on) {
      this.#position = -1;
      this.#lookTimer = setInterval(() => this.#look(), LOOK_MS);
      void this.#play(true);
    } else {
      this.#element?.pause();
      this.#setRefused(false);
    }
  }

  close(): void {
    this.setReady(false);
    this.setOn(false);
    this.#element?.remove();
    this.#element = null;
    this.#unlocked = false;
    for (const url of Object.values(this.#urls ?? {})) URL.revokeObjectURL(url);
    this.#urls = null;
  }

  #look(): void {
    const element = this.#element;
    if (!element) return;
    if (element.paused || element.currentTime === this.#position) void this.#play(true);
    this.#position = element.currentTime;
  }

  async #play(alarm: boolean): Promise<void> {
    this.#urls ??= {
      alarm: URL.createObjectURL(wavOf(LOOP_MS, TONES)),
      silence: URL.createObjectURL(wavOf(100, [])),
    };
    const element = (this.#element ??= this.#create());
    element.src = alarm ? this.#urls.alarm : this.#urls.silence;
    element.loop = alarm;
    const speaker = this.#options.speaker?.() ?? '';
    try {
      // A speaker that was unplugged is no reason for silence.
      if (alarm && speaker !== '') await useSpeaker(element, speaker);
      await element.play();
      this.#unlocked = true;
      if (alarm && !this.#on) element.pause();
      if (alarm) this.#setRefused(false);
    } catch (error) {
      if (alarm && this.#on && error instanceof Error && error.name === 'NotAllowedError') this.#setRefused(true);
    }
  }

  readonly #onGesture = (): void => {
    if (this.#on) {
      if (this.#refused) void this.#play(true);
    } else if (!this.#unlocked) {
      void this.#play(false);
    }
  };

  #create(): HTMLAudioElement {
    const element = (this.#options.createElement ?? createInBody)();
    element.dataset['voiceStreamingAlarm'] = '';
    return element;
  }

  #setRefused(refused: boolean): void {
    if (refused === this.#refused) return;
    this.#refused = refused;
    this.changed.emit();
  }
}

async function useSpeaker(element: WithSink, speaker: string): Promise<void> {
  const choose = (id: string): Promise<unknown> => element.setSinkId?.(id) ?? Promise.resolve();
  await choose(speaker).catch(() => choose('').catch(() => undefined));
}

function createInBody(): HTMLAudioElement {
  const element = document.createElement('audio');
  element.hidden = true;
  document.body.append(element);
  return element;
}
