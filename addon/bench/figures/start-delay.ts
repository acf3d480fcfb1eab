/**
 * Players that wait for bytes: how soon they begin and how far behind they stay, by format, and whether bytes sent ahead
 * would help. What comes from the server is recorded once for each format; the waiting is arithmetic.
 */
import { startServer } from '../../test/support/server.ts';
import { request } from '../../test/support/player.ts';
import { AUDIO_FORMATS, BITRATE_KBPS, FORMAT_EXTENSION, type AudioFormat } from '../../src/media/transcoder/formats.ts';
import type { Sender } from '../processes/sender.ts';
import { playBuffered, type Arrival, type Heard } from '../support/byte-buffered-player.ts';
import { Child } from '../support/child.ts';
import { nowMs } from '../support/clock.ts';
import { NONE, type Figure } from '../support/figure.ts';
import { latestUrl } from './relay.ts';

/** Who waits for so many: addon/test/support/readers/table.ts names where that is written. */
const THRESHOLDS: readonly [who: string, bytes: number][] = [
  ['a microcontroller, 8 KiB', 8 * 1024],
  ['Voice PE and others, 64 KiB', 64 * 1024],
  ['Cast, 350 kB', 350_000],
];
/** The greatest threshold at the lowest bit rate, and some sound after it. */
const RECORDING_MS = 28_000;

export async function startDelay(): Promise<Figure[]> {
  const server = await startServer({ ANNOUNCED_ADDRESS: '127.0.0.1' });
  const sender = new Child<Sender>('processes/sender.ts');
  try {
    await sender.call('talk', { port: server.port, name: 'Bench', saying: 'speech' });
    const url = latestUrl(server);
    const recordings = await Promise.all(
      AUDIO_FORMATS.map(async (format): Promise<[AudioFormat, Arrival[]]> => {
        return [format, await record(url.replace(/mp3$/, FORMAT_EXTENSION[format]))];
      }),
    );
    return THRESHOLDS.flatMap(([who, bytes]) => {
      return recordings.map(([format, arrivals]) => figureOf(who, bytes, format, arrivals));
    });
  } finally {
    await sender.close();
    await server.stop();
  }
}

/** Times are from the request. */
async function record(url: string): Promise<Arrival[]> {
  const requestedAtMs = nowMs();
  const response = await request(url);
  if (response.statusCode !== 200) throw new Error(`${url} said ${String(response.statusCode)}`);
  const arrivals: Arrival[] = [];
  for await (const { length } of response as AsyncIterable<Buffer>) {
    const atMs = nowMs() - requestedAtMs;
    arrivals.push({ bytes: length, atMs });
    if (atMs > RECORDING_MS) break;
  }
  response.destroy();
  return arrivals;
}

function figureOf(who: string, thresholdBytes: number, format: AudioFormat, arrivals: readonly Arrival[]): Figure {
  const bytesPerMs = BITRATE_KBPS[format] / 8;
  const play = (head: { bytes: number; soundMs: number }): Heard =>
    playBuffered(arrivals, { thresholdBytes, bytesPerMs, head });
  const plain = play({ bytes: 0, soundMs: 0 });
  const burst = play({ bytes: thresholdBytes, soundMs: thresholdBytes / bytesPerMs });
  const padding = play({ bytes: thresholdBytes, soundMs: 0 });
  return {
    what: `start delay: ${who}, ${format}`,
    ours: say(plain),
    goal: NONE,
    python: NONE,
    control: `burst of silence: ${say(burst)}; ID3v2 padding: ${say(padding)}`,
    data: { thresholdBytes, format, plain, burst, padding },
  };
}

function say({ startMs, lateMs, gaps }: Heard): string {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  if (lateMs === undefined) return 'never begins';
  return `begins after ${seconds(startMs)}, ${seconds(lateMs)} behind${gaps > 0 ? `, ${gaps} gaps` : ''}`;
}
