/**
 * Music that tells where in it one is: a tone that rises by 20 Hz a second. Served as a file that players may wind forward in.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SAMPLE_RATE_HZ } from '../support/pcm.ts';

/** Players look for pictures in all of it: small. */
const DURATION_SECONDS = 60;
const FILE_RATE_HZ = 12_000;
const FIRST_HZ = 300;
const RISE_HZ_PER_SECOND = 20;
const AMPLITUDE = 0.5;
const HEADER_BYTES = 44;

export interface Music {
  url: string;
  close(): Promise<void>;
}

export async function serveMusic(address: string): Promise<Music> {
  const file = wav();
  const server = createServer((request, response) => answer(request, response, file));
  server.listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${address}:${port}/music.wav`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const WINDOW_SECONDS = 0.25;
const WINDOW_SAMPLES = WINDOW_SECONDS * SAMPLE_RATE_HZ;
/** How exactly a window tells its place, with room. */
const WINDOW_TOLERANCE_SECONDS = 0.15;

/** Seconds into the music at which it came in for good; undefined: there is none at the end of the recording, or it never stopped. */
export function musicStart(heard: Float32Array): number | undefined {
  let start = musicPosition(heard);
  for (let end = heard.length - WINDOW_SAMPLES; start !== undefined; end -= WINDOW_SAMPLES) {
    if (end < WINDOW_SAMPLES) return undefined;
    const before = musicPosition(heard.subarray(0, end));
    const isUnbroken = before !== undefined && Math.abs(start - WINDOW_SECONDS - before) < WINDOW_TOLERANCE_SECONDS;
    if (!isUnbroken) return start;
    start = before;
  }
  return undefined;
}

/** Seconds into the music, from the last quarter of a second of a recording; undefined: that is not music. */
export function musicPosition(heard: Float32Array): number | undefined {
  const piece = heard.slice(-WINDOW_SAMPLES);
  const crossings: number[] = [];
  for (let i = 1; i < piece.length; i++) {
    if (piece[i - 1]! < 0 && piece[i]! >= 0) crossings.push(i - piece[i]! / (piece[i]! - piece[i - 1]!));
  }
  if (crossings.length < 20) return undefined;
  const periods = crossings.slice(1).map((at, i) => at - crossings[i]!);
  const mean = periods.reduce((sum, period) => sum + period, 0) / periods.length;
  // A tone, and nothing else.
  if (periods.some((period) => Math.abs(period - mean) > mean * 0.2)) return undefined;
  return (SAMPLE_RATE_HZ / mean - FIRST_HZ) / RISE_HZ_PER_SECOND;
}

function answer(request: IncomingMessage, response: ServerResponse, file: Buffer): void {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const first = Math.min(Number(range?.[1] ?? 0), file.length - 1);
  const last = range?.[2] ? Math.min(Number(range[2]), file.length - 1) : file.length - 1;
  response.writeHead(range ? 206 : 200, {
    'content-type': 'audio/x-wav',
    'accept-ranges': 'bytes',
    'content-length': last - first + 1,
    ...(range ? { 'content-range': `bytes ${first}-${last}/${file.length}` } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : file.subarray(first, last + 1));
}

function wav(): Buffer {
  const samples = DURATION_SECONDS * FILE_RATE_HZ;
  const file = Buffer.alloc(HEADER_BYTES + samples * 2);
  file.write('RIFF', 0);
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(FILE_RATE_HZ, 24);
  file.writeUInt32LE(FILE_RATE_HZ * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i++) {
    const seconds = i / FILE_RATE_HZ;
    const turns = FIRST_HZ * seconds + (RISE_HZ_PER_SECOND * seconds ** 2) / 2;
    file.writeInt16LE(Math.round(AMPLITUDE * 32_767 * Math.sin(2 * Math.PI * turns)), HEADER_BYTES + i * 2);
  }
  return file;
}
