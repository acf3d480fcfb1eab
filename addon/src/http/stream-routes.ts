/**
 * The routes that play: `/<key>/stream/<id or latest>.<mp3 or wav>`, and the same without a key where a door has let
 * the client in already; `/play/<ticket>/<id>.mp3`, whose ticket is the check. `/channel/` and `/talk/` are reserved. A wrong key, an unknown id and a stream nobody speaks on
 * all get the same answer; only a browser with the right key gets a page that waits, and a player never gets HTML.
 */
import { isStreamId } from '@voice-streaming/shared/parse';
import { Router, type Request, type Response } from 'express';
import type { Log } from '../log.ts';
import { DropCounter } from '../media/drop-counter.ts';
import type { Relay } from '../media/relay.ts';
import { AUDIO_FORMATS, BITRATE_KBPS, FORMAT_EXTENSION, type AudioFormat } from '../media/transcoder/formats.ts';
import type { Transcoder } from '../media/transcoder/transcoder.ts';
import { ICY_META_INTERVAL_BYTES, IcyMetadata } from './icy.ts';
import type { KeyedListeners } from './keyed-listeners.ts';
import { NOT_FOUND, onlyMethods, sendPlain } from './plain.ts';
import { ListenerCounters, StreamListener } from './stream-listener.ts';
import { waitingPage, WAITING_PAGE_POLICY } from './waiting-page.ts';

export interface StreamRoutesLimits {
  /** Listeners at once, over all doors. Default 64. */
  maxListeners?: number;
  /** Bytes one listener may leave untaken. Default 256 KiB. */
  maxBufferedBytes?: number;
  /** How long a client may take for the rest of a talk that ended. Default 10 s. */
  lingerMs?: number;
}

export interface StreamRoutesOptions {
  transcoder: Transcoder;
  relay: Relay;
  log: Log;
  /** In constant time. Undefined: no path with a key. */
  checkKey?: ((key: string, kind: 'stream' | 'channel' | 'talk', id: string) => boolean) | undefined;
  /** In constant time. Undefined: no path with a ticket. */
  checkTicket?: ((ticket: string, id: string) => boolean) | undefined;
  /** Paths without a key, for whoever gets here. Private streams still want theirs. Default: when there is no `checkKey`. */
  open?: boolean | undefined;
  /** Any web page may play: for the media server, whose keys are the check. Default: when there is a `checkKey`. */
  cors?: boolean | undefined;
  limits?: StreamRoutesLimits | undefined;
  /** Shared by all doors; default: own ones. */
  counters?: ListenerCounters | undefined;
  /** Told of everybody who plays by a key or a ticket. */
  keyed?: KeyedListeners | undefined;
}

type Kind = 'stream' | 'channel' | 'talk' | 'play';

interface Target {
  /** Or a ticket. */
  key: string | undefined;
  kind: Kind;
  /** As it stands in the path: never decoded, as no right one has anything to decode. */
  file: string;
}

const PLAY_PATH = /^\/play\/([^/]+)\/([^/]+)$/;
const PATH = /^(?:\/([^/]+))?\/(stream|channel|talk)\/([^/]+)$/;
const PLAYED: readonly Kind[] = ['stream', 'play'];
const FILE = /^([^.]+)\.(mp3|320\.mp3|wav)$/;
const CONTENT_TYPE: Record<AudioFormat, string> = {
  mp3: 'audio/mpeg',
  'mp3-320': 'audio/mpeg',
  wav: 'audio/wav',
};
const RETRY_AFTER_S = 10;

export function createStreamRoutes(options: StreamRoutesOptions): Router {
  const routes = new StreamRoutes(options);
  const onlyGet = onlyMethods('GET', 'HEAD');
  const router = Router();
  router.use((request, response, next) => {
    const target = parsePath(request.path);
    if (!target) {
      next();
      return;
    }
    // On every answer, or it would tell a right key from a wrong one.
    response.vary('Accept');
    routes.allowOrigins(target, response);
    onlyGet(request, response, () => routes.answer(target, request, response));
  });
  return router;
}

/** Undefined: not ours, `/stream/status` included. */
export function parsePath(path: string): Target | undefined {
  const [, ticket, played] = PLAY_PATH.exec(path) ?? [];
  if (ticket && played) return { key: ticket, kind: 'play', file: played };
  const [, key, kind, file] = PATH.exec(path) ?? [];
  if (!kind || !file || (key === undefined && file === 'status')) return undefined;
  return { key, kind: kind as Kind, file };
}

/** Whether the target brings its own permission: then no door need check who asks. */
export function hasTicket(target: Target): boolean {
  return target.kind === 'play';
}

/** Whether a page would be understood. Players and `<audio>` ask for anything or for audio. */
export function wantsPage(accept: string | undefined): boolean {
  return accept?.includes('text/html') ?? false;
}

/** Of an extension that FILE lets through. */
function formatOf(extension: string): AudioFormat {
  return AUDIO_FORMATS.find((format) => FORMAT_EXTENSION[format] === extension) ?? 'mp3';
}

class StreamRoutes {
  readonly #options: StreamRoutesOptions;
  readonly #log: Log;
  readonly #open: boolean;
  readonly #cors: boolean;
  readonly #maxListeners: number;
  readonly #maxBufferedBytes: number;
  readonly #lingerMs: number;
  readonly #counters: ListenerCounters;
  readonly #refused: DropCounter;

  constructor(options: StreamRoutesOptions) {
    this.#options = options;
    this.#log = options.log.child('listeners');
    this.#open = options.open ?? options.checkKey === undefined;
    this.#cors = options.cors ?? options.checkKey !== undefined;
    this.#maxListeners = options.limits?.maxListeners ?? 64;
    this.#maxBufferedBytes = options.limits?.maxBufferedBytes ?? 256 * 1024;
    this.#lingerMs = options.limits?.lingerMs ?? 10_000;
    this.#counters = options.counters ?? new ListenerCounters();
    this.#refused = new DropCounter({ log: this.#log, what: 'listeners refused as there were too many' });
  }

  allowOrigins(target: Target, response: Response): void {
    // A dashboard of Home Assistant plays from here, which is another origin.
    if (!this.#cors && !hasTicket(target)) return;
    response.set('Access-Control-Allow-Origin', '*');
    response.set('Access-Control-Allow-Headers', 'Icy-MetaData, Range');
    response.set('Access-Control-Expose-Headers', 'icy-br, icy-metaint, icy-name');
    // helmet's default would keep the sound from other origins' pages.
    response.set('Cross-Origin-Resource-Policy', 'cross-origin');
  }

  answer(target: Target, request: Request, response: Response): void {
    const [, id, extension] = FILE.exec(target.file) ?? [];
    if (!id || !extension || !isStreamId(id) || !this.#admits(target, id) || !PLAYED.includes(target.kind)) {
      sendPlain(response, 404, NOT_FOUND);
      return;
    }
    const format = formatOf(extension);
    const { relay, transcoder } = this.#options;
    if (id === 'latest') {
      const title = (): string => relay.latest?.name ?? '';
      this.#play({ id, format, title, key: target.key }, request, response, (listener) => {
        listener.listen((consumer) => transcoder.listenLatest(format, consumer));
      });
      return;
    }
    const stream = relay.get(id);
    if (!stream || (stream.private && (target.key === undefined || hasTicket(target)))) {
      if (hasTicket(target)) sendPlain(response, 404, NOT_FOUND);
      else this.#sendIdle(id, request, response);
      return;
    }
    this.#play({ id, format, title: () => stream.name, key: target.key }, request, response, (listener) => {
      listener.listen((consumer) => transcoder.listenStream(stream, format, consumer));
    });
  }

  #admits({ key, kind }: Target, id: string): boolean {
    if (kind === 'play') return this.#options.checkTicket?.(key ?? '', id) ?? false;
    return key === undefined ? this.#open : (this.#options.checkKey?.(key, kind, id) ?? false);
  }

  #sendIdle(id: string, request: Request, response: Response): void {
    if (!wantsPage(request.get('Accept'))) {
      sendPlain(response, 404, NOT_FOUND);
      return;
    }
    response.set({ 'Content-Security-Policy': WAITING_PAGE_POLICY, 'Cache-Control': 'no-store' });
    response.set({ 'Referrer-Policy': 'no-referrer', 'X-Content-Type-Options': 'nosniff' });
    response.status(404).type('html').send(waitingPage(id));
  }

  #play(
    sound: { id: string; format: AudioFormat; title: () => string; key: string | undefined },
    request: Request,
    response: Response,
    begin: (listener: StreamListener) => void,
  ): void {
    const { id, format, title } = sound;
    const isHead = request.method === 'HEAD';
    if (!isHead && this.#options.transcoder.listenerCount >= this.#maxListeners) {
      this.#counters.refusedListeners += 1;
      this.#refused.count();
      response.set('Retry-After', String(RETRY_AFTER_S));
      sendPlain(response, 503, `${this.#maxListeners} players are listening already. Try again later.`);
      return;
    }
    const icy = format !== 'wav' && request.get('Icy-MetaData') === '1' ? new IcyMetadata(title) : undefined;
    // Not through Express's set(), which adds a charset that some players do not know.
    response.setHeader('Content-Type', CONTENT_TYPE[format]);
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Accept-Ranges', 'none');
    response.setHeader('Connection', 'close');
    response.setHeader('icy-name', `Voice Streaming: ${id}`);
    response.setHeader('icy-br', String(BITRATE_KBPS[format]));
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (icy) response.setHeader('icy-metaint', String(ICY_META_INTERVAL_BYTES));
    // The end of the connection is the end of the stream, as Icecast does it: old players trip over chunked encoding.
    response.useChunkedEncodingByDefault = false;
    response.status(200);
    if (isHead) {
      response.end();
      return;
    }
    request.socket.setNoDelay(true);
    this.#start(sound, request, response, icy, begin);
  }

  #start(
    { id, format, key }: { id: string; format: AudioFormat; key: string | undefined },
    request: Request,
    response: Response,
    icy: IcyMetadata | undefined,
    begin: (listener: StreamListener) => void,
  ): void {
    const log = this.#log.child(`${id}.${format}`);
    const startedAtMs = Date.now();
    log.info(
      `played by ${request.socket.remoteAddress ?? 'somebody'} (${request.get('User-Agent')?.slice(0, 80) ?? 'no name'})`,
    );
    const listener: StreamListener = new StreamListener({
      response,
      counters: this.#counters,
      icy,
      maxBufferedBytes: this.#maxBufferedBytes,
      lingerMs: this.#lingerMs,
      onClosed: (reason) => {
        this.#options.keyed?.delete(listener);
        const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1);
        log.info(`over: ${reason}, ${seconds} s, ${listener.bytes} bytes`);
      },
    });
    if (key !== undefined) this.#options.keyed?.add(listener, id);
    begin(listener);
  }
}
