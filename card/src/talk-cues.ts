/** What one hears and feels of one's own talk: now speak, it is over, it was refused. */
import type { Blip } from './blips.ts';
import type { SenderState } from './sender.ts';

export interface TalkCuesOptions {
  blips: { prepare(): void; play(blip: Blip): void; rest(): void };
  /** Whether the card wants sounds. */
  sounds: () => boolean;
  /** As Home Assistant names them. */
  haptic: (type: 'medium' | 'light' | 'failure') => void;
  /** The blips are over by then. */
  restMs?: number;
}

export class TalkCues {
  readonly #options: TalkCuesOptions;
  /** The talk was begun here, and not on another card of the page. */
  #mine = false;
  #last: SenderState = 'idle';
  #wasOnAir = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: TalkCuesOptions) {
    this.#options = options;
  }

  /** Call it inside the gesture, before the press reaches the sender. */
  pressed(): void {
    this.#mine = true;
    this.#wasOnAir = false;
    clearTimeout(this.#timer);
    if (this.#options.sounds()) this.#options.blips.prepare();
  }

  /** `refused`: it ended, or did not begin, because something is wrong. */
  update(state: SenderState, refused: boolean): void {
    const last = this.#last;
    this.#last = state;
    if (!this.#mine) return;
    if (state === 'onAir' && last === 'opening') {
      this.#wasOnAir = true;
      this.#cue('on', 'medium');
    }
    if (state !== 'idle' || (last === 'idle' && !refused)) return;
    this.#mine = false;
    if (refused) this.#cue('refused', 'failure');
    else if (this.#wasOnAir) this.#cue('off', 'light');
    this.#timer = setTimeout(() => this.#options.blips.rest(), this.#options.restMs ?? 1_000);
  }

  #cue(blip: Blip, haptic: 'medium' | 'light' | 'failure'): void {
    if (this.#options.sounds()) this.#options.blips.play(blip);
    this.#options.haptic(haptic);
  }
}
