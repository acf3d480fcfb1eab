/**
 * The add-on behind Home Assistant's ingress: where it is, whether it runs, and a session that lets this browser in. The
 * session is a cookie, one for all of Home Assistant's pages: whoever opens something sets it anew.
 */
import { Backoff } from './backoff.ts';
import { Emitter } from './emitter.ts';
import { RefusedError, type HomeAssistant } from './home-assistant.ts';
import { webSocketOpener, type OpenSocket, type Socket } from './socket.ts';
import type { Trouble } from './trouble.ts';

export interface IngressAppOptions {
  home: Pick<
    HomeAssistant,
    'appInfo' | 'createSession' | 'validateSession' | 'userChanged' | 'userId' | 'isAdmin' | 'isRunning' | 'startApp'
  >;
  slug: string;
  /** What opens the socket once this browser is let in. */
  openSocket?: OpenSocket;
  /** Where the cookie goes, and what ingress is relative to. */
  document?: Pick<Document, 'cookie' | 'baseURI'>;
  backoff?: Backoff;
  /** Sessions live for 15 minutes; Home Assistant's own panels ask as often. */
  renewMs?: number;
}

/** How long an answer that only a person can change is taken for granted. */
const STOPPED_MS = 5_000;
const REFUSED_MS = 60_000;
/** Sockets in a row that may be refused because their session names nobody, though Core runs and could be asked. */
const MAX_NAMELESS = 8;

/** Of the Supervisor: up, or up and not yet known to be healthy. */
const RUNNING = ['started', 'startup'];

export class IngressApp {
  /** Its URL or what is wrong with it. */
  readonly changed = new Emitter();
  readonly #home: IngressAppOptions['home'];
  readonly #slug: string;
  readonly #openInner: OpenSocket;
  readonly #document: Pick<Document, 'cookie' | 'baseURI'>;
  readonly #backoff: Backoff;
  readonly #renewMs: number;
  readonly #sockets = new Set<() => void>();
  #url: string | null = null;
  #trouble: Trouble | null = null;
  #session: { id: string; userId: string | undefined } | null = null;
  #admitting: Promise<void> | null = null;
  #askAgainAt = 0;
  #nameless = 0;
  /** How its start goes, which somebody asked for here. */
  #startTold: Trouble | null = null;
  #users = 0;
  #stopUse: (() => void) | null = null;

  constructor(options: IngressAppOptions) {
    this.#home = options.home;
    this.#slug = options.slug;
    this.#openInner = options.openSocket ?? webSocketOpener();
    this.#document = options.document ?? document;
    this.#backoff = options.backoff ?? new Backoff({ firstMs: 500, maxMs: STOPPED_MS });
    this.#renewMs = options.renewMs ?? 60_000;
  }

  /** Of its WebSocket; null until Home Assistant has told it. */
  get url(): string | null {
    return this.#url;
  }

  get trouble(): Trouble | null {
    return this.#trouble;
  }

  /** Somebody needs it; call the returned function when no longer. */
  use(): () => void {
    this.#users += 1;
    if (this.#users === 1) this.#begin();
    let used = true;
    return () => {
      if (!used) return;
      used = false;
      this.#users -= 1;
      if (this.#users === 0) this.#stopUse?.();
    };
  }

  /** For the signaling client: lets this browser in first, each time. */
  readonly openSocket: OpenSocket = (url, handlers) => {
    let socket: Socket | null = null;
    let heard = false;
    const closed = (): void => {
      if (this.#sockets.delete(dropped)) handlers.closed();
    };
    const dropped = (): void => {
      socket?.close();
      closed();
    };
    this.#sockets.add(dropped);
    this.#admit().then(() => {
      if (!this.#sockets.has(dropped)) return;
      const message = (data: unknown): void => {
        if (heard || this.#isKnown(data)) handlers.message(data);
        else dropped();
        heard = true;
      };
      try {
        socket = this.#openInner(url, { message, closed });
      } catch {
        closed();
      }
    }, closed);
    return {
      send: (text) => socket?.send(text),
      close: () => {
        this.#sockets.delete(dropped);
        socket?.close();
      },
    };
  };

  #begin(): void {
    let retry: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const find = (): void => {
      this.#admit().then(
        () => this.#backoff.reset(),
        () => {
          // From the first success on, the signaling client asks by itself.
          if (!over && this.#url === null) retry = setTimeout(find, this.#backoff.nextMs());
        },
      );
    };
    const renewal = setInterval(() => this.#renew(), this.#renewMs);
    const unsubscribe = this.#home.userChanged.subscribe(() => {
      this.#session = null;
      this.#askAgainAt = 0;
      for (const drop of [...this.#sockets]) drop();
    });
    find();
    this.#stopUse = () => {
      over = true;
      clearTimeout(retry);
      clearInterval(renewal);
      unsubscribe();
      this.#stopUse = null;
    };
  }

  /** Resolves when the cookie lets this browser in; else rejects and says in `trouble` what a person can do. */
  #admit(): Promise<void> {
    if (Date.now() < this.#askAgainAt) return Promise.reject(new Error('refused'));
    this.#admitting ??= this.#ask().finally(() => (this.#admitting = null));
    return this.#admitting;
  }

  async #ask(): Promise<void> {
    try {
      const [info, session] = await Promise.all([this.#home.appInfo(this.#slug), this.#validSession()]);
      if (!RUNNING.includes(info.state)) {
        const start = this.#home.isAdmin ? { code: 'appStopped' as const, start: this.#start } : null;
        // How a start goes is told until it runs.
        this.#refused(this.#startTold ?? start ?? { code: 'appStoppedAsk' }, STOPPED_MS);
        throw new Error(info.state);
      }
      const url = new URL(`${info.ingressUrl.replace(/\/?$/, '/')}ws`, this.#document.baseURI);
      this.#startTold = null;
      this.#letIn(session, url);
      url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
      this.#set(url.href, null);
    } catch (error) {
      // Core that starts again learns its commands one after the other, and a Supervisor does not go away.
      const isTold = error instanceof RefusedError && (error.code !== 'noSupervisor' || this.#url === null);
      if (isTold) this.#refused(troubleOf(error), REFUSED_MS);
      throw error;
    }
  }

  /**
   * A session made while the Supervisor could not ask Core, as after a restart, names nobody for as long as it lives, and
   * an administrator would count for nobody: better another one.
   */
  #isKnown(hello: unknown): boolean {
    // What the message is worth besides is for others to judge.
    if (this.#home.userId === undefined || !/"user":\{"name":null/.test(String(hello))) {
      this.#nameless = 0;
      return true;
    }
    this.#session = null;
    if (this.#home.isRunning) this.#nameless += 1;
    return this.#nameless > MAX_NAMELESS;
  }

  readonly #start = (): void => {
    const tell = (trouble: Trouble): void => this.#refused((this.#startTold = trouble), 0);
    tell({ code: 'appStarting' });
    this.#home.startApp(this.#slug).catch((error: unknown) => {
      tell({ code: 'appStartFailed', detail: (error as Error).message, start: this.#start });
    });
  };

  async #validSession(): Promise<string> {
    const { userId } = this.#home;
    const kept = this.#session;
    // Kept for as long as it is good, whatever became of a socket: Core may not know anybody just now.
    if (kept?.userId === userId && kept !== null) {
      const isValid = await this.#home.validateSession(kept.id).then(
        () => true,
        () => false,
      );
      if (isValid) return kept.id;
    }
    const id = await this.#home.createSession(this.#slug);
    this.#session = { id, userId };
    return id;
  }

  /** An open socket needs no session, but the next one and every file does. */
  #renew(): void {
    if (!this.#session || this.#url === null || this.#admitting) return;
    this.#admit().catch(() => undefined);
  }

  #letIn(session: string, { protocol }: URL): void {
    const secure = protocol === 'https:' ? ';Secure' : '';
    this.#document.cookie = `ingress_session=${session};path=/api/hassio_ingress/;SameSite=Strict${secure}`;
  }

  #refused(trouble: Trouble, forMs: number): void {
    this.#askAgainAt = Date.now() + forMs;
    this.#set(this.#url, trouble);
  }

  #set(url: string | null, trouble: Trouble | null): void {
    if (url === this.#url && trouble?.code === this.#trouble?.code) return;
    this.#url = url;
    this.#trouble = trouble;
    this.changed.emit();
  }
}

function troubleOf({ code }: RefusedError): Trouble {
  switch (code) {
    case 'noSupervisor':
      return { code: 'urlMissing' };
    case 'notInstalled':
      return { code: 'appMissing' };
    case 'forbidden':
      return { code: 'appForbidden' };
  }
}
