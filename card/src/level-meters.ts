/**
 * Moves the meters: five levels a second in, a smooth `--level` (0..1) on every element with `data-level-of` out, without
 * rendering the card. The loop runs only while something moves and the page is visible.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** dBov of a voice close to the microphone is about -15, of a quiet room below -60. */
const QUIET_DBOV = -60;
const LOUD_DBOV = -12;
/** A level that is not renewed (five a second) belongs to somebody who stopped. */
const STALE_MS = 600;
/** Time constants of the smoothing: up at once, down like a needle. */
const RISE_MS = 50;
const FALL_MS = 180;
const STILL = 0.004;

interface Meter {
  target: number;
  shown: number;
  at: number;
}

/** 0 (silent) to 1 (loud). */
export function levelOf(dBov: number): number {
  return Math.min(1, Math.max(0, (dBov - QUIET_DBOV) / (LOUD_DBOV - QUIET_DBOV)));
}

export class LevelMeters implements ReactiveController {
  readonly #host: ReactiveControllerHost & { renderRoot: HTMLElement | DocumentFragment };
  readonly #meters = new Map<string, Meter>();
  #frame = 0;
  #lastFrameAt = 0;

  constructor(host: ReactiveControllerHost & { renderRoot: HTMLElement | DocumentFragment }) {
    this.#host = host;
    host.addController(this);
  }

  update(levels: Record<string, number>): void {
    const at = performance.now();
    for (const [id, dBov] of Object.entries(levels)) {
      const meter = this.#meters.get(id);
      const target = levelOf(dBov);
      if (meter) Object.assign(meter, { target, at });
      else this.#meters.set(id, { target, shown: 0, at });
    }
    this.#run();
  }

  hostDisconnected(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#meters.clear();
  }

  #run(): void {
    if (this.#frame !== 0 || this.#meters.size === 0) return;
    this.#lastFrameAt = performance.now();
    this.#frame = requestAnimationFrame(this.#step);
  }

  readonly #step = (now: number): void => {
    this.#frame = 0;
    const elapsedMs = Math.max(0, now - this.#lastFrameAt);
    this.#lastFrameAt = now;
    let moving = false;
    for (const [id, meter] of this.#meters) {
      if (now - meter.at > STALE_MS) meter.target = 0;
      const constantMs = meter.target > meter.shown ? RISE_MS : FALL_MS;
      meter.shown += (meter.target - meter.shown) * (1 - Math.exp(-elapsedMs / constantMs));
      if (meter.target === 0 && meter.shown < STILL) {
        meter.shown = 0;
        this.#meters.delete(id);
      }
      moving ||= meter.shown > 0 || meter.target > 0;
      this.#show(id, meter.shown);
    }
    if (moving) this.#frame = requestAnimationFrame(this.#step);
  };

  #show(id: string, level: number): void {
    const elements = this.#host.renderRoot.querySelectorAll<HTMLElement>(`[data-level-of="${CSS.escape(id)}"]`);
    for (const element of elements) element.style.setProperty('--level', level.toFixed(3));
  }
}
