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
  /** True with `media_access: open`: URLs without keys. */
  open: boolean;
}

export class MediaUrlBook {
  readonly #options: MediaUrlBookOptions;

  constructor(options: MediaUrlBookOptions) {
    this.#options = options;
  }

  /** `id` is a stream id or `latest`. */
  urlsOf(id: string): MediaUrls {
    const { keys, host, port, open } = this.#options;
    const name = host();
    const authority = `${isIPv6(name) ? `[${name}]` : name}:${port()}`;
    const base = `http://${authority}${open ? '' : `/${keys.keyOf('stream', id)}`}/stream/${id}`;
    return { id, mp3Url: `${base}.mp3`, wavUrl: `${base}.wav` };
  }

  /**
   * New keys for one stream or, without an id, for all of `knownIds` and `latest`. Returns the URLs that opened until
   * now and do no more; none with `media_access: open`, where no URL holds a key.
   */
  async rotate(id: string | undefined, knownIds: readonly string[]): Promise<MediaUrls[]> {
    const ids = id === undefined ? [...new Set(['latest', ...knownIds])] : [id];
    const dead = this.#options.open ? [] : ids.map((each) => this.urlsOf(each));
    await this.#options.keys.rotate(id);
    return dead;
  }
}
