/**
 * The routes that play: `/<key>/<kind>/<id>.<mp3, 320.mp3 or wav>`, kind being stream, channel, talk or announcement, and
 * the same without a key where a door has let the client in already; `/play/<ticket>/<id>.mp3`, whose ticket is the check. A
 * wrong key, an unknown id and a stream nobody speaks on all get the same answer; only a browser with the right key gets
 * a page that waits, and a player never gets HTML.
 */
import { Router, type Request, type Response } from 'express';
import type { Log } from '../log.ts';
import type { BreachCounter } from '../media/limit-breaches.ts';
import type { KeyedListeners } from './keyed-listeners.ts';
import type { MediaKind } from './media-keys.ts';
import { hasTicket, parseFile, parsePath, type MediaPath } from './media-path.ts';
import { PlayerResponses, type PlayerLimits } from './player-response.ts';
import type { TicketKind } from './play-tickets.ts';
import { NOT_FOUND, onlyMethods, sendPlain } from './plain.ts';
import type { Audit } from './ports.ts';
import { Sounds, type SoundsOptions } from './sounds.ts';
import type { ListenerCounters } from './stream-listener.ts';
import { waitingPage, WAITING_PAGE_POLICY } from './waiting-page.ts';

export interface StreamRoutesOptions extends SoundsOptions {
  log: Log;
  /** In constant time. Undefined: no path with a key. */
  checkKey?: ((key: string, kind: MediaKind, id: string) => boolean) | undefined;
  /** In constant time. Undefined: no path with a ticket. */
  checkTicket?: ((ticket: string, id: string, kind: TicketKind) => boolean) | undefined;
  /** Paths without a key, for whoever gets here. What is private still wants its own. Default: when there is no `checkKey`. */
  open?: boolean | undefined;
  /** Any web page may play: for the media server, whose keys are the check. Default: when there is a `checkKey`. */
  cors?: boolean | undefined;
  limits?: PlayerLimits | undefined;
  /** Shared by all doors; default: own ones. */
  counters?: ListenerCounters | undefined;
  /** Told of everybody who plays by a key or a ticket. */
  keyed?: KeyedListeners | undefined;
  audit?: Audit | undefined;
  breaches?: BreachCounter | undefined;
}

const OVER = 'What was said here is over and no longer kept.';

export function createStreamRoutes(options: StreamRoutesOptions): Router {
  const routes = new StreamRoutes(options);
  const onlyGet = onlyMethods('GET', 'HEAD');
  const router = Router();
  router.use((request, response, next) => {
    const path = parsePath(request.path);
    if (!path) {
      next();
      return;
    }
    // On every answer, or it would tell a right key from a wrong one.
    response.vary('Accept');
    routes.allowOrigins(path, response);
    onlyGet(request, response, () => {
      routes.answer(path, request, response).catch(next);
    });
  });
  return router;
}

/** Whether a page would be understood. Players and `<audio>` ask for anything or for audio. */
export function wantsPage(accept: string | undefined): boolean {
  return accept?.includes('text/html') ?? false;
}

class StreamRoutes {
  readonly #options: StreamRoutesOptions;
  readonly #sounds: Sounds;
  readonly #players: PlayerResponses;
  readonly #open: boolean;
  readonly #cors: boolean;

  constructor(options: StreamRoutesOptions) {
    this.#options = options;
    this.#sounds = new Sounds(options);
    this.#players = new PlayerResponses({ ...options, listenerCount: () => options.transcoder.listenerCount });
    this.#open = options.open ?? options.checkKey === undefined;
    this.#cors = options.cors ?? options.checkKey !== undefined;
  }

  allowOrigins(path: MediaPath, response: Response): void {
    // A dashboard of Home Assistant plays from here, which is another origin.
    if (!this.#cors && !hasTicket(path)) return;
    response.set('Access-Control-Allow-Origin', '*');
    response.set('Access-Control-Allow-Headers', 'Icy-MetaData, Range');
    response.set('Access-Control-Expose-Headers', 'icy-br, icy-metaint, icy-name');
    // helmet's default would keep the sound from other origins' pages.
    response.set('Cross-Origin-Resource-Policy', 'cross-origin');
  }

  async answer(path: MediaPath, request: Request, response: Response): Promise<void> {
    const { kind, key } = path;
    const { id, format } = parseFile(path.file) ?? {};
    if (!id || !format || !this.#sounds.isId(kind, id) || !this.#admits(path, id)) {
      sendPlain(response, 404, NOT_FOUND);
      return;
    }
    const sound = this.#sounds.find(kind, id);
    if (sound === 'over') {
      sendPlain(response, 410, OVER);
    } else if (sound && !(sound.private && (key === undefined || kind === 'play'))) {
      await this.#players.answer(sound, format, key !== undefined, request, response);
    } else if (kind === 'stream' && wantsPage(request.get('Accept'))) {
      sendIdle(id, response);
    } else {
      sendPlain(response, 404, NOT_FOUND);
    }
  }

  #admits({ key, kind }: MediaPath, id: string): boolean {
    if (kind === 'play' || kind === 'replay') return this.#options.checkTicket?.(key ?? '', id, kind) ?? false;
    return key === undefined ? this.#open : (this.#options.checkKey?.(key, kind, id) ?? false);
  }
}

function sendIdle(id: string, response: Response): void {
  response.set({ 'Content-Security-Policy': WAITING_PAGE_POLICY, 'Cache-Control': 'no-store' });
  response.set({ 'Referrer-Policy': 'no-referrer', 'X-Content-Type-Options': 'nosniff' });
  response.status(404).type('html').send(waitingPage(id));
}
