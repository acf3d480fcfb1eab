/** Talks and announcements over HTTP from their first word: real Opus, the real worker, judged by ffmpeg and the speech judge. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plays } from '../../src/http/ports.ts';
import { ListenerCounters } from '../../src/http/stream-listener.ts';
import { createStreamRoutes } from '../../src/http/stream-routes.ts';
import type { RecordedTalk } from '../../src/media/ports.ts';
import { Relay } from '../../src/media/relay.ts';
import type { Stream } from '../../src/media/stream.ts';
import { TalkStore } from '../../src/media/talk-store.ts';
import { monotonicMs } from '../../src/media/transcoder/monotonic.ts';
import { Transcoder } from '../../src/media/transcoder/transcoder.ts';
import { FakePlay } from '../fakes/fake-play.ts';
import { FakeTalk } from '../fakes/fake-talk.ts';
import { compareSpeech, loudness, SAME_SPEECH } from '../support/judge.ts';
import { once } from '../support/once.ts';
import { encodeOpus, OpusVoice, POISON, tone } from '../support/opus-voice.ts';
import { decodeAudio, slice, toInt16 } from '../support/pcm.ts';
import { Player } from '../support/player.ts';
import { quietLog, type QuietLog } from '../support/quiet-log.ts';
import { COUNTING, speak } from '../support/speech.ts';
import { findWord, WHOLE_WORD } from '../support/word-judge.ts';

const workerUrl = new URL('../../dist/transcoder-worker.js', import.meta.url);
/** A player may take so long for what should be there at once: for a busy machine. */
const PATIENCE = { timeout: 10_000 };

/** The word alone, a third of a second. */
async function dinner(): Promise<Float32Array> {
  const { pcm } = await speak('Dinner!');
  const end = pcm.findLastIndex((sample) => Math.abs(sample) > 0.003);
  return slice(pcm, 0, Math.ceil(end / 960) * 20);
}

describe('talks over HTTP', () => {
  let folder: string;
  let log: QuietLog;
  let relay: Relay;
  let talks: TalkStore;
  let transcoder: Transcoder;
  let counters: ListenerCounters;
  let server: Server;
  let base: string;
  let plays: Map<string, FakePlay | 'over'>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'talks-'));
    log = quietLog();
    relay = new Relay({ log });
    talks = new TalkStore({ log, relay });
    transcoder = new Transcoder({ log, relay, workerUrl, idleMs: 0 });
    counters = new ListenerCounters();
    plays = new Map();
    const book: Plays = { find: (playId) => plays.get(playId) };
    const checkTicket = (ticket: string): boolean => ticket === 'the-ticket';
    const routes = createStreamRoutes({
      transcoder,
      relay,
      talks,
      plays: book,
      log,
      counters,
      maxLengthWaitMs: 10_000,
      checkTicket,
    });
    server = createServer(express().use(routes));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    await relay.close();
    await talks.close();
    await transcoder.close();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
    // Warnings are what a busy machine may give rise to: sound that came in a burst.
    expect(log.lines.filter((line) => line.startsWith('ERROR'))).toEqual([]);
  });

  async function decoded(name: string, bytes: Buffer): Promise<Float32Array> {
    const file = join(folder, name);
    await writeFile(file, bytes);
    return decodeAudio(file);
  }

  /** Says all of it, in real time, and hangs up. */
  async function say(packets: readonly Buffer[], options: { private?: boolean } = {}): Promise<Stream> {
    const stream = relay.start({ id: 'kitchen', name: 'Kitchen', ...options });
    await new OpusVoice({ stream, packets }).speak();
    relay.end(stream, 'stopped');
    return stream;
  }

  /** VLC asks again for what looks like radio, and would repeat it for ever. */
  function expectNoRadio(player: Player): void {
    expect(Object.keys(player.response.headers).filter((name) => name.startsWith('icy'))).toEqual([]);
  }

  it('"Dinner!", over before the speaker has connected, is heard whole in every format', async () => {
    const pcm = await dinner();
    const stream = await say(await encodeOpus(pcm));
    for (const [extension, bytesPerMs] of [
      ['mp3', 16],
      ['320.mp3', 40],
      ['wav', 96],
    ] as const) {
      const url = `${base}/talk/${stream.talkId}.${extension}`;
      const head = await fetch(url, { method: 'HEAD' });
      const player = await Player.play(url, { Range: 'bytes=0-', 'Icy-MetaData': '1' });
      const bytes = await player.ended;
      expectNoRadio(player);
      expect(player.response.statusCode).toBe(200);
      expect(player.response.headers['content-type']).toBe(extension === 'wav' ? 'audio/wav' : 'audio/mpeg');
      expect(Number(player.response.headers['content-length'])).toBe(bytes.length);
      expect(Number(head.headers.get('content-length'))).toBe(bytes.length);
      const heard = await decoded(`a.${extension}`, bytes);
      const { score } = findWord(heard, pcm);
      expect(score, extension).toBeGreaterThan(WHOLE_WORD);
      expect(bytes.length / bytesPerMs, extension).toBeGreaterThan(pcm.length / 48);
    }
    expect(transcoder.stats().workerRestarts).toBe(0);
  });

  it('a player that comes in the middle of a talk hears its first word, catches up and then hears it live', async () => {
    const pcm = slice((await speak(COUNTING)).pcm, 0, 5000);
    const stream = relay.start({ id: 'kitchen', name: 'Kitchen' });
    const voice = new OpusVoice({ stream, packets: await encodeOpus(pcm) });
    const spoken = voice.speak();
    await expect.poll(() => stream.packetsIn, PATIENCE).toBeGreaterThan(150);
    const player = await Player.play(`${base}/talk/${stream.talkId}.mp3`);
    expect(player.response.headers['content-length']).toBeUndefined();
    // What was said before it came is there while the talk still runs.
    await player.heard(16 * 2800);
    expect(stream.ended).toBe(false);
    expect(transcoder.listenersOf('kitchen')).toBe(1);
    await spoken;
    relay.end(stream, 'stopped');
    const heard = await decoded('a.mp3', await player.ended);
    expect(compareSpeech(heard, pcm).score).toBeGreaterThan(SAME_SPEECH);
    expect(heard.length / 48).toBeGreaterThanOrEqual(5000);
    expect(heard.length / 48).toBeLessThan(6000);
    expect(transcoder.listenersOf('kitchen')).toBe(0);
  });

  it('a second listening of the same talk hears the same bytes, and so do twenty at once, encoded once', async () => {
    const stream = await say(await encodeOpus(tone(440, 1000)));
    const url = `${base}/talk/${stream.talkId}.mp3`;
    const players = await Promise.all(Array.from({ length: 20 }, () => Player.play(url)));
    const [first, ...others] = await Promise.all(players.map((player) => player.ended));
    for (const bytes of [...others, await (await Player.play(url)).ended]) expect(bytes.equals(first!)).toBe(true);
    expect(first!.length).toBeGreaterThan(16 * 900);
    expect(transcoder.stats().totals.decodedFrames).toBe(50);
  });

  it('plays what was said privately to who has a ticket for it, and only that', async () => {
    const hidden = await say(await encodeOpus(tone(440, 100)), { private: true });
    const open = await fetch(`${base}/replay/the-ticket/${hidden.talkId}.mp3`);
    expect([open.status, (await open.arrayBuffer()).byteLength > 0]).toEqual([200, true]);
    expect((await fetch(`${base}/replay/a-ticket/${hidden.talkId}.mp3`)).status).toBe(404);
    expect((await fetch(`${base}/play/the-ticket/${hidden.talkId}.mp3`)).status).toBe(404);
  });

  it('a channel outlives talks, holds nothing private, and its title says who talks and clears', async () => {
    const first = relay.start({ id: 'kitchen', name: 'Kitchen' });
    const words = await encodeOpus(tone(440, 1200));
    const player = await Player.play(`${base}/channel/kitchen.320.mp3`, { 'Icy-MetaData': '1' });
    const titles = (): string[] =>
      [
        ...Buffer.concat(player.chunks)
          .toString('latin1')
          .matchAll(/StreamTitle='(\w*)';/g),
      ].map(([, title]) => title ?? '');
    await new OpusVoice({ stream: first, packets: words }).speak();
    await expect.poll(titles, PATIENCE).toEqual(['Kitchen']);
    relay.end(first, 'stopped');
    await expect.poll(titles, PATIENCE).toEqual(['Kitchen', '']);
    const decoded = transcoder.stats().totals.decodedFrames;
    const secret = relay.start({ id: 'kitchen', name: 'Kitchen', private: true });
    await new OpusVoice({ stream: secret, packets: words.slice(0, 20) }).speak();
    relay.end(secret, 'stopped');
    const again = relay.start({ id: 'kitchen', name: 'Kitchen' });
    await new OpusVoice({ stream: again, packets: words }).speak();
    await expect.poll(titles, PATIENCE).toEqual(['Kitchen', '', 'Kitchen']);
    player.leave();
    await expect.poll(() => transcoder.listenerCount, PATIENCE).toBe(0);
    relay.end(again, 'stopped');
    await expect.poll(() => transcoder.stats().totals.decodedFrames, PATIENCE).toBeGreaterThan(decoded);
    // Of the private talk nothing was decoded.
    expect(transcoder.stats().totals.decodedFrames).toBeLessThanOrEqual(120);
  });

  it('answers 404 to what never was, to what is private, and 410 to what is no more', async () => {
    const stream = await say(await encodeOpus(tone(440, 100)), { private: true });
    const status = async (path: string): Promise<number> => (await fetch(`${base}${path}`)).status;
    expect(await status('/talk/AAAAAAAAAAAAAAAAAAAAAA.mp3')).toBe(404);
    expect(await status(`/talk/${stream.talkId}.mp3`)).toBe(404);
    plays.set('over-since-long', 'over');
    expect(await status('/announcement/over-since-long.mp3')).toBe(410);
    await talks.close();
    expect(await status(`/talk/${stream.talkId}.wav`)).toBe(410);
  });

  it('waits for a player that takes a long talk slowly, and keeps no copy for it', async () => {
    const minute = await encodeOpus(tone(300, 60_000));
    const talk = new FakeTalk(minute, monotonicMs() - 60_000);
    talk.end();
    const play = new FakePlay();
    play.begin(talk);
    plays.set('slow-player', play);
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write('GET /announcement/slow-player.wav HTTP/1.0\r\nUser-Agent: Snail\r\n\r\n');
    let taken = 0;
    // More than one write holds: what the system took of one that is not done does not count yet.
    await once<unknown>((resolve) => {
      socket.on('data', (chunk) => {
        taken += chunk.length;
        if (taken > 256 * 1024) resolve(undefined);
      });
    }, 'the first sounds');
    socket.pause();
    // All is encoded, and the socket has taken what it can.
    await expect.poll(() => transcoder.stats().totals.decodedFrames, PATIENCE).toBe(3000);
    await expect.poll(() => play.drained.bytes, PATIENCE).toBeGreaterThan(0);
    expect(play.reports).toEqual([]);
    socket.resume();
    await once<unknown>((resolve) => socket.once('close', resolve), 'the end');
    expect(taken).toBeGreaterThan(96 * 59_900);
    await expect.poll(() => play.reports, PATIENCE).toEqual(['finished']);
    expect(play.fetches).toEqual(['Snail wav']);
    expect(play.drained.soundMs).toBeGreaterThan(59_900);
    expect(counters.droppedListeners).toBe(0);
  });

  it('an announcement begins with its prelude, is silent until the talk begins, and ends with it', async () => {
    const chime = tone(880, 400);
    const play = new FakePlay({ pcm: toInt16(chime) });
    plays.set('an-announcement', play);
    const player = await Player.play(`${base}/announcement/an-announcement.wav`, { 'Icy-MetaData': '1' });
    expectNoRadio(player);
    // The prelude at once, then silence at the pace of the clock.
    await player.heard(44 + 96 * 1200);
    const pcm = await dinner();
    const stream = relay.start({ id: 'kitchen', name: 'Kitchen' });
    const voice = new OpusVoice({ stream, packets: await encodeOpus(pcm) });
    await voice.speak(20);
    play.begin(talks.get(stream.talkId) as RecordedTalk);
    await voice.speak();
    relay.end(stream, 'stopped');
    const heard = await decoded('a.wav', await player.ended);
    expect(loudness(slice(heard, 50, 300))).toBeGreaterThan(0.1);
    expect(loudness(slice(heard, 450, 700))).toBeLessThan(0.001);
    const { score, startMs } = findWord(heard, pcm);
    expect(score).toBeGreaterThan(WHOLE_WORD);
    expect(startMs).toBeGreaterThan(1150);
    await expect.poll(() => play.reports, PATIENCE).toEqual(['finished']);
    expect(play.drained.bytes).toBe(player.bytes);
  });

  it('a second player of the same chime gets it without encoding, in MP3 whole frames', async () => {
    const prelude = { pcm: toInt16(tone(880, 300)) };
    const packets = await encodeOpus(tone(300, 200));
    const bytes: Buffer[] = [];
    for (const playId of ['first-play', 'second-play']) {
      const play = new FakePlay(prelude);
      plays.set(playId, play);
      const talk = new FakeTalk(packets, monotonicMs() - 200, playId);
      talk.end();
      play.begin(talk);
      bytes.push(await (await Player.play(`${base}/announcement/${playId}.320.mp3`)).ended);
    }
    expect(bytes[0]!.length % 960).toBe(0);
    // A frame of silence first, then the chime; what follows waits for the talk a little, or not.
    const chime = (each: Buffer): Buffer => each.subarray(0, 12 * 960);
    expect(chime(bytes[1]!).equals(chime(bytes[0]!))).toBe(true);
    const heard = await decoded('a.mp3', bytes[0]!);
    expect(loudness(slice(heard, 80, 150))).toBeGreaterThan(0.1);
  });

  it('a stop ends the sound at once, also for a player that has not read what it was sent', async () => {
    const talk = new FakeTalk(await encodeOpus(tone(300, 60_000)), monotonicMs() - 60_000);
    talk.end();
    const play = new FakePlay();
    play.begin(talk);
    plays.set('stopped-play', play);
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET /announcement/stopped-play.wav HTTP/1.0\r\n\r\n');
    await once<unknown>((resolve) => socket.once('data', resolve), 'the first sound');
    socket.pause();
    await expect.poll(() => transcoder.stats().totals.decodedFrames, PATIENCE).toBe(3000);
    play.stop();
    await expect.poll(() => play.reports, PATIENCE).toHaveLength(1);
    let taken = 0;
    socket.on('data', (chunk) => (taken += chunk.length));
    socket.resume();
    await once<unknown>((resolve) => socket.once('close', resolve), 'the end of the connection', 10_000);
    expect(taken).toBeLessThan(96 * 55_000);
    expect(transcoder.listenerCount).toBe(0);
  });

  it('goes on from where it was when the worker crashes', async () => {
    const pcm = slice((await speak(COUNTING)).pcm, 0, 4000);
    const stream = relay.start({ id: 'kitchen', name: 'Kitchen' });
    const voice = new OpusVoice({ stream, packets: await encodeOpus(pcm) });
    const player = await Player.play(`${base}/talk/${stream.talkId}.wav`);
    await voice.speak(100);
    await player.heard(96 * 1800);
    const live = await Player.play(`${base}/stream/kitchen.mp3`);
    stream.write({ sequenceNumber: 0, timestamp: POISON, marker: false, payload: Buffer.from([1]), levelDbov: 0 });
    await expect.poll(() => transcoder.stats().workerRestarts, PATIENCE).toBe(1);
    live.leave();
    await voice.speak();
    relay.end(stream, 'stopped');
    const heard = await decoded('a.wav', await player.ended);
    expect(compareSpeech(heard, pcm).score).toBeGreaterThan(SAME_SPEECH);
    expect(Math.abs(heard.length / 48 - 4000)).toBeLessThan(1000);
    expect(log.lines.splice(0).join()).toContain('the worker crashed');
  });
});
