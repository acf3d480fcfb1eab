/**
 * Moves the meters: five levels a second in, a smooth `--level` (0..1) on every element with `data-level-of` out, without
 * rendering the card. The loop runs only while something moves and the page is visible. With reduced motion it steps.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** A quiet room, and a voice close to the microphone. */
const QUIET_DBOV = -55;
const LOUD_DBOV = -6;
/** Above 1: more of the movement for loud speech, as the ear has it. */
const CURVE = 1.4;
/** Time constants of the smoothing: up at once, down like a needle. */
const RISE_MS = 50;
const FALL_MS = 180;
/** Closer to its target than this, a meter stands. */
const STILL = 0.004;

interface Meter {
  target: number;
  shown: number;
}

/** 0 (silent) to 1 (loud). */
export function levelOf(dBov: number): number {
  return Math.min(1, Math.max(0, (dBov - QUIET_DBOV) / (LOUD_DBOV - QUIET_DBOV))) ** CURVE;
}

export class LevelMeters implements ReactiveController {
  readonly #host: ReactiveControllerHost & { renderRoot: HTMLElement | DocumentFragment };
  readonly #meters = new Map<string, Meter>();
  /** Elements that carry a level, with the stream it is of: rendering may give them another. */
  readonly #elements = new Map<HTMLElement, string>();
  #frame = 0;
  #lastFrameAt = 0;

  constructor(host: ReactiveControllerHost & { renderRoot: HTMLElement | DocumentFragment }) {
    this.#host = host;
    host.addController(this);
  }

  /** Levels that changed, in dBov; the others stand. */
  update(levels: Record<string, number>): void {
    for (const [id, dBov] of Object.entries(levels)) this.#meter(id).target = levelOf(dBov);
    this.#run();
  }

  /** Whoever is not live is silent: nothing is said of them any more. */
  keepOnly(liveIds: ReadonlySet<string>): void {
    for (const [id, meter] of this.#meters) {
      if (!liveIds.has(id)) meter.target = 0;
    }
    this.#run();
  }

  hostUpdated(): void {
    for (const [element, id] of this.#elements) {
      if (element.isConnected && element.dataset['levelOf'] === id) continue;
      element.style.removeProperty('--level');
      this.#elements.delete(element);
    }
  }

  hostDisconnected(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#meters.clear();
  }

  #meter(id: string): Meter {
    let meter = this.#meters.get(id);
    if (!meter) this.#meters.set(id, (meter = { target: 0, shown: 0 }));
    return meter;
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
    const steps = matchMedia('(prefers-reduced-motion: reduce)').matches;
    for (const [id, meter] of this.#meters) {
      const constantMs = meter.target > meter.shown ? RISE_MS : FALL_MS;
      meter.shown += (meter.target - meter.shown) * (1 - Math.exp(-elapsedMs / constantMs));
      if (steps || Math.abs(meter.target - meter.shown) < STILL) meter.shown = meter.target;
      else moving = true;
      this.#show(id, meter.shown);
      if (meter.shown === 0) this.#meters.delete(id);
    }
    if (moving) this.#frame = requestAnimationFrame(this.#step);
  };

  #show(id: string, level: number): void {
    const elements = this.#host.renderRoot.querySelectorAll<HTMLElement>(`[data-level-of="${CSS.escape(id)}"]`);
    for (const element of elements) {
      element.style.setProperty('--level', level.toFixed(3));
      this.#elements.set(element, id);
    }
  }
}
