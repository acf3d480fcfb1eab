/**
 * From fingers and keys to press and release. Hold to talk; a short tap latches and the next one ends; or only one of
 * these. It cannot leave a talk open: whatever takes the pointer or the focus away ends it.
 */
import type { TalkMode } from './config.ts';

export interface TalkGestureOptions {
  press: () => void;
  release: () => void;
  /** The talk ended for another reason than this gesture when this says false. */
  isTalking: () => boolean;
  /** `latched` changed. */
  changed: () => void;
  mode?: () => TalkMode;
  /** Shorter is a tap. */
  tapMs?: number;
  /** A finger that moved farther meant to scroll: never a latch. */
  tapMovePx?: number;
}

export class TalkGesture {
  readonly #options: TalkGestureOptions;
  #held: 'pointer' | 'key' | null = null;
  #pointerId = -1;
  #from = { x: 0, y: 0 };
  #moved = false;
  #heldSince = 0;
  #latched = false;

  constructor(options: TalkGestureOptions) {
    this.#options = options;
  }

  /** On air without a finger on the button. */
  get latched(): boolean {
    return this.#latched && this.#options.isTalking();
  }

  readonly pointerDown = (event: PointerEvent): void => {
    if (event.button !== 0 || this.#held) return;
    const button = event.currentTarget as HTMLElement;
    // Captured, so that a finger that slides off still holds.
    button.setPointerCapture(event.pointerId);
    this.#pointerId = event.pointerId;
    this.#from = { x: event.clientX, y: event.clientY };
    this.#moved = false;
    this.#down('pointer');
  };

  readonly pointerMove = (event: PointerEvent): void => {
    if (this.#held !== 'pointer' || event.pointerId !== this.#pointerId) return;
    const { x, y } = this.#from;
    this.#moved ||= Math.hypot(event.clientX - x, event.clientY - y) > (this.#options.tapMovePx ?? 24);
  };

  readonly pointerUp = (event: PointerEvent): void => {
    if (event.pointerId === this.#pointerId) this.#up('pointer', !this.#moved);
  };

  /** The system took the pointer (a call, a gesture, a scroll), or its capture: never a latch. */
  readonly pointerCancel = (event: PointerEvent): void => {
    if (event.pointerId === this.#pointerId) this.#up('pointer', false);
  };

  readonly keyDown = (event: KeyboardEvent): void => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    if (!event.repeat && !this.#held) this.#down('key');
  };

  readonly keyUp = (event: KeyboardEvent): void => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault(); // Firefox makes a click of it otherwise.
    this.#up('key', true);
  };

  /** The focus left while a key was down: its keyup goes elsewhere. */
  readonly blur = (): void => this.#up('key', false);

  /** Screen readers and voice control click without pointer or key. They cannot hold, so it latches in every mode. */
  readonly click = (event: MouseEvent): void => {
    if (event.detail !== 0 || this.#held) return;
    if (!this.#down('key')) return;
    this.#held = null;
    this.#setLatched(this.#options.isTalking());
  };

  /** The button is gone. What it began is ended by whoever took it away. */
  reset(): void {
    this.#held = null;
    this.#setLatched(false);
  }

  /** False when this ended a latched talk. */
  #down(by: 'pointer' | 'key'): boolean {
    if (this.latched) {
      this.#setLatched(false);
      this.#options.release();
      return false;
    }
    this.#setLatched(false);
    this.#held = by;
    this.#heldSince = performance.now();
    this.#options.press();
    return true;
  }

  #up(by: 'pointer' | 'key', mayLatch: boolean): void {
    if (this.#held !== by) return;
    this.#held = null;
    if (mayLatch && this.#latches) this.#setLatched(this.#options.isTalking());
    else this.#options.release();
  }

  get #latches(): boolean {
    switch (this.#options.mode?.() ?? 'both') {
      case 'hold':
        return false;
      case 'latch':
        return true;
      default:
        return performance.now() - this.#heldSince < (this.#options.tapMs ?? 350);
    }
  }

  #setLatched(latched: boolean): void {
    if (latched === this.#latched) return;
    this.#latched = latched;
    this.#options.changed();
  }
}
