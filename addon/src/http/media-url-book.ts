/** MediaUrlBook: the whole URLs of the media server, keys included; whoever is handed one can listen. */
import { isIPv6 } from 'node:net';
import type { MediaUrls } from '@voice-streaming/shared/protocol';
import { FORMAT_EXTENSION, type AudioFormat } from '../media/transcoder/formats.ts';
import type { MediaKeys, MediaKind } from './media-keys.ts';

/** MediaUrls and the one at 320 kbit/s. */
export interface TalkUrls extends MediaUrls {
  mp3At320Url: string;
}

export interface TalkOfUrl {
  readonly talkId: string;
  readonly streamId: string;
  readonly private: boolean;
}

export interface MediaUrlBookOptions {
  keys: MediaKeys;
  /** Name or address; read at each call, as a machine may change its network. */
  host: () => string;
  /** The port really listened on. */
  port: () => number;
  /** Whether players reach that port at all. Default: they do. */
  isReachable?: () => boolean;
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

  /** False: nobody opens what is made here, as its owner has closed the port. */
  get isReachable(): boolean {
    return this.#options.isReachable?.() ?? true;
  }

  /** `id` is a stream id or `latest`. */
  urlsOf(id: string): MediaUrls {
    const { keys, isOpen } = this.#options;
    const base = this.#base('stream', id, isOpen(id) ? undefined : keys.keyOf('stream', id));
    const urls = { id, mp3Url: `${base}.mp3`, wavUrl: `${base}.wav` };
    return id === 'latest' ? urls : { ...urls, channelMp3Url: this.channelUrls(id).mp3Url };
  }

  /** Continuous: silence while nobody speaks. `id` is a stream id. */
  channelUrls(id: string): TalkUrls {
    const { keys, isOpen } = this.#options;
    return this.#urls('channel', id, isOpen(id) ? undefined : keys.keyOf('channel', id));
  }

  /** Of one talk from its first word, while it is kept. A RecordedTalk has what it takes. */
  talkUrls({ talkId, streamId, private: isPrivate }: TalkOfUrl): TalkUrls {
    const { keys, isOpen } = this.#options;
    const key = !isPrivate && isOpen(streamId) ? undefined : keys.keyOf('talk', talkId, streamId);
    return this.#urls('talk', talkId, key);
  }

  /** What one player is to play; it holds a key whatever `media_access` says. */
  announcementUrl(playId: string, format: AudioFormat): string {
    const key = this.#options.keys.keyOf('announcement', playId);
    return `${this.#base('announcement', playId, key)}.${FORMAT_EXTENSION[format]}`;
  }

  #urls(kind: MediaKind, id: string, key: string | undefined): TalkUrls {
    const base = this.#base(kind, id, key);
    return { id, mp3Url: `${base}.mp3`, mp3At320Url: `${base}.320.mp3`, wavUrl: `${base}.wav` };
  }

  #base(kind: MediaKind, id: string, key: string | undefined): string {
    const { host, port } = this.#options;
    const name = host();
    const authority = `${isIPv6(name) ? `[${name}]` : name}:${port()}`;
    return `http://${authority}${key === undefined ? '' : `/${key}`}/${kind}/${id}`;
  }

  /**
   * New keys for one stream or, without an id, for all of `knownIds` and `latest`. Returns the URLs that opened until
   * now and do no more; none with `media_access: open`, where no URL holds a key. Rejects when that cannot be stored: then
   * all is as it was.
   */
  async rotate(id: string | undefined, knownIds: readonly string[]): Promise<MediaUrls[]> {
    const ids = id === undefined ? [...new Set(['latest', ...knownIds])] : [id];
    const dead = ids.filter((each) => !this.#options.isOpen(each)).map((each) => this.urlsOf(each));
    await this.#options.keys.rotate(id);
    this.#options.onRotated?.(id);
    return dead;
  }
}
