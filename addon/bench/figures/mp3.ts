/** MP3 of one stream: first live byte, onset, and the server's CPU (its worker included) by listeners. */
import { startServer } from '../../test/support/server.ts';
import type { Listeners } from '../processes/listeners.ts';
import type { Sender } from '../processes/sender.ts';
import { Child } from '../support/child.ts';
import { delay } from '../support/clock.ts';
import { NONE, type Figure } from '../support/figure.ts';
import { readUsage } from '../support/metrics.ts';
import { Mp3Recording } from '../support/mp3-recording.ts';
import { median, pair, spread, windows } from '../support/statistics.ts';
import { BURST_PERIOD_MS, FRAME_MS } from '../support/voices.ts';
import { latestUrl } from './relay.ts';

const GETS = 20;
/** After the first coded frame: the encoder begins with half a frame of nothing. */
const FIRST_SOUND_MS = 200;
const GIVE_UP_MS = 5000;
const ONSET_RECORDINGS = 3;
const ONSET_RECORDING_MS = 8000;
const CPU_WINDOWS = 4;
const CPU_WINDOW_MS = 2000;
const SETTLE_MS = 500;
const BYTES_PER_SECOND = 16_000;
const GOALS: Record<number, string> = { 30: '<= 8 %', 100: '<= 12 %' };
/** The worker warms up when the first player comes. */
const WARM_UP_MS = 4000;

export async function mp3(): Promise<Figure[]> {
  const server = await startServer({ ANNOUNCED_ADDRESS: '127.0.0.1' });
  const sender = new Child<Sender>('processes/sender.ts');
  try {
    const url = latestUrl(server);
    const silent = await cpuOfSilence(server.port, url);
    await sender.call('talk', { port: server.port, name: 'Bench', saying: 'tone' });
    const first = await firstSound(url);
    await sender.call('say', { saying: 'bursts' });
    await delay(BURST_PERIOD_MS);
    const onset = await onsets(url, sender);
    await sender.call('say', { saying: 'speech' });
    const load = await cpuOfListeners(server.port, url);
    return [...first, onset, ...load, silent];
  } finally {
    await sender.close();
    await server.stop();
  }
}

async function firstSound(url: string): Promise<Figure[]> {
  const recordings: Mp3Recording[] = [];
  for (let i = 0; i < GETS; i += 1) {
    recordings.push(await Mp3Recording.record(url, (recording) => hasBegun(recording)));
    // Not in step with the frames.
    await delay(7 * i);
  }
  const soundMs: number[] = [];
  for (const recording of recordings) {
    const [firstAtMs] = await recording.onsetsAtMs();
    if (firstAtMs === undefined) throw new Error('a listener heard nothing of a running talk');
    soundMs.push(firstAtMs - recording.requestedAtMs);
  }
  const bytesMs = recordings.map((recording) => recording.firstByteMs);
  const [coldMs = Number.NaN, ...warmMs] = soundMs;
  const warm = spread(warmMs, 'first live sound');
  return [
    {
      what: 'MP3: first byte of live sound after GET',
      ours: `${pair(warm, 'ms')} (very first, worker starting: ${coldMs.toFixed(0)} ms)`,
      goal: '<= 30 ms',
      python: '117 ms',
      control: `first byte of all: ${pair(spread(bytesMs, 'first byte'), 'ms')}`,
      data: { warmMs: warm, coldMs, soundMs, firstByteMs: bytesMs },
    },
  ];
}

function hasBegun({ codedForMs, durationMs }: Mp3Recording): boolean {
  return (codedForMs ?? 0) > FIRST_SOUND_MS || durationMs > GIVE_UP_MS;
}

async function onsets(url: string, sender: Child<Sender>): Promise<Figure> {
  const heardAtMs: number[] = [];
  for (let i = 0; i < ONSET_RECORDINGS; i += 1) {
    // The last listener leaves each time, so every recording has another grid of MP3 frames.
    const recording = await Mp3Recording.record(url, ({ durationMs }) => durationMs > ONSET_RECORDING_MS);
    // Joined in the middle of a burst, the first sound would be no onset.
    heardAtMs.push(...(await recording.onsetsAtMs()).slice(1));
  }
  const { sentAtMs, voicePackets } = await sender.call('sent', undefined);
  const spokenAtMs = sentAtMs.filter((_, index) => index % voicePackets === 0).map((atMs) => atMs - FRAME_MS);
  const delaysMs = heardAtMs.map((atMs) => atMs - Math.max(...spokenAtMs.filter((spoken) => spoken < atMs)));
  const onset = spread(delaysMs, 'onsets in MP3');
  return {
    what: 'MP3: spoken sample to its bytes on the socket (onset)',
    ours: `${pair(onset, 'ms')} (of it ${FRAME_MS} ms the sender's own frame)`,
    goal: '<= 100 ms',
    python: '204 ms',
    control: NONE,
    data: { onset, delaysMs },
  };
}

async function cpuOfListeners(port: number, url: string): Promise<Figure[]> {
  const base = await cpuWindows(port);
  const figures: Figure[] = [];
  for (const count of [1, 30, 100]) {
    const listeners = new Child<Listeners>('processes/listeners.ts');
    try {
      await listeners.call('play', { url, count });
      await delay(SETTLE_MS);
      await listeners.call('take', undefined);
      const percents = await cpuWindows(port);
      const bytes = await listeners.call('take', undefined);
      const least = Math.min(...bytes) / ((CPU_WINDOWS * CPU_WINDOW_MS) / 1000);
      if (bytes.length !== count || least < 0.9 * BYTES_PER_SECOND) {
        throw new Error(`a listener got ${least.toFixed(0)} bytes a second instead of ${BYTES_PER_SECOND}`);
      }
      const above = percents.map((percent) => percent - median(base));
      figures.push({
        what: `MP3: CPU of a core, ${count} listener${count === 1 ? '' : 's'}`,
        ours: windows(above, '%'),
        goal: GOALS[count] ?? NONE,
        python: count === 30 ? '55 %' : NONE,
        control: `the same talk, nobody listening: ${windows(base, '%')}`,
        data: { aboveBasePercent: above, basePercent: base, leastBytesPerSecond: least },
      });
    } finally {
      await listeners.close();
    }
  }
  return figures;
}

/** A channel that somebody stays tuned to while nobody speaks. */
async function cpuOfSilence(port: number, url: string): Promise<Figure> {
  const base = await cpuWindows(port);
  const listeners = new Child<Listeners>('processes/listeners.ts');
  try {
    await listeners.call('play', { url, count: 1 });
    await delay(WARM_UP_MS);
    await listeners.call('take', undefined);
    const percents = await cpuWindows(port);
    const [bytes = 0] = await listeners.call('take', undefined);
    const bytesPerSecond = bytes / ((CPU_WINDOWS * CPU_WINDOW_MS) / 1000);
    if (bytesPerSecond < 0.9 * BYTES_PER_SECOND) throw new Error(`silence came at ${bytesPerSecond} bytes a second`);
    const above = percents.map((percent) => percent - median(base));
    return {
      what: 'MP3: CPU of a core, a silent channel with one listener',
      ours: windows(above, '%'),
      goal: '<= 0.5 %',
      python: NONE,
      control: `nobody listening: ${windows(base, '%')}`,
      data: { aboveBasePercent: above, basePercent: base, bytesPerSecond },
    };
  } finally {
    await listeners.close();
  }
}

/** Of one core, window by window. */
async function cpuWindows(port: number): Promise<number[]> {
  const percents: number[] = [];
  for (let i = 0; i < CPU_WINDOWS; i += 1) {
    const before = await readUsage(port);
    await delay(CPU_WINDOW_MS);
    const after = await readUsage(port);
    percents.push(((after.cpuSeconds - before.cpuSeconds) / ((after.atMs - before.atMs) / 1000)) * 100);
  }
  return percents;
}
