/**
 * Does what ships work on a machine for arm64, which this is not? The built server in the image's Node for arm64, under
 * qemu: it starts, relays a talk, makes MP3 and WAV of it, reads an MP3 and ends. Times here are qemu's, not a Pi's.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { compareSpeech, SAME_SPEECH } from '../../test/support/judge.ts';
import { concat, decodeAudio, SAMPLE_RATE_HZ } from '../../test/support/pcm.ts';
import { Player } from '../../test/support/player.ts';
import { startServer, type TestServer } from '../../test/support/server.ts';
import { COUNTING, speak } from '../../test/support/speech.ts';
import type { Receivers } from '../processes/receivers.ts';
import type { Sender } from '../processes/sender.ts';
import { Arm64, PI_4 } from '../support/arm64.ts';
import { lostIn } from '../support/bare-sink.ts';
import { Child } from '../support/child.ts';
import { delay } from '../support/clock.ts';
import { NONE, type Figure } from '../support/figure.ts';
import { latestUrl } from './relay.ts';

const run = promisify(execFile);
const MP3_DECODER = join(import.meta.dirname, '../../dist/mp3-decoder.js');
const RECEIVERS = 3;
const TALK_MS = 12_000;
/** Two seconds. */
const LIVE_BYTES = 32_000;
const MP3_SECONDS = 2;

export async function arm64(): Promise<Figure[]> {
  const arm = new Arm64();
  const startedAtMs = performance.now();
  try {
    const server = await startServer(
      { ANNOUNCED_ADDRESS: '127.0.0.1', MEDIA_ACCESS: 'open', OPENSSL_armcap: PI_4 },
      arm.command(),
    );
    const startMs = performance.now() - startedAtMs;
    let heard: Figure[];
    try {
      const health = await fetch(`http://127.0.0.1:${server.port}/health`);
      if (!health.ok) throw new Error(`/health said ${health.status}`);
      heard = await talk(server);
    } finally {
      // Throws unless it ends with 0.
      await server.stop();
    }
    return [figure('arm64: start to listening', `${(startMs / 1000).toFixed(1)} s`), ...heard, await readsMp3(arm)];
  } finally {
    arm.close();
  }
}

async function talk(server: TestServer): Promise<Figure[]> {
  const sender = new Child<Sender>('processes/sender.ts');
  const receivers = new Child<Receivers>('processes/receivers.ts');
  try {
    // One by one, and before anybody speaks: a handshake holds everything up for a second under qemu.
    for (let i = 0; i < RECEIVERS; i += 1) await receivers.call('join', { port: server.port, count: 1 });
    await sender.call('talk', { port: server.port, name: 'Bench', saying: 'speech' });
    await receivers.call('take', undefined);
    await delay(TALK_MS);
    const { sinks } = await receivers.call('take', undefined);
    // Last, as LAME's floating point is so slow under qemu that the talk itself suffers.
    const live = await Player.play(latestUrl(server));
    await live.heard(LIVE_BYTES);
    live.leave();
    const counts = sinks.map(({ sequenceNumbers }) => sequenceNumbers.length);
    const lost = sinks.reduce((sum, { sequenceNumbers }) => sum + lostIn(sequenceNumbers), 0);
    if (counts.includes(0)) throw new Error('a receiver hears nothing');
    const url = `http://127.0.0.1:${new URL(server.media).port}/talk/${await sender.call('stop', undefined)}`;
    return [
      figure(
        `arm64: packets to each of ${RECEIVERS} receivers, ${TALK_MS / 1000} s`,
        `${counts.join(', ')}; ${lost} lost`,
      ),
      figure('arm64: live MP3 after it', `${live.bytes} bytes`),
      await judged(`${url}.mp3`),
      await judged(`${url}.wav`),
    ];
  } finally {
    await Promise.all([sender.close(), receivers.close()]);
  }
}

async function judged(url: string): Promise<Figure> {
  const folder = await mkdtemp(join(tmpdir(), 'voice-streaming-bench-'));
  try {
    const player = await Player.play(url);
    const file = join(folder, 'heard');
    await writeFile(file, await player.ended);
    const { pcm } = await speak(COUNTING);
    const { score, soundMs } = compareSpeech(await decodeAudio(file), concat([pcm, pcm]));
    const type = player.response.headers['content-type'] ?? 'no sound';
    if (score < SAME_SPEECH) throw new Error(`what came as ${type} is not what was said: ${score.toFixed(2)}`);
    return figure(`arm64: likeness to what was said, ${type}`, `${score.toFixed(2)}, ${(soundMs / 1000).toFixed(1)} s`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a chime of the house's own is read with. */
async function readsMp3(arm: Arm64): Promise<Figure> {
  const folder = await mkdtemp(join(tmpdir(), 'voice-streaming-bench-'));
  try {
    const file = join(folder, 'chime.mp3');
    const sound = `sine=frequency=880:duration=${MP3_SECONDS}:sample_rate=${SAMPLE_RATE_HZ}`;
    await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', sound, file]);
    const script = `
      const { MPEGDecoder } = await import(${JSON.stringify(pathToFileURL(MP3_DECODER).href)});
      const decoder = new MPEGDecoder();
      await decoder.ready;
      console.log(decoder.decode((await import('node:fs')).readFileSync(${JSON.stringify(file)})).samplesDecoded);`;
    const [program, ...args] = arm.node();
    const { stdout } = await run(program, [...args, '--input-type=module', '--eval', script]);
    const seconds = Number(stdout) / SAMPLE_RATE_HZ;
    if (!(Math.abs(seconds - MP3_SECONDS) < 0.2))
      throw new Error(`of ${MP3_SECONDS} s of MP3 it read ${stdout.trim()}`);
    return figure(`arm64: ${MP3_SECONDS} s of MP3, read by mpg123`, `${seconds.toFixed(2)} s`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function figure(what: string, ours: string): Figure {
  return { what, ours, goal: NONE, python: NONE, control: NONE, data: {} };
}
