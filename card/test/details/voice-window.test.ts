/** What getStats of real browsers says, and what becomes of it. Recorded in Chromium and Firefox ESR, at a real talk. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pathStats, type Counters, type PathStats } from '../../src/details/path-stats.ts';
import { VoiceWindow } from '../../src/details/voice-window.ts';

/** Two readings, two seconds apart. */
function recorded(name: string): PathStats[] {
  const file = new URL(`../fixtures/stats-${name}.json`, import.meta.url);
  const readings = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>[][];
  return readings.map((entries, i) => pathStats(entries, 'connected', i * 2_000));
}

function windowOf(readings: readonly PathStats[], live: (i: number) => boolean): VoiceWindow {
  const window = new VoiceWindow();
  readings.forEach(({ counters, atMs }, i) => window.add(counters, atMs, live(i)));
  return window;
}

const always = (): boolean => true;

describe('one reading', () => {
  it('of Chromium that hears', () => {
    expect(recorded('chromium-hearing')[1]).toMatchObject({
      state: 'connected',
      local: { type: 'host', protocol: 'udp', address: '192.0.2.2' },
      remote: { type: 'host', protocol: 'udp', address: '192.0.2.2' },
      roundTripMs: 1,
      jitterMs: 5,
      codec: 'opus, 48 kHz',
    });
  });

  it('of Firefox that hears: it hides its address, and a round trip below a millisecond is nought', () => {
    expect(recorded('firefox-hearing')[1]).toMatchObject({
      local: { type: 'host', protocol: 'udp', address: null },
      remote: { address: '192.0.2.2' },
      roundTripMs: 0,
      jitterMs: 1,
      codec: 'opus, 48 kHz',
    });
  });

  it.each(['chromium-talking', 'firefox-talking'])('of %s: what the server says of our packets', (name) => {
    const { jitterMs, counters, codec } = recorded(name)[1]!;
    expect(codec).toBe('opus, 48 kHz');
    expect(jitterMs).toBeGreaterThan(0);
    expect(counters).toMatchObject({ lost: 0 });
    expect(counters!.packets).toBeGreaterThan(250);
  });

  it('of a browser that does not know the round trip of its checks: that of RTCP', () => {
    const entries = [
      { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
      { id: 'P', type: 'candidate-pair' },
      { id: 'R', type: 'remote-inbound-rtp', roundTripTime: 0.012 },
    ];
    expect(pathStats(entries, 'connected', 0).roundTripMs).toBe(12);
    expect(pathStats(entries.slice(0, 2), 'connected', 0).roundTripMs).toBeNull();
  });

  it('of an older Firefox, which has no `transport`', () => {
    const entries = [
      { id: 'P1', type: 'candidate-pair', currentRoundTripTime: 0.5 },
      { id: 'P2', type: 'candidate-pair', selected: true, currentRoundTripTime: 0.003 },
    ];
    expect(pathStats(entries, 'connected', 0).roundTripMs).toBe(3);
  });

  it('of a transport in which nothing flows yet', () => {
    expect(pathStats([], 'connecting', 0)).toMatchObject({
      local: null,
      roundTripMs: null,
      codec: null,
      counters: null,
    });
  });
});

describe('two seconds of voice', () => {
  it.each([
    ['chromium-hearing', 35, 66],
    ['firefox-hearing', 53.5, 30],
  ])('%s', (name, bufferMs, kbps) => {
    const { quality } = windowOf(recorded(name), always);
    expect(quality).toMatchObject({ loss: 0, concealed: 0, frameMs: 20 });
    expect(quality!.bufferMs).toBeCloseTo(bufferMs, 0);
    expect(quality!.kbps).toBeCloseTo(kbps, 0);
  });

  it.each(['chromium-talking', 'firefox-talking'])(
    '%s: no buffer, and no concealment that we could know of',
    (name) => {
      const { quality } = windowOf(recorded(name), always);
      expect(quality).toMatchObject({ loss: 0, concealed: null, bufferMs: null, frameMs: null });
      expect(quality!.kbps).toBeGreaterThan(20);
    },
  );

  it('takes what Firefox invents in a pause for no concealment', () => {
    const pause = recorded('firefox-pause');
    // Half a second of the talk, then three of silence, in which 24205 samples that are not silent were made up.
    const { quality } = windowOf(pause, (i) => i === 0);
    expect(quality).toMatchObject({ loss: 0, concealed: null });
    expect(windowOf(pause, always).quality!.concealed).toBeGreaterThan(0.1);
  });
});

const nothing: Counters = {
  packets: 0,
  lost: 0,
  bytes: 0,
  bufferSeconds: 0,
  emittedSamples: 0,
  samples: 0,
  concealedSamples: 0,
};
const after = (seconds: number, more: Partial<Counters> = {}): Counters => ({
  ...nothing,
  packets: seconds * 50,
  samples: seconds * 48_000,
  ...more,
});

describe('VoiceWindow', () => {
  it('counts loss and concealment of the last ten seconds only', () => {
    const window = new VoiceWindow();
    window.add(after(0), 0, true);
    window.add(after(1, { lost: 25, concealedSamples: 4_800 }), 1_000, true);
    expect(window.quality).toMatchObject({ loss: 0.5, concealed: 0.1 });
    for (let s = 2; s <= 11; s += 1) window.add(after(s, { lost: 25, concealedSamples: 4_800 }), s * 1_000, true);
    expect(window.quality).toMatchObject({ loss: 0, concealed: 0 });
  });

  it('keeps what it had while nobody speaks', () => {
    const window = new VoiceWindow();
    window.add(after(0), 0, true);
    window.add(after(1, { lost: 5 }), 1_000, true);
    for (let s = 2; s < 60; s += 1) window.add(after(1, { lost: 5 }), s * 1_000, false);
    expect(window.quality).toMatchObject({ loss: 0.1 });
  });

  it('takes back a loss when the packet was only late', () => {
    const window = new VoiceWindow();
    window.add(after(0), 0, true);
    window.add(after(1, { lost: 1 }), 1_000, true);
    window.add(after(2, { lost: 0 }), 2_000, true);
    expect(window.quality!.loss).toBe(0);
  });

  it('begins anew with another peer', () => {
    const window = new VoiceWindow();
    window.add(after(10), 0, true);
    window.add(after(11, { lost: 25 }), 1_000, true);
    window.add(after(0), 2_000, true);
    expect(window.quality).toBeNull();
    window.add(after(1), 3_000, true);
    expect(window.quality!.loss).toBe(0);
  });
});
