/**
 * LevelMeter: the `levels` event; one timer for the whole server, running only while a stream is live. The levels of a
 * monitor, which never rests, go only to its own device and to those who hear it.
 */
import type { Closeable } from '../closeable.ts';
import type { StreamListener } from '../media/ports.ts';
import type { Relay } from '../media/relay.ts';
import type { Stream } from '../media/stream.ts';
import { audienceOf, maySee, type Viewer } from './viewer.ts';

export interface LevelMeterOptions {
  relay: Relay;
  viewers: ReadonlySet<Viewer>;
  intervalMs: number;
  /** At each tick, for each live stream. */
  onLook: (stream: Stream, levelDbov: number) => void;
}

export class LevelMeter implements Closeable, StreamListener {
  readonly #options: LevelMeterOptions;
  readonly #unsubscribe: () => void;
  readonly #toldTo = new WeakMap<Viewer, string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LevelMeterOptions) {
    this.#options = options;
    this.#unsubscribe = options.relay.subscribe(this);
    if (options.relay.live.length > 0) this.streamStarted();
  }

  streamStarted(): void {
    this.#timer ??= setInterval(() => this.#tellAll(), this.#options.intervalMs);
  }

  streamEnded(): void {
    if (this.#options.relay.live.length === 0) this.#stop();
  }

  close(): Promise<void> {
    this.#unsubscribe();
    this.#stop();
    return Promise.resolve();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tellAll(): void {
    const { relay, viewers, onLook } = this.#options;
    const live = relay.live;
    // Taken once for everybody: taking a level resets it.
    const measured = live.map((stream) => ({ stream, levelDbov: stream.takeLevelDbov() }));
    for (const { stream, levelDbov } of measured) onLook(stream, levelDbov);
    const monitors = live.filter(({ monitor }) => monitor);
    const texts = new Map<string, string>();
    for (const viewer of viewers) {
      if (!viewer.isAdmitted) continue;
      const deaf = monitors.filter(({ id }) => !viewer.names(id) && viewer.streamId !== id);
      const audience = [audienceOf(viewer, live), ...deaf.map(({ id }) => id)].join('|');
      let text = texts.get(audience);
      if (text === undefined) {
        const seen = measured.filter(({ stream }) => maySee(viewer, stream) && !deaf.includes(stream));
        const levels = Object.fromEntries(seen.map(({ stream, levelDbov }) => [stream.id, levelDbov]));
        text = seen.length === 0 ? '' : JSON.stringify({ type: 'levels', levels });
        texts.set(audience, text);
      }
      // Silence, or a microphone that sends no level, is told once.
      if (text === '' || this.#toldTo.get(viewer) === text) continue;
      this.#toldTo.set(viewer, text);
      viewer.tell('levels', text);
    }
  }
}
