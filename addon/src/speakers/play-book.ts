/** PlayBook: every play that the media server may be asked for, and those that are over, so that who resumes one is told so. */
import type { Play } from './play.ts';

export class PlayBook {
  readonly #maxPast: number;
  readonly #plays = new Map<string, Play>();
  /** Over for so long that nothing more is known of them; oldest first. */
  readonly #past = new Set<string>();

  constructor(maxPast: number) {
    this.#maxPast = maxPast;
  }

  add(play: Play): void {
    this.#plays.set(play.playId, play);
  }

  find(playId: string): Play | 'over' | undefined {
    const play = this.#plays.get(playId);
    if (play) return play.stopped ? 'over' : play;
    return this.#past.has(playId) ? 'over' : undefined;
  }

  /** Only that it was there. */
  forget({ playId }: Play): void {
    this.#plays.delete(playId);
    this.#past.add(playId);
    const [oldest] = this.#past;
    if (this.#past.size > this.#maxPast && oldest !== undefined) this.#past.delete(oldest);
  }
}
