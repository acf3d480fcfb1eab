import type { ListenerCounts } from '../../src/signaling/ports.ts';

/** HTTP listeners, set by hand. */
export class FakeListeners implements ListenerCounts {
  readonly #counts = new Map<string, number>();
  readonly #callbacks = new Set<() => void>();

  get subscribers(): number {
    return this.#callbacks.size;
  }

  set(streamId: string, count: number): void {
    this.#counts.set(streamId, count);
    for (const callback of this.#callbacks) callback();
  }

  listenersOf(streamId: string): number {
    return this.#counts.get(streamId) ?? 0;
  }

  onListenersChanged(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }
}
