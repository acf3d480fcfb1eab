/**
 * From fingers and keys to press and release. Hold to talk; a short tap latches and the next one ends. It cannot leave a
 * talk open: whatever takes the pointer or the focus away ends it.
 */
export interface TalkGestureOptions {
  press: () => void;
  release: () => void;
  /** The talk ended for another reason than this gesture when this says false. */
  isTalking: () => boolean;
  /** `latched` changed. */
  changed: () => void;
  /** Shorter is a tap. */
  tapMs?: number;
}

export class TalkGesture {
  readonly #options: TalkGestureOptions;
  #held: 'pointer' | 'key' | null = null;
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
    this.#down('pointer');
  };

  readonly pointerUp = (): void => this.#up('pointer', true);

  /** The system took the pointer (a call, a gesture, a scroll): never a latch. */
  readonly pointerCancel = (): void => this.#up('pointer', false);

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

  /** Screen readers and voice control click without pointer or key: that is a tap. */
  readonly click = (event: MouseEvent): void => {
    if (event.detail !== 0 || this.#held) return;
    this.#down('key');
    this.#up('key', true);
  };

  #down(by: 'pointer' | 'key'): void {
    if (this.latched) {
      this.#setLatched(false);
      this.#options.release();
      return;
    }
    this.#setLatched(false);
    this.#held = by;
    this.#heldSince = performance.now();
    this.#options.press();
  }

  #up(by: 'pointer' | 'key', mayLatch: boolean): void {
    if (this.#held !== by) return;
    this.#held = null;
    const isTap = performance.now() - this.#heldSince < (this.#options.tapMs ?? 350);
    if (mayLatch && isTap) this.#setLatched(this.#options.isTalking());
    else this.#options.release();
  }

  #setLatched(latched: boolean): void {
    if (latched === this.#latched) return;
    this.#latched = latched;
    this.#options.changed();
  }
}
