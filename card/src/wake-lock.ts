/** Keeps the screen on while it is wanted. The browser takes the lock away with each hiding of the page. */
export class WakeLock {
  #wanted = false;
  #lock: WakeLockSentinel | null = null;
  #asking = false;

  /** Again after the page became visible: the lock is asked for anew. */
  setWanted(wanted: boolean): void {
    this.#wanted = wanted;
    if (wanted) void this.#ask();
    else this.#release();
  }

  get held(): boolean {
    return this.#lock !== null;
  }

  async #ask(): Promise<void> {
    // On plain http pages there is none.
    const { wakeLock } = navigator as Partial<Navigator>;
    if (this.#lock || this.#asking || !wakeLock || document.hidden) return;
    this.#asking = true;
    try {
      const lock = await wakeLock.request('screen');
      this.#lock = lock;
      lock.addEventListener('release', () => {
        if (this.#lock === lock) this.#lock = null;
      });
      if (!this.#wanted) this.#release();
    } catch {
      // Low battery, or hidden in between: the screen goes off as it always does.
    } finally {
      this.#asking = false;
    }
  }

  #release(): void {
    const lock = this.#lock;
    this.#lock = null;
    lock?.release().catch(() => undefined);
  }
}
