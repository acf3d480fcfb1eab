/**
 * Plays the slots: one media element each, in the document's body and not in a card, so that sound survives a card that
 * is moved or taken away. Knows when the browser refuses sound before a gesture.
 */
import { Emitter } from './emitter.ts';

/** Events that browsers count as a gesture; `pointerdown` is none on touch screens. */
const GESTURES = ['pointerup', 'click', 'keydown'] as const;

/** From `pointerup` or `keydown` to the `click` that the same tap makes. */
const SAME_TAP_MS = 400;

export class Playback {
  /** `blocked` changed. */
  readonly changed = new Emitter();
  readonly #elements: HTMLAudioElement[] = [];
  #blocked = false;
  #unblockedAt = -Infinity;
  #muted = false;

  /** The browser wants a tap before it plays sound. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** The tap that enabled sound may still be on its way to a button; it has done its work. */
  get justUnblocked(): boolean {
    return performance.now() - this.#unblockedAt < SAME_TAP_MS;
  }

  attach(slot: number, track: MediaStreamTrack): void {
    const element = (this.#elements[slot] ??= createElement(slot));
    element.muted = this.#muted;
    element.srcObject = new MediaStream([track]);
    void this.#play(element);
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    for (const element of this.#elements) element.muted = muted;
  }

  /** Tries again; call it inside a gesture. */
  unlock(): void {
    for (const element of this.#elements) void this.#play(element);
  }

  close(): void {
    for (const element of this.#elements) {
      element.srcObject = null;
      element.remove();
    }
    this.#elements.length = 0;
    this.#setBlocked(false);
  }

  async #play(element: HTMLAudioElement): Promise<void> {
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

  readonly #onGesture = (): void => this.unlock();
}

function createElement(slot: number): HTMLAudioElement {
  const element = document.createElement('audio');
  element.autoplay = true;
  element.hidden = true;
  element.dataset['voiceStreamingSlot'] = String(slot);
  document.body.append(element);
  return element;
}
