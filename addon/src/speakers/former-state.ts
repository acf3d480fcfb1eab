/**
 * FormerState: what a speaker was before anybody announced anything on it, and what of that was changed. Who takes the
 * speaker over in the middle inherits it, and puts it back instead.
 */
import type { TargetLimits } from './limits.ts';
import type { PlatformRow } from './platforms.ts';
import type { PlayerWatch } from './player-watch.ts';
import type { HousePlayer } from './ports.ts';
import { putBack, type PutBackOptions } from './restore.ts';
import { takeSnapshot, type Snapshot } from './snapshot.ts';

export class FormerState {
  #snapshot: Snapshot | undefined;
  #restore: boolean;
  #volumeWasSet = false;
  #wasTouched = false;
  #isBack = false;

  /** `restore`: else it is only made silent. */
  constructor(restore: boolean) {
    this.#restore = restore;
  }

  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** Of who had the speaker before, unless he has put it back. */
  inherit(former: FormerState): void {
    if (former.#isBack) return;
    this.#snapshot = former.#snapshot;
    this.#restore ||= former.#snapshot !== undefined && former.#restore;
    this.#volumeWasSet = former.#volumeWasSet;
    this.#wasTouched = former.#wasTouched;
  }

  /** Whether its integration is to keep its state as well. Never rejects. */
  async remember(
    watch: PlayerWatch,
    player: HousePlayer,
    row: PlatformRow,
    limits: TargetLimits,
  ): Promise<{ snapshot: Snapshot; keepState: boolean }> {
    const keepState = this.#restore && this.#snapshot === undefined;
    const snapshot = this.#snapshot ?? (await takeSnapshot(watch, player, row, limits));
    this.#snapshot = snapshot;
    return { snapshot, keepState };
  }

  /** From now on there is something to put back; `prepared`: whether its volume was set. */
  async touch(prepared: Promise<boolean>): Promise<void> {
    this.#wasTouched = true;
    this.#volumeWasSet = (await prepared) || this.#volumeWasSet;
  }

  /** A sentence when something could not be put back. Never rejects. */
  async putBack(options: Omit<PutBackOptions, 'snapshot' | 'volumeWasSet'>): Promise<string | undefined> {
    if (!this.#wasTouched) return undefined;
    const snapshot = this.#restore ? this.#snapshot : undefined;
    const complaint = await putBack({ ...options, snapshot, volumeWasSet: this.#volumeWasSet });
    // Somebody else puts back what is left.
    if (options.abort.aborted) return undefined;
    this.#isBack = true;
    return complaint;
  }
}
