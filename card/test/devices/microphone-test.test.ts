import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MicrophoneTap } from '../../src/devices/microphone-tap.ts';
import { MicrophoneTest, RECORD_MS } from '../../src/devices/microphone-test.ts';
import { TroubleError, troubleOf } from '../../src/trouble.ts';
import { FakeTrack } from '../fakes/fake-track.ts';

const LOUD_DBFS = -20;
const MUTED_DBFS = -127;

let track: FakeTrack;
let opening: { resolve: () => void; reject: (error: Error) => void };
let released: FakeTrack[];
let levels: number[];
let dBfs: number;
let tapped: number;
let recordings: { ms: number; resolve: (blob: Blob) => void; reject: (error: Error) => void }[];
let played: { blob: Blob; speaker: string; signal: AbortSignal; end: () => void; refuse: () => void }[];
let test: MicrophoneTest;

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

async function start(): Promise<void> {
  void test.start();
  opening.resolve();
  await settle();
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  vi.stubGlobal('requestAnimationFrame', (step: () => void) => setTimeout(step, 16));
  vi.stubGlobal('cancelAnimationFrame', (id: ReturnType<typeof setTimeout>) => clearTimeout(id));
  track = new FakeTrack();
  [released, levels, recordings, played, dBfs, tapped] = [[], [], [], [], MUTED_DBFS, 0];
  test = new MicrophoneTest({
    open: () => new Promise((resolve, reject) => (opening = { resolve: () => resolve(track.asTrack), reject })),
    release: (one) => {
      one.stop();
      released.push(one as unknown as FakeTrack);
    },
    speaker: () => 'desk',
    show: (level) => levels.push(level),
    troubleOf,
    tap: (): MicrophoneTap => {
      tapped += 1;
      return {
        readDbfs: () => dBfs,
        record: (ms) => new Promise((resolve, reject) => recordings.push({ ms, resolve, reject })),
        close: () => (tapped -= 1),
      };
    },
    play: (blob, speaker, signal) =>
      new Promise((resolve, reject) =>
        played.push({ blob, speaker, signal, end: resolve, refuse: () => reject(new Error('no gesture')) }),
      ),
  });
});

afterEach(() => {
  test.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('MicrophoneTest', () => {
  it('shows the level of every frame while it is open, and closes the microphone', async () => {
    await start();
    expect([test.state, test.isOpen, test.hears]).toEqual(['on', true, 'nothing yet']);
    dBfs = LOUD_DBFS;
    await vi.advanceTimersByTimeAsync(160);
    expect(levels).toHaveLength(10);
    expect(levels.at(-1)).toBeGreaterThan(0.5);
    expect(test.hears).toBe('voice');
    test.stop();
    expect([track.stopped, tapped, test.state]).toEqual([true, 0, 'off']);
    await vi.advanceTimersByTimeAsync(160);
    expect(levels).toHaveLength(10);
  });

  it('says that it hears nothing after four seconds, and takes it back', async () => {
    await start();
    await vi.advanceTimersByTimeAsync(3_900);
    expect(test.hears).toBe('nothing yet');
    await vi.advanceTimersByTimeAsync(200);
    expect(test.hears).toBe('nothing');
    dBfs = LOUD_DBFS;
    await vi.advanceTimersByTimeAsync(50);
    expect(test.hears).toBe('voice');
    dBfs = MUTED_DBFS;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(test.hears).toBe('voice');
  });

  it('records three seconds, closes the microphone, and only then plays them on the chosen speaker', async () => {
    await start();
    void test.record();
    expect(test.state).toBe('recording');
    expect(recordings[0]!.ms).toBe(RECORD_MS);
    const blob = new Blob(['voice']);
    recordings[0]!.resolve(blob);
    await settle();
    expect(track.stopped).toBe(true);
    expect(test.state).toBe('playing');
    expect(played[0]).toMatchObject({ blob, speaker: 'desk' });
    played[0]!.end();
    await settle();
    expect([test.state, test.hasRecording]).toEqual(['off', true]);
  });

  it('can be heard again, also where the browser refused the first time', async () => {
    await start();
    void test.record();
    recordings[0]!.resolve(new Blob(['voice']));
    await settle();
    played[0]!.refuse();
    await settle();
    expect(test.state).toBe('off');
    void test.playBack();
    expect(played).toHaveLength(2);
    test.stop();
    expect(played[1]!.signal.aborted).toBe(true);
  });

  it('keeps nothing of a recording that was broken off', async () => {
    await start();
    void test.record();
    test.stop();
    recordings[0]!.resolve(new Blob(['voice']));
    await settle();
    expect([test.state, test.hasRecording, played.length]).toEqual(['off', false, 0]);
  });

  it('closes a microphone that opens after it was stopped', async () => {
    void test.start();
    test.stop();
    opening.resolve();
    await settle();
    expect(released).toEqual([track]);
    expect(test.isOpen).toBe(false);
  });

  it('says why the microphone does not open, and that it was unplugged', async () => {
    void test.start();
    opening.reject(new TroubleError({ code: 'permissionDenied' }));
    await settle();
    expect([test.state, test.trouble]).toEqual(['off', { code: 'permissionDenied' }]);
    await start();
    expect(test.trouble).toBeNull();
    track.unplug();
    expect([test.state, test.trouble]).toEqual(['off', { code: 'microphoneLost' }]);
  });

  it('closes the microphone of a test that was forgotten', async () => {
    await start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([track.stopped, test.state]).toEqual([true, 'off']);
  });
});
