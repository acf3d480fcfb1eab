/** One open page: both transports are read once a second, and the self-test waits. Closed, nothing of it runs. */
import type { PageTools } from '../page-tools.ts';
import type { Session } from '../session.ts';
import { EchoTest } from './echo-test.ts';
import type { PathFacts } from './facts.ts';
import { readPath } from './path-stats.ts';
import { readSurroundings, type Surroundings } from './surroundings.ts';
import { VoiceWindow } from './voice-window.ts';

const READ_MS = 1_000;

export class Watch {
  readonly session: Session;
  readonly echo: EchoTest;
  receiving: PathFacts | null = null;
  sending: PathFacts | null = null;
  signalingMs: number | null = null;
  surroundings: Surroundings | null = null;
  readonly #changed: () => void;
  readonly #windows = { sender: new VoiceWindow(), receiver: new VoiceWindow() };
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #output: AudioContext | null;
  #closed = false;

  constructor(session: Session, tools: PageTools, changed: () => void) {
    this.session = session;
    this.#changed = changed;
    this.echo = new EchoTest({ session, tools });
    this.echo.changed.subscribe(changed);
    this.#output = openOutput();
    this.#timer = setInterval(() => void this.#read(), READ_MS);
    void this.#read();
    void readSurroundings().then((surroundings) => (this.surroundings = surroundings));
  }

  /** Zero is what a context says that does not know. */
  get outputMs(): number | null {
    return this.#output && this.#output.outputLatency > 0 ? this.#output.outputLatency * 1000 : null;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.echo.close();
    void this.#output?.close().catch(() => undefined);
  }

  async #read(): Promise<void> {
    const { receiver, sender } = this.session;
    const [receiving, sending] = await Promise.all([
      this.#path('receiver', receiver.heard.length > 0),
      this.#path('sender', sender.state === 'onAir'),
    ]);
    const isTold = (receiving?.roundTripMs ?? sending?.roundTripMs ?? null) !== null;
    const signalingMs = isTold ? null : await this.#askServer();
    if (this.#closed) return;
    Object.assign(this, { receiving, sending, signalingMs });
    this.#changed();
  }

  async #path(direction: 'sender' | 'receiver', live: boolean): Promise<PathFacts | null> {
    const { peer } = this.session.transports[direction];
    const stats = peer && (await readPath(peer).catch(() => null));
    const window = this.#windows[direction];
    window.add(stats?.counters ?? null, stats?.atMs ?? 0, live);
    return stats && { ...stats, quality: window.quality };
  }

  /** How long a harmless request takes. */
  async #askServer(): Promise<number | null> {
    if (this.session.client.connection.state !== 'ready') return null;
    const since = performance.now();
    await this.session.receiver.tellTarget();
    return performance.now() - since;
  }
}

/** Null where it would tell nothing: not in Safari, where it would also stop other apps' music. */
function openOutput(): AudioContext | null {
  if (typeof AudioContext !== 'function' || !('outputLatency' in AudioContext.prototype)) return null;
  const context = new AudioContext();
  context.resume().catch(() => undefined);
  return context;
}
