/**
 * Plays on when a phone's screen is off: the stream as MP3 in one audio element, which phones let play, and not by WebRTC,
 * which they put to sleep. It comes back by itself; while there is nothing to play it plays silence, as a page that is
 * silent is put to sleep too.
 */
import type { ListenTarget, Requests } from '@voice-streaming/shared/protocol';
import { Backoff } from './backoff.ts';
import { Emitter } from './emitter.ts';
import { wavOf } from './wav.ts';
import { steadyNow } from './steady-clock.ts';

export interface ScreenOffPlayerOptions {
  /** Of the signaling; the server's other paths are beside it. */
  url: string;
  getUrl: (args: Requests['getPlayUrl']['args']) => Promise<Requests['getPlayUrl']['result']>;
  createElement?: () => HTMLAudioElement;
  backoff?: Backoff;
}

/** A stream that stands still for so long is asked for anew. */
const STALLED_MS = 4_000;
const LOOK_MS = 1_000;

export class ScreenOffPlayer {
  readonly changed = new Emitter();
  readonly #options: ScreenOffPlayerOptions;
  readonly #backoff: Backoff;
  #on = false;
  #blocked = false;
  /** What to play: a stream's id or `latest`. */
  #id: string | null = null;
  #path: { id: string; path: string } | null = null;
  #element: HTMLAudioElement | null = null;
  #silence: string | null = null;
  /** Counts what is played: what an older one says is not heard. */
  #call = 0;
  #isSound = false;
  #position = 0;
  #movedAt = 0;
  #playedAt = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #lookTimer: ReturnType<typeof setInterval> | undefined;

  constructor(options: ScreenOffPlayerOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? new Backoff({ firstMs: 500, maxMs: 2_000 });
  }

  get on(): boolean {
    return this.#on;
  }

  /** The browser wants a tap first. */
  get blocked(): boolean {
    return this.#on && this.#blocked;
  }

  /** steadyNow() of the last moment at which it sounded; 0: not yet. */
  get soundAt(): number {
    return this.#movedAt;
  }

  /** Call it inside a gesture. */
  setOn(on: boolean): void {
    if (on === this.#on) return;
    this.#on = on;
    this.#restart();
    this.changed.emit();
  }

  /** Of several streams it plays the first: an MP3 is one voice. */
  setTarget(target: ListenTarget): void {
    const id = target === null ? null : Array.isArray(target) ? (target[0] ?? null) : 'latest';
    if (id === this.#id) return;
    this.#id = id;
    this.#restart();
  }

  setVolume(volume: number): void {
    if (this.#element) this.#element.volume = volume;
  }

  setMuted(muted: boolean): void {
    if (this.#element) this.#element.muted = muted;
  }

  /** Inside a gesture, or when the network is back. */
  poke(): void {
    if (this.#on && this.#id !== null && (this.#blocked || !this.#isSound)) this.#restart();
  }

  close(): void {
    this.#on = false;
    this.#restart();
    this.#element?.remove();
    this.#element = null;
    if (this.#silence !== null) URL.revokeObjectURL(this.#silence);
    this.#silence = null;
  }

  #restart(): void {
    this.#call += 1;
    clearTimeout(this.#retryTimer);
    clearInterval(this.#lookTimer);
    this.#isSound = false;
    if (!this.#on || this.#id === null) {
      this.#element?.pause();
      this.#element?.removeAttribute('src');
      this.#setBlocked(false);
      return;
    }
    this.#lookTimer = setInterval(() => this.#look(), LOOK_MS);
    // At once, and so inside the gesture.
    this.#playSilence();
    void this.#load(this.#id);
  }

  async #load(id: string): Promise<void> {
    const call = this.#call;
    const path = await this.#findPath(id);
    if (call !== this.#call) return;
    if (path === null) {
      this.#retry();
      return;
    }
    const base = new URL(path, this.#options.url);
    base.protocol = base.protocol === 'wss:' ? 'https:' : 'http:';
    this.#isSound = true;
    this.#playedAt = steadyNow();
    this.#play(base.href, false);
  }

  /** A ticket of before will do while the server cannot be asked. */
  async #findPath(id: string): Promise<string | null> {
    try {
      const { path } = await this.#options.getUrl({ streamId: id });
      this.#path = { id, path };
    } catch {
      // Not here, or not listed now: it is asked again.
    }
    return this.#path?.id === id ? this.#path.path : null;
  }

  #retry(): void {
    this.#call += 1;
    clearTimeout(this.#retryTimer);
    if (this.#isSound) this.#playSilence();
    this.#isSound = false;
    this.#retryTimer = setTimeout(() => {
      if (this.#id !== null) void this.#load(this.#id);
    }, this.#backoff.nextMs());
  }

  #playSilence(): void {
    this.#silence ??= URL.createObjectURL(wavOf(2_000, []));
    this.#play(this.#silence, true);
  }

  #play(src: string, loop: boolean): void {
    const element = (this.#element ??= this.#create());
    element.loop = loop;
    element.src = src;
    this.#position = 0;
    element.play().then(
      () => this.#setBlocked(false),
      (error: unknown) => {
        // What else goes wrong is told by `error`.
        if (error instanceof Error && error.name === 'NotAllowedError') this.#setBlocked(true);
      },
    );
  }

  #look(): void {
    const element = this.#element;
    if (!element || !this.#isSound) return;
    if (element.currentTime !== this.#position) {
      this.#position = element.currentTime;
      this.#movedAt = steadyNow();
      this.#backoff.reset();
    } else if (steadyNow() - Math.max(this.#movedAt, this.#playedAt) > STALLED_MS) {
      this.#retry();
    }
  }

  #create(): HTMLAudioElement {
    const element = (this.#options.createElement ?? createInBody)();
    element.dataset['voiceStreamingScreenOff'] = '';
    const over = (): void => {
      if (this.#isSound) this.#retry();
    };
    element.addEventListener('ended', over);
    element.addEventListener('error', over);
    return element;
  }

  #setBlocked(blocked: boolean): void {
    if (blocked === this.#blocked) return;
    this.#blocked = blocked;
    this.changed.emit();
  }
}

function createInBody(): HTMLAudioElement {
  const element = document.createElement('audio');
  element.hidden = true;
  document.body.append(element);
  return element;
}
