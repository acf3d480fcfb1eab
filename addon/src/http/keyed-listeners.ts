/** KeyedListeners: who plays by a URL that holds a key or a ticket, over all doors; new keys cut them off. */
import type { StreamListener } from './stream-listener.ts';

export class KeyedListeners {
  readonly #idOf = new Map<Pick<StreamListener, 'cut'>, string>();

  /** `id` is a stream id or `latest`, as it stands in the URL. */
  add(listener: Pick<StreamListener, 'cut'>, id: string): void {
    this.#idOf.set(listener, id);
  }

  delete(listener: Pick<StreamListener, 'cut'>): void {
    this.#idOf.delete(listener);
  }

  /** Without an id: all. */
  cut(id: string | undefined): void {
    for (const [listener, played] of [...this.#idOf]) {
      if (id === undefined || played === id) listener.cut('its URL opens no more');
    }
  }
}
