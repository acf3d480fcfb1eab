/** Real Opus through the real worker and a real HTTP server, judged by ffmpeg and mpg123. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import express from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ListenerCounters } from '../../src/http/stream-listener.ts';
import { createStreamRoutes } from '../../src/http/stream-routes.ts';
import { Relay } from '../../src/media/relay.ts';
import { Transcoder } from '../../src/media/transcoder/transcoder.ts';
import { compareSpeech, loudness, SAME_SPEECH } from '../support/judge.ts';
import { once } from '../support/once.ts';
import { encodeOpus, OpusVoice, POISON, tone } from '../support/opus-voice.ts';
import { decodeAudio, SAMPLE_RATE_HZ, slice } from '../support/pcm.ts';
import { Player } from '../support/player.ts';
import { quietLog, type QuietLog } from '../support/quiet-log.ts';
import { COUNTING, speak, STORY } from '../support/speech.ts';

const run = promisify(execFile);
const workerUrl = new URL('../../dist/transcoder-worker.js', import.meta.url);
const MP3_BYTES_PER_MS = 16;
const WAV_BYTES_PER_MS = 96;

let folder: string;
let log: QuietLog;
let relay: Relay;
let transcoder: Transcoder;
let counters: ListenerCounters;
let server: Server;
let base: string;

async function open(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'transcoder-'));
  log = quietLog();
  relay = new Relay({ log });
  transcoder = new Transcoder({ log, relay, workerUrl, idleMs: 0 });
  counters = new ListenerCounters();
  server = createServer(express().use(createStreamRoutes({ transcoder, relay, log, counters })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/stream`;
}

async function close(): Promise<void> {
  await relay.close();
  await transcoder.close();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
}

async function keep(name: string, bytes: Buffer): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, bytes);
  return file;
}

async function probe(file: string): Promise<Record<string, unknown>> {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', file]);
  return (JSON.parse(stdout) as { streams: Record<string, unknown>[] }).streams[0]!;
}

/** What the clock promises: real time within 100 ms. */
function expectLength(pcm: Float32Array, ms: number): void {
  expect(Math.abs(pcm.length / 48 - ms), `${pcm.length / 48} ms of sound instead of ${ms}`).toBeLessThan(100);
}

/** Every frame begins with the same header, and none borrows bits of the one before. */
function expectWholeFrames(mp3: Buffer): void {
  expect(mp3.length % 384).toBe(0);
  for (let at = 0; at < mp3.length; at += 384) {
    expect(mp3.subarray(at, at + 4).toString('hex'), `frame at ${at}`).toBe('fffb94c4');
    // main_data_begin, 9 bits.
    expect(mp3[at + 4], `bit reservoir at ${at}`).toBe(0);
    expect(mp3[at + 5]! >> 7).toBe(0);
  }
}

describe('the transcoder over HTTP', () => {
  beforeEach(() => open());
  afterEach(close);

  it('plays speech as MP3 and WAV that ffmpeg and mpg123 take, and the words are the ones spoken', async () => {
    const speech = await speak(COUNTING);
    const spoken = slice(speech.pcm, 0, 5000);
    const stream = relay.start({ id: 'kitchen', name: 'Kitchen' });
    const voice = new OpusVoice({ stream, packets: await encodeOpus(spoken) });
    const mp3 = await Player.play(`${base}/kitchen.mp3`);
    const wav = await Player.play(`${base}/kitchen.wav`);
    await voice.speak();
    relay.end(stream, 'stopped');

    const mp3Bytes = await mp3.ended;
    expectWholeFrames(mp3Bytes);
    const mp3File = await keep('a.mp3', mp3Bytes);
    expect(await probe(mp3File)).toMatchObject({
      codec_name: 'mp3',
      sample_rate: '48000',
      channels: 1,
      bit_rate: '128000',
    });
    const mpg123 = await run('mpg123', ['-q', '--no-resync', '-t', mp3File]);
    expect(mpg123.stderr).toBe('');
    const mp3Pcm = await decodeAudio(mp3File);
    expect(compareSpeech(mp3Pcm, spoken).score).toBeGreaterThan(SAME_SPEECH);
    expectLength(mp3Pcm, 5050);

    const wavFile = await keep('a.wav', await wav.ended);
    expect(await probe(wavFile)).toMatchObject({ codec_name: 'pcm_s16le', sample_rate: '48000', channels: 1 });
    const wavPcm = await decodeAudio(wavFile);
    expect(compareSpeech(wavPcm, spoken).score).toBeGreaterThan(SAME_SPEECH);
    expectLength(wavPcm, 5000);
    // And the judge can tell: other words are not these.
    expect(compareSpeech(mp3Pcm, slice((await speak(STORY)).pcm, 0, 5000)).score).toBeLessThan(SAME_SPEECH);
    expect(log.lines).toEqual([]);
  });

  it.each([
    ['2.5 ms packets', { frameMs: 2.5 }],
    ['10 ms packets', { frameMs: 10 }],
    ['60 ms packets', { frameMs: 60 }],
    ['stereo packets', { channels: 2 as const }],
  ])('plays %s', async (_name, options) => {
    const stream = relay.start({ id: 'door', name: 'Door' });
    const voice = new OpusVoice({ stream, packets: await encodeOpus(tone(440, 1200), options), ...options });
    const wav = await Player.play(`${base}/door.wav`);
    await voice.speak();
    relay.end(stream, 'stopped');
    const pcm = await decodeAudio(await keep('a.wav', await wav.ended));
    expect(pitch(slice(pcm, 200, 1100))).toBeCloseTo(440, -1);
    expect(loudness(slice(pcm, 200, 1100))).toBeGreaterThan(0.15);
    expectLength(pcm, 1200);
  });

  it.each([
    ['without FEC', false],
    ['with FEC', true],
  ])('conceals 5 of 100 packets lost, %s', async (_name, fec) => {
    const stream = relay.start({ id: 'shed', name: 'Shed' });
    const packets = await encodeOpus(tone(440, 3000), { fec });
    const voice = new OpusVoice({ stream, packets, isLost: (index) => index % 20 === 10 });
    const wav = await Player.play(`${base}/shed.wav`);
    await voice.speak();
    await once<unknown>((resolve) => {
      // The worker reports once a second; the talk's end brings the last report.
      const off = transcoder.onListenersChanged(() => {
        off();
        resolve(undefined);
      });
      relay.end(stream, 'stopped');
    }, 'the end of the talk');
    const pcm = await decodeAudio(await keep('a.wav', await wav.ended));
    expectLength(pcm, 3000);
    // No hole: every 10 ms of the tone sound.
    for (let ms = 100; ms < 2850; ms += 10) {
      expect(loudness(slice(pcm, ms, ms + 10)), `at ${ms} ms`).toBeGreaterThan(0.01);
    }
    expect(transcoder.stats().totals).toMatchObject({ lostPackets: 7, concealedFrames: 7, corruptPackets: 0 });
  });

  it('conceals and counts packets that are no Opus', async () => {
    const stream = relay.start({ id: 'shed', name: 'Shed' });
    const packets = await encodeOpus(tone(440, 1500));
    packets[20] = Buffer.from([0xff, 0xff, 0xff, 0xff]);
    packets[30] = Buffer.alloc(0);
    packets[40] = Buffer.alloc(2000, 0xfb);
    const wav = await Player.play(`${base}/shed.wav`);
    await new OpusVoice({ stream, packets }).speak();
    relay.end(stream, 'stopped');
    const pcm = await decodeAudio(await keep('a.wav', await wav.ended));
    expectLength(pcm, 1500);
    expect(transcoder.stats().totals.corruptPackets).toBe(2);
    expect(transcoder.stats().workerRestarts).toBe(0);
  });

  it.each([
    ['muted: nothing, then +1 and +960', false],
    ['DTX: the timestamps show the gap', true],
  ])('gives silence in real time while the sender is %s', async (_name, dtx) => {
    const stream = relay.start({ id: 'attic', name: 'Attic' });
    const voice = new OpusVoice({ stream, packets: await encodeOpus(tone(440, 2000)) });
    const wav = await Player.play(`${base}/attic.wav`);
    const startedAtMs = performance.now();
    await voice.speak(50);
    const before = wav.bytes;
    const pausedAtMs = performance.now();
    await wav.heard(before + 1500 * WAV_BYTES_PER_MS);
    const pauseMs = performance.now() - pausedAtMs;
    expect(pauseMs).toBeGreaterThan(1350);
    expect(pauseMs).toBeLessThan(1700);
    if (dtx) voice.skip(pauseMs);
    await voice.speak(50);
    const elapsedMs = performance.now() - startedAtMs;
    relay.end(stream, 'stopped');
    const pcm = await decodeAudio(await keep('a.wav', await wav.ended));
    expect(Math.abs(pcm.length / 48 - elapsedMs)).toBeLessThan(100);
    const gaps = wav.arrivedAtMs.slice(2).map((at, index) => at - wav.arrivedAtMs[index + 1]!);
    expect(Math.max(...gaps)).toBeLessThan(180);
    expect(loudness(slice(pcm, 1250, 2300))).toBeLessThan(0.001);
    expect(loudness(slice(pcm, 200, 900))).toBeGreaterThan(0.15);
    expect(loudness(slice(pcm, 1000 + pauseMs + 100, elapsedMs - 100))).toBeGreaterThan(0.15);
  });

  it('plays latest through silence, a talk, a newer talk over it, back, and silence again', async () => {
    const lowPackets = await encodeOpus(tone(300, 3000));
    const highPackets = await encodeOpus(tone(900, 1000));
    const player = await Player.play(`${base}/latest.mp3`);
    const wavPlayer = await Player.play(`${base}/latest.wav`);
    const startedAtMs = performance.now();
    /** How much sound has come by now. */
    const heardMs = (): number => player.bytes / MP3_BYTES_PER_MS;
    // Until the worker, started by these listeners, has warmed up on a machine however slow.
    await player.heard(1500 * MP3_BYTES_PER_MS);
    const low = relay.start({ id: 'low', name: 'Low' });
    const lowVoice = new OpusVoice({ stream: low, packets: lowPackets });
    expect(transcoder.listenersOf('low')).toBe(2);
    await lowVoice.speak(50);
    const lowMs = heardMs();
    const high = relay.start({ id: 'high', name: 'High' });
    expect(transcoder.listenersOf('low')).toBe(0);
    const highVoice = new OpusVoice({ stream: high, packets: highPackets });
    await Promise.all([lowVoice.speak(50), highVoice.speak()]);
    const highMs = heardMs();
    relay.end(high, 'stopped');
    await lowVoice.speak();
    const backMs = heardMs();
    relay.end(low, 'stopped');
    await player.heard(player.bytes + 600 * MP3_BYTES_PER_MS);
    const elapsedMs = performance.now() - startedAtMs;
    player.leave();
    wavPlayer.leave();
    const bytes = await player.ended;
    expectWholeFrames(bytes);
    const mp3Pcm = await decodeAudio(await keep('a.mp3', bytes));
    const wavPcm = await decodeAudio(await keep('a.wav', await wavPlayer.ended));
    for (const pcm of [mp3Pcm, wavPcm]) {
      expect(Math.abs(pcm.length / 48 - elapsedMs)).toBeLessThan(130);
      expect(loudness(slice(pcm, 0, 1450))).toBeLessThan(0.001);
      expect(pitch(slice(pcm, lowMs - 700, lowMs - 200))).toBeCloseTo(300, -1);
      expect(pitch(slice(pcm, highMs - 600, highMs - 200))).toBeCloseTo(900, -1);
      expect(pitch(slice(pcm, backMs - 600, backMs - 200))).toBeCloseTo(300, -1);
      expect(loudness(slice(pcm, backMs + 350, backMs + 550))).toBeLessThan(0.001);
    }
    expect(transcoder.stats().droppedChunks).toBe(0);
  });

  it('decodes and encodes once for 30 listeners, who all hear the same bytes', async () => {
    const stream = relay.start({ id: 'hall', name: 'Hall' });
    const voice = new OpusVoice({ stream, packets: await encodeOpus(tone(440, 1000)) });
    const players = await Promise.all(Array.from({ length: 30 }, () => Player.play(`${base}/hall.mp3`)));
    expect(stream.sinkCount).toBe(1);
    expect(transcoder.listenersOf('hall')).toBe(30);
    await voice.speak();
    expect(transcoder.stats().encoders).toMatchObject([{ streamId: 'hall', format: 'mp3', listeners: 30 }]);
    relay.end(stream, 'stopped');
    const all = await Promise.all(players.map((player) => player.ended));
    expect(all[0]!.length).toBeGreaterThan(900 * MP3_BYTES_PER_MS);
    expect(all.every((bytes) => bytes.equals(all[0]!))).toBe(true);
    expect(transcoder.stats().totals.decodedFrames).toBe(50);
    expect(counters.totalBytes).toBe(30 * all[0]!.length);
  });

  it('goes on after its worker crashed', async () => {
    const stream = relay.start({ id: 'hall', name: 'Hall' });
    const voice = new OpusVoice({ stream, packets: await encodeOpus(tone(440, 3000)) });
    const player = await Player.play(`${base}/hall.mp3`);
    await voice.speak(25);
    await player.heard(300 * MP3_BYTES_PER_MS);
    stream.write({ sequenceNumber: 0, timestamp: POISON, marker: false, payload: Buffer.from([1]), levelDbov: 0 });
    const before = player.bytes;
    await voice.speak(100);
    await player.heard(before + 1000 * MP3_BYTES_PER_MS);
    expect(transcoder.stats().workerRestarts).toBe(1);
    expect(log.lines.filter((line) => line.includes('the worker crashed'))).toHaveLength(1);
    relay.end(stream, 'stopped');
    expectWholeFrames(await player.ended);
  });
});

describe('when all have left', () => {
  it('has no worker, no sink and no timer', async () => {
    const before = resources();
    await open();
    const stream = relay.start({ id: 'hall', name: 'Hall' });
    const voice = new OpusVoice({ stream, packets: await encodeOpus(tone(440, 400)) });
    const players = await Promise.all(
      ['hall.mp3', 'hall.wav', 'latest.mp3', 'latest.wav'].map((file) => Player.play(`${base}/${file}`)),
    );
    await voice.speak();
    expect(transcoder.stats().workerRunning).toBe(true);
    expect(transcoder.listenersOf('hall')).toBe(4);
    const gone = once<unknown>((resolve) => {
      transcoder.onListenersChanged(() => {
        if (transcoder.listenerCount === 0) resolve(undefined);
      });
    }, 'nobody listens');
    players.forEach((player) => player.leave());
    await gone;
    expect(stream.sinkCount).toBe(0);
    await expect.poll(() => transcoder.stats().workerRunning).toBe(false);
    expect(transcoder.stats().encoders).toEqual([]);
    await close();
    await expect.poll(resources).toEqual(before);
    await transcoder.close();
  });
});

/** What keeps a process alive. */
function resources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => /MessagePort|Worker|TCP|Timeout/.test(name))
    .sort();
}

/** Zero crossings tell a pure tone's pitch; the middle one of many windows, as a busy machine makes pauses. */
function pitch(pcm: Float32Array): number {
  const windowSamples = SAMPLE_RATE_HZ / 20;
  const pitches: number[] = [];
  for (let start = 0; start + windowSamples < pcm.length; start += windowSamples) {
    let rising = 0;
    for (let i = start + 1; i <= start + windowSamples; i++) if (pcm[i - 1]! < 0 && pcm[i]! >= 0) rising += 1;
    pitches.push((rising * SAMPLE_RATE_HZ) / windowSamples);
  }
  return pitches.sort((a, b) => a - b)[pitches.length >> 1] ?? 0;
}
