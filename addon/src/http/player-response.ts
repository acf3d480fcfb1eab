/**
 * PlayerResponse: the answer to a player that may hear a sound: the headers that old and new players want, no chunked
 * encoding, metadata for who asks, and a StreamListener for the body.
 */
import type { Request, Response } from 'express';
import type { Log } from '../log.ts';
import { LimitBreaches, type BreachCounter } from '../media/limit-breaches.ts';
import { BITRATE_KBPS, type AudioFormat } from '../media/transcoder/formats.ts';
import { ICY_META_INTERVAL_BYTES, IcyMetadata } from './icy.ts';
import type { KeyedListeners } from './keyed-listeners.ts';
import { admissionOf } from './admit.ts';
import { answerDlna } from './dlna.ts';
import { PlayProgress } from './play-progress.ts';
import { LIMIT_HEADER, sendPlain } from './plain.ts';
import type { Audit } from './ports.ts';
import type { Sound } from './sounds.ts';
import { ListenerCounters, StreamListener } from './stream-listener.ts';

export interface PlayerLimits {
  /** Listeners at once, over all doors. Default 128. */
  maxListeners?: number;
  /** Of those from one address. Default 64: players behind one relay, and never all places. */
  maxListenersPerAddress?: number;
  /** Bytes one listener of something live may leave untaken. Default 256 KiB. */
  maxBufferedBytes?: number;
  /** How long a client may take for the rest of a talk that ended. Default 10 s. */
  lingerMs?: number;
}

export interface PlayerResponsesOptions {
  log: Log;
  listenerCount: () => number;
  limits?: PlayerLimits | undefined;
  counters?: ListenerCounters | undefined;
  keyed?: KeyedListeners | undefined;
  audit?: Audit | undefined;
  breaches?: BreachCounter | undefined;
}

const CONTENT_TYPE: Record<AudioFormat, string> = {
  mp3: 'audio/mpeg',
  'mp3-320': 'audio/mpeg',
  wav: 'audio/wav',
};
const RETRY_AFTER_S = 10;
const MAX_USER_AGENT_CHARS = 80;

export class PlayerResponses {
  readonly #options: PlayerResponsesOptions;
  readonly #log: Log;
  readonly #maxListeners: number;
  readonly #maxListenersPerAddress: number;
  readonly #maxBufferedBytes: number;
  readonly #lingerMs: number;
  readonly #counters: ListenerCounters;
  readonly #breaches: BreachCounter;
  /** Admitted, and no listeners yet: what is to be played is looked for. */
  #coming = 0;

  constructor(options: PlayerResponsesOptions) {
    this.#options = options;
    this.#log = options.log.child('listeners');
    this.#maxListeners = options.limits?.maxListeners ?? 128;
    this.#maxListenersPerAddress = options.limits?.maxListenersPerAddress ?? 64;
    this.#maxBufferedBytes = options.limits?.maxBufferedBytes ?? 256 * 1024;
    this.#lingerMs = options.limits?.lingerMs ?? 10_000;
    this.#counters = options.counters ?? new ListenerCounters();
    this.#breaches = options.breaches ?? new LimitBreaches(options);
  }

  /** `isKeyed`: it plays by a key or a ticket, which may be renewed. */
  async answer(
    sound: Sound,
    format: AudioFormat,
    isKeyed: boolean,
    request: Request,
    response: Response,
  ): Promise<void> {
    const isHead = request.method === 'HEAD';
    const dlna = answerDlna(request.headers, format);
    if (dlna.refusal) {
      sendPlain(response, dlna.refusal.status, dlna.refusal.sentence);
      return;
    }
    const address = request.socket.remoteAddress ?? 'somebody';
    const refusal = isHead ? undefined : this.#refusalOf(address);
    if (refusal) {
      this.#counters.refusedListeners += 1;
      this.#breaches.count('listeners', refusal);
      response.set({ 'Retry-After': String(RETRY_AFTER_S), [LIMIT_HEADER]: 'listeners' });
      sendPlain(response, 503, refusal);
      return;
    }
    if (!isHead) response.on('close', this.#counters.places.take(address));
    // Radio is what VLC (3.0, `b_reconnect` in modules/access/http.c) takes everything for that says so: it asks again and
    // again after the end, and plays what is over for ever.
    const isRadio = sound.once !== true;
    const wantsIcy = isRadio && format !== 'wav' && request.get('Icy-MetaData') === '1';
    const icy = wantsIcy ? new IcyMetadata(() => sound.title()) : undefined;
    const length = icy ? undefined : await this.#lengthOf(sound, format);
    if (response.destroyed) return;
    // Not through Express's set(), which adds a charset that some players do not know.
    response.setHeader('Content-Type', CONTENT_TYPE[format]);
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Accept-Ranges', 'none');
    response.setHeader('Connection', 'close');
    if (isRadio) {
      response.setHeader('icy-name', `Voice Streaming: ${sound.name}`);
      response.setHeader('icy-br', String(BITRATE_KBPS[format]));
    }
    response.setHeader('X-Content-Type-Options', 'nosniff');
    for (const [name, value] of Object.entries(dlna.headers)) response.setHeader(name, value);
    if (icy) response.setHeader('icy-metaint', String(ICY_META_INTERVAL_BYTES));
    if (length !== undefined) response.setHeader('Content-Length', String(length));
    // The end of the connection is the end of the stream, as Icecast does it: old players trip over chunked encoding.
    response.useChunkedEncodingByDefault = false;
    response.status(200);
    if (isHead) {
      response.end();
      return;
    }
    request.socket.setNoDelay(true);
    this.#start(sound, format, isKeyed, request, response, icy);
  }

  async #lengthOf(sound: Sound, format: AudioFormat): Promise<number | undefined> {
    this.#coming += 1;
    try {
      return await sound.length(format);
    } finally {
      this.#coming -= 1;
    }
  }

  #refusalOf(address: string): string | undefined {
    if (this.#options.listenerCount() + this.#coming >= this.#maxListeners) {
      return `${this.#maxListeners} players are listening already. Try again later.`;
    }
    if (this.#counters.places.of(address) < this.#maxListenersPerAddress) return undefined;
    return `${this.#maxListenersPerAddress} players are listening from your address already. Try again later.`;
  }

  #start(
    sound: Sound,
    format: AudioFormat,
    isKeyed: boolean,
    request: Request,
    response: Response,
    icy: IcyMetadata | undefined,
  ): void {
    const log = this.#log.child(`${sound.name} ${format}`);
    const startedAtMs = performance.now();
    const address = request.socket.remoteAddress ?? 'somebody';
    const userAgent = request.get('User-Agent')?.slice(0, MAX_USER_AGENT_CHARS) ?? '';
    log.info(`played by ${address} (${userAgent || 'no name'})`);
    const who = { user: admissionOf(response).user?.name ?? null, place: address, by: format };
    const report = sound.play?.fetched({ address, userAgent, format });
    const progress: PlayProgress | undefined =
      report &&
      new PlayProgress({ report, format, sentBytes: () => listener.drainedBytes, connection: request.socket });
    const listener: StreamListener = new StreamListener({
      response,
      counters: this.#counters,
      icy,
      maxBufferedBytes: this.#maxBufferedBytes,
      lingerMs: this.#lingerMs,
      onClosed: (outcome, reason) => {
        if (outcome === 'tooSlow') this.#breaches.count('listener_buffer', `A player is ended: ${reason}.`);
        this.#options.keyed?.delete(listener);
        this.#options.audit?.hears(listener, who, []);
        progress?.close(outcome);
        const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
        log.info(`over: ${reason}, ${seconds} s, ${listener.bytes} bytes`);
      },
    });
    if (isKeyed) this.#options.keyed?.add(listener, sound.owner);
    this.#options.audit?.hears(listener, who, [sound.name]);
    listener.listen((consumer) => sound.listen(format, consumer));
  }
}
