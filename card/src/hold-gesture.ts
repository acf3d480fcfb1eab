/**
 * A switch that goes on with a touch and off only when it is held: a child's hand, a cat or a sleeve touches for less.
 * Screen readers and voice control click without pointer or key, and cannot hold: their click switches both ways.
 */
export interface HoldGestureOptions {
  isOn: () => boolean;
  toggle: () => void;
  /** `wasShort` changed. */
  changed: () => void;
  holdMs?: number;
}

/** How long it is said that a touch was too short. */
const SAID_MS = 4_000;

export class HoldGesture {
  readonly #options: HoldGestureOptions;
  #held: 'pointer' | 'key' | null = null;
  /** The click that ends this touch means nothing any more. */
  #isSpent = false;
  #wasShort = false;
  #holdTimer: ReturnType<typeof setTimeout> | undefined;
  #saidTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: HoldGestureOptions) {
    this.#options = options;
  }

  /** It was touched just now, and not held. */
  get wasShort(): boolean {
    return this.#wasShort;
  }

  readonly pointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.#down('pointer');
  };

  readonly pointerUp = (): void => this.#up('pointer');

  /** The system took the pointer: a scroll, a call. */
  readonly pointerCancel = (): void => this.#let('pointer');

  readonly keyDown = (event: KeyboardEvent): void => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    // No click is to come of it: a key that is held makes many.
    event.preventDefault();
    if (!event.repeat && !this.#held) this.#down('key');
  };

  readonly keyUp = (event: KeyboardEvent): void => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault(); // Firefox makes a click of it otherwise.
    if (this.#held !== 'key') return;
    const isSpent = this.#isSpent;
    this.#up('key');
    if (!isSpent && !this.#options.isOn()) this.#options.toggle();
  };

  readonly blur = (): void => this.#let('key');

  readonly click = (event: MouseEvent): void => {
    const isSpent = this.#isSpent && event.detail !== 0;
    this.#isSpent = false;
    if (this.#held || isSpent) return;
    if (event.detail === 0 || !this.#options.isOn()) this.#options.toggle();
  };

  /** The button is gone. */
  reset(): void {
    this.#held = null;
    clearTimeout(this.#holdTimer);
    clearTimeout(this.#saidTimer);
    this.#wasShort = false;
  }

  #down(by: 'pointer' | 'key'): void {
    this.#held = by;
    this.#isSpent = this.#options.isOn();
    clearTimeout(this.#holdTimer);
    if (!this.#isSpent) return;
    this.#holdTimer = setTimeout(() => {
      this.#held = null;
      this.#say(false);
      if (this.#options.isOn()) this.#options.toggle();
    }, this.#options.holdMs ?? 1_000);
  }

  #up(by: 'pointer' | 'key'): void {
    if (this.#held !== by) return;
    this.#let(by);
    if (this.#isSpent) this.#say(true);
  }

  #let(by: 'pointer' | 'key'): void {
    if (this.#held !== by) return;
    this.#held = null;
    clearTimeout(this.#holdTimer);
  }

  #say(wasShort: boolean): void {
    clearTimeout(this.#saidTimer);
    this.#wasShort = wasShort;
    if (wasShort) this.#saidTimer = setTimeout(() => this.#say(false), SAID_MS);
    this.#options.changed();
  }
}
