import { describe, expect, it } from 'vitest';
import { SLICE_SAMPLES, TalkClock } from '../../../../src/media/transcoder/talk-clock.ts';
import { seeded } from '../../../support/seeded.ts';

const PACKET = 960;
const MS = 48;

/** Drives a clock as the worker does: a tick every 20 ms and packets when they come. Time is milliseconds of the wall. */
class Drive {
  now = 0;
  timestamp: number;
  worstMs = 0;
  readonly clock: TalkClock;
  readonly log: string[] = [];
  #nextTickMs = 20;

  constructor(timestamp = 0) {
    this.timestamp = timestamp;
    this.clock = new TalkClock(0);
  }

  to(ms: number): void {
    while (this.#nextTickMs <= ms) {
      this.now = this.#nextTickMs;
      this.#nextTickMs += 20;
      const due = this.clock.silenceDue(this.now);
      if (due > 0) this.log.push(`due ${due / MS}`);
      this.#watch();
    }
    this.now = ms;
  }

  /** `skipTicks` before the packet are missing from the timestamps. */
  packet(options: { skipTicks?: number; lost?: number; newSource?: boolean; quiet?: boolean } = {}): void {
    this.timestamp = (this.timestamp + (options.skipTicks ?? 0)) >>> 0;
    this.clock.arrived(this.now);
    const gap = this.clock.gapBefore(this.now, this.timestamp, options.lost ?? 0, options.newSource ?? false);
    if (gap.silence > 0) this.log.push(`silence ${gap.silence / MS}`);
    if (gap.concealed > 0) this.log.push(`concealed ${gap.concealed / MS}`);
    const decoded = this.clock.decoded(this.now, this.timestamp, PACKET, options.quiet ?? false);
    if (decoded.silenceBefore > 0) this.log.push(`slice ${decoded.silenceBefore / MS}`);
    if (!decoded.play) this.log.push('dropped');
    this.timestamp = (this.timestamp + PACKET) >>> 0;
    this.#watch();
  }

  /** Packets every 20 ms until `ms`. */
  speak(ms: number): void {
    while (this.now + 20 <= ms) {
      this.to(this.now + 20);
      this.packet();
    }
  }

  /** Against real time since the first packet, milliseconds. */
  get offMs(): number {
    return this.clock.aheadAt(this.now) / MS;
  }

  #watch(): void {
    this.worstMs = Math.max(this.worstMs, Math.abs(this.offMs));
  }
}

describe('TalkClock', () => {
  it('puts out what comes while packets come, and nothing else', () => {
    const drive = new Drive();
    drive.speak(10_000);
    expect(drive.log).toEqual([]);
    expect(drive.clock.position).toBe(500 * PACKET);
    // The last packet is 20 ms of sound to come.
    expect(drive.offMs).toBe(20);
  });

  it('counts from the first packet when that comes soon, from the opening when it does not', () => {
    const soon = new Drive();
    soon.to(50);
    soon.packet();
    expect(soon.offMs).toBe(20);
    const late = new Drive();
    late.to(1000);
    expect(late.clock.position).toBe(1000 * MS);
    late.packet();
    expect(late.offMs).toBe(20);
  });

  it.each([
    ['a pause that RTP does not show (+1, +960)', 0],
    ['a pause that timestamps show (DTX)', 2980 * MS],
  ])('gives silence in real time through %s, once', (_name, skipTicks) => {
    const drive = new Drive();
    drive.speak(1000);
    drive.to(4000);
    expect(drive.clock.silenceDue(4000)).toBe(0);
    // Real time, to a slice: the pause is filled and no further.
    expect(drive.offMs).toBeGreaterThan(-20);
    expect(drive.offMs).toBeLessThanOrEqual(0);
    drive.packet({ skipTicks });
    drive.speak(6000);
    expect(drive.worstMs).toBeLessThan(100);
    expect(Math.abs(drive.offMs)).toBeLessThanOrEqual(40);
    expect(drive.clock.dropped).toBe(0);
  });

  it('waits 80 ms before silence takes over: usual jitter is not filled', () => {
    const drive = new Drive();
    drive.speak(1000);
    drive.to(1075);
    expect(drive.log).toEqual([]);
    for (let packet = 0; packet < 3; packet += 1) drive.packet();
    drive.to(1080);
    drive.packet();
    expect(drive.log).toEqual([]);
    expect(drive.clock.position).toBe((50 + 4) * PACKET);
  });

  it('keeps real time with comfort packets every 400 ms', () => {
    const drive = new Drive();
    drive.speak(1000);
    for (let ms = 1400; ms <= 61_000; ms += 400) {
      drive.to(ms);
      drive.packet({ skipTicks: 380 * MS, quiet: true });
    }
    expect(drive.worstMs).toBeLessThan(100);
    expect(drive.clock.dropped).toBe(0);
    expect(drive.clock.position / MS).toBeCloseTo(61_000, -2);
  });

  it('fills a short DTX gap by its timestamps', () => {
    const drive = new Drive();
    drive.speak(1000);
    drive.to(1060);
    drive.packet({ skipTicks: 2 * PACKET });
    expect(drive.log).toEqual(['silence 40']);
  });

  it('conceals loss by its timestamps, at most 120 ms', () => {
    const drive = new Drive();
    drive.speak(1000);
    drive.to(1040);
    drive.packet({ skipTicks: PACKET, lost: 1 });
    expect(drive.log).toEqual(['concealed 20']);
    const outage = new Drive();
    outage.speak(1000);
    outage.now = 1220; // as if the ticks had been late
    outage.packet({ skipTicks: 10 * PACKET, lost: 10 });
    expect(outage.log).toEqual(['silence 80', 'concealed 120']);
  });

  it('conceals nothing that silence has already filled', () => {
    const drive = new Drive();
    drive.speak(1000);
    drive.to(1500);
    const filled = drive.clock.position;
    drive.packet({ skipTicks: 24 * PACKET, lost: 24 });
    expect(drive.clock.position - filled).toBeLessThanOrEqual(2 * PACKET);
    expect(Math.abs(drive.offMs)).toBeLessThanOrEqual(20);
  });

  it('keeps every word when nothing came for half a second', () => {
    const drive = new Drive();
    drive.speak(1000);
    drive.to(1500);
    for (let packet = 0; packet < 25; packet += 1) drive.packet();
    expect(drive.log).not.toContain('dropped');
    // The next pause takes the lead away again.
    drive.to(2500);
    expect(drive.offMs).toBeLessThanOrEqual(0);
  });

  it('plays a burst after a longer stall up to 500 ms ahead and drops the rest', () => {
    const drive = new Drive();
    drive.speak(1000);
    drive.to(2000);
    for (let packet = 0; packet < 50; packet += 1) drive.packet();
    expect(drive.log.filter((line) => line === 'dropped')).toHaveLength(24);
    expect(drive.offMs).toBeGreaterThan(500);
    expect(drive.offMs).toBeLessThanOrEqual(520);
  });

  it('lets quiet frames go when it is ahead, before anybody could hear a cut', () => {
    const drive = new Drive();
    drive.speak(1000);
    drive.to(1300);
    for (let packet = 0; packet < 5; packet += 1) drive.packet();
    drive.to(1310);
    drive.packet({ quiet: true });
    expect(drive.log.at(-1)).toBe('dropped');
  });

  it('knows nothing of a new source but the wall clock', () => {
    const drive = new Drive(0xffff_ff00);
    drive.speak(1000);
    drive.to(1020);
    drive.timestamp = 123_456_789;
    drive.packet({ newSource: true });
    drive.speak(2000);
    expect(drive.log).toEqual([]);
    expect(drive.offMs).toBe(20);
  });

  it('survives a mad timestamp between consecutive sequence numbers', () => {
    for (const skipTicks of [0x7000_0000, 0x9000_0000]) {
      const drive = new Drive();
      drive.speak(1000);
      drive.to(1020);
      drive.packet({ skipTicks });
      drive.speak(3000);
      expect(drive.offMs).toBe(20);
    }
  });

  it('crosses the wrap of the timestamp', () => {
    const drive = new Drive(0xffff_ffff - 10 * PACKET);
    drive.speak(1000);
    expect(drive.log).toEqual([]);
  });

  it('skips the time a machine slept instead of making up for it', () => {
    const drive = new Drive();
    drive.speak(1000);
    const before = drive.clock.position;
    expect(drive.clock.silenceDue(3_600_000)).toBe(SLICE_SAMPLES);
    expect(drive.clock.position - before).toBe(SLICE_SAMPLES);
    expect(drive.clock.silenceDue(3_600_100)).toBe(4 * SLICE_SAMPLES);
  });

  it.each([0, 200, -200])('has as many samples as real time after an hour, sender clock off by %d ppm', (ppm) => {
    const drive = new Drive(4_000_000_000);
    const random = seeded(ppm + 7);
    const packetMs = 20 / (1 + ppm / 1e6);
    let sentMs = 0;
    let lost = 0;
    let skipTicks = 0;
    while (sentMs < 3_600_000) {
      sentMs += packetMs;
      const dice = random();
      if (dice < 0.03) {
        lost += 1;
        skipTicks += PACKET;
        continue;
      }
      if (dice < 0.0305) {
        const pauseMs = 20 * Math.ceil(random() * 300);
        sentMs += pauseMs;
        if (random() < 0.5) skipTicks += pauseMs * MS;
      }
      drive.to(Math.max(drive.now, sentMs + random() * 30));
      drive.packet({ skipTicks, lost, quiet: random() < 0.3 });
      lost = 0;
      skipTicks = 0;
    }
    expect(drive.worstMs).toBeLessThan(130);
    expect(Math.abs(drive.offMs)).toBeLessThan(100);
    expect(drive.clock.dropped / MS).toBeLessThan(ppm > 0 ? 15_000 : 8_000);
  });
});
