import { describe, expect, test } from 'vitest';
import { LiveEdge } from '../../../src/media/live-edge.ts';

const FRAME_MS = 20;

/** A source of 20 ms packets whose arrivals the test chooses. */
class Source {
  readonly edge = new LiveEdge();
  sequenceNumber = 65_500;
  timestamp = 4_294_900_000;
  nowMs = 1000;
  stale: boolean[] = [];

  /** So many packets, each `everyMs` after the one before it. */
  packets(count: number, everyMs: number | ((index: number) => number) = FRAME_MS): boolean[] {
    const verdicts: boolean[] = [];
    for (let index = 0; index < count; index += 1) {
      this.nowMs += typeof everyMs === 'number' ? everyMs : everyMs(index);
      this.next();
      verdicts.push(this.edge.isStale(this.sequenceNumber, this.timestamp, this.nowMs));
    }
    this.stale.push(...verdicts);
    return verdicts;
  }

  next(frames = 1): void {
    this.sequenceNumber = (this.sequenceNumber + frames) & 0xffff;
    this.timestamp = (this.timestamp + frames * 960) >>> 0;
  }

  /** Nothing arrives for so long, then all that was spoken meanwhile, `everyMs` apart. */
  hold(ms: number, everyMs = 0.05): boolean[] {
    this.nowMs += ms - FRAME_MS;
    return this.packets(Math.floor(ms / (FRAME_MS - everyMs)), everyMs);
  }

  get anyStale(): boolean {
    return this.stale.includes(true);
  }
}

const fresh = (verdicts: readonly boolean[]): number => verdicts.filter((stale) => !stale).length;

describe('a backlog', () => {
  test.each([1000, 3000, 30_000])('of %i ms is stale but for its first packets and its last 100 ms', (heldMs) => {
    const source = new Source();
    source.packets(500);
    const verdicts = source.hold(heldMs);
    expect(verdicts.slice(0, 4)).toEqual([false, false, false, false]);
    expect(fresh(verdicts.slice(4))).toBeLessThanOrEqual(1 + 100 / FRAME_MS);
    // Where it ends, the end is what passes.
    expect(verdicts.slice(4).lastIndexOf(true)).toBeLessThan(verdicts.slice(4).indexOf(false, 1));
    expect(fresh(source.packets(500))).toBe(500);
  });

  test('that drains at twice its pace is stale, too', () => {
    const source = new Source();
    source.packets(500);
    const verdicts = source.hold(3000, 10);
    expect(fresh(verdicts) * FRAME_MS).toBeLessThan(600);
    source.packets(5);
    expect(fresh(source.packets(500))).toBe(500);
  });

  test('whose end the socket had no room for ends where live packets begin', () => {
    const source = new Source();
    source.packets(100);
    source.nowMs += 60_000;
    expect(fresh(source.packets(270, 0.05))).toBeLessThan(5);
    source.next(3000 - 271);
    expect(fresh(source.packets(100))).toBe(100);
  });

  test('shares its fate with its late packets', () => {
    const edge = new LiveEdge();
    for (let n = 1; n < 50; n += 1) edge.isStale(n, n * 960, n * 20);
    for (let n = 50; n < 100; n += 1) edge.isStale(n, n * 960, 4000);
    expect(edge.isStale(98, 98 * 960, 4000)).toBe(true);
  });

  test('once over leaves no trace, though the way has become longer for good', () => {
    const source = new Source();
    source.packets(500);
    source.nowMs += 300;
    source.hold(3000);
    expect(fresh(source.packets(500))).toBe(500);
  });
});

describe('live packets pass', () => {
  test('after a pause of the microphone that no timestamp shows', () => {
    for (const pausedMs of [500, 1500, 60_000]) {
      const source = new Source();
      source.packets(100);
      source.nowMs += pausedMs;
      // Three at once, as a busy browser sends them, twice in a row.
      source.packets(3, 0);
      source.nowMs += 40;
      source.packets(3, 0);
      source.nowMs += 40;
      source.packets(1000, (index) => (index % 2 === 0 ? 2 : 38));
      expect(source.anyStale).toBe(false);
    }
  });

  test('when a frame of 60 ms comes with the next one after such a pause', () => {
    const edge = new LiveEdge();
    const verdicts: boolean[] = [];
    for (let n = 0; n < 200; n += 1) {
      const pauseMs = n >= 50 ? 2000 : 0;
      verdicts.push(edge.isStale(n, n * 2880, pauseMs + Math.floor(n / 2) * 120));
    }
    expect(verdicts).not.toContain(true);
  });

  test('with DTX, whose packets are 400 ms apart', () => {
    const source = new Source();
    for (let round = 0; round < 200; round += 1) {
      source.packets(10);
      source.timestamp = (source.timestamp + 19 * 960) >>> 0;
      source.nowMs += 19 * 20;
    }
    expect(source.anyStale).toBe(false);
  });

  test.each([200, -200])('over a day of a clock that is wrong by %i ppm, with holds of 300 ms', (ppm) => {
    const source = new Source();
    const everyMs = FRAME_MS * (1 + ppm / 1e6);
    for (let block = 0; block < 24 * 6; block += 1) {
      source.packets(30_000, everyMs);
      source.hold(300);
      if (source.anyStale) break;
      source.stale = [];
    }
    expect(source.anyStale).toBe(false);
  });

  test('with jitter of 200 ms', () => {
    const source = new Source();
    let late = 0;
    let seed = 1;
    source.packets(20_000, () => {
      seed = (seed * 48_271) % 2_147_483_647;
      const next = (seed / 2_147_483_647) * 200;
      const everyMs = Math.max(0, FRAME_MS + next - late);
      late += everyMs - FRAME_MS;
      return everyMs;
    });
    expect(source.anyStale).toBe(false);
  });

  test.each([30 * 48_000, -30 * 48_000, 2 ** 31])('when the timestamp jumps by %i', (ticks) => {
    const source = new Source();
    source.packets(100);
    source.timestamp = (source.timestamp + ticks) >>> 0;
    source.packets(500);
    expect(source.anyStale).toBe(false);
  });

  test('when the numbers jump', () => {
    const source = new Source();
    source.packets(100);
    source.sequenceNumber = (source.sequenceNumber + 20_000) & 0xffff;
    source.packets(500);
    source.sequenceNumber = (source.sequenceNumber - 20_000) & 0xffff;
    source.packets(500);
    expect(source.anyStale).toBe(false);
  });
});
