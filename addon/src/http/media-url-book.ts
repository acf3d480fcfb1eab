/** MediaUrlBook: the whole URLs of the media server, keys included; whoever is handed one can listen. */
import { isIPv6 } from 'node:net';
import type { MediaUrls } from '@voice-streaming/shared/protocol';
import type { MediaKeys } from './media-keys.ts';

export interface MediaUrlBookOptions {
  keys: MediaKeys;
  /** Name or address; read at each call, as a machine may change its network. */
  host: () => string;
  /** The port really listened on. */
  port: () => number;
  /** Whether the URLs of this id need no key: `media_access: open`, and no private stream. */
  isOpen: (id: string) => boolean;
  /** The keys of this id, or all, are others now: who plays by the old ones is to be cut off. */
  onRotated?: (id: string | undefined) => void;
}

export class MediaUrlBook {
  readonly #options: MediaUrlBookOptions;

  constructor(options: MediaUrlBookOptions) {
    this.#options = options;
  }

  /** `id` is a stream id or `latest`. */
  urlsOf(id: string): MediaUrls {
    const { keys, host, port, isOpen } = this.#options;
    const name = host();
    const authority = `${isIPv6(name) ? `[${name}]` : name}:${port()}`;
    const base = `http://${authority}${isOpen(id) ? '' : `/${keys.keyOf('stream', id)}`}/stream/${id}`;
    return { id, mp3Url: `${base}.mp3`, wavUrl: `${base}.wav` };
  }

  /**
   * New keys for one stream or, without an id, for all of `knownIds` and `latest`. Returns the URLs that opened until
   * now and do no more; none with `media_access: open`, where no URL holds a key.
   */
  async rotate(id: string | undefined, knownIds: readonly string[]): Promise<MediaUrls[]> {
    const ids = id === undefined ? [...new Set(['latest', ...knownIds])] : [id];
    const dead = ids.filter((each) => !this.#options.isOpen(each)).map((each) => this.urlsOf(each));
    try {
      await this.#options.keys.rotate(id);
    } finally {
      // In force even if it could not be stored.
      this.#options.onRotated?.(id);
    }
    return dead;
  }
}
