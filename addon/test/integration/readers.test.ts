/** Every player we know and cannot have here hears what is said, by every door for players. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpRig, type HttpRig } from '../support/http-rig.ts';
import { compareSpeech, SAME_SPEECH } from '../support/judge.ts';
import { encodeOpus, OpusVoice } from '../support/opus-voice.ts';
import { decodeAudio, SAMPLE_RATE_HZ, slice } from '../support/pcm.ts';
import { Playing, type Heard } from '../support/readers/reader.ts';
import { READERS } from '../support/readers/table.ts';
import { COUNTING, speak } from '../support/speech.ts';

const TALK_MS = 6000;
/** Of silence after the talk, in any format, on a door that does not end. */
const MORE_BYTES = 4000;

interface Door {
  /** Of a stream id. */
  url: (rig: HttpRig) => string;
  /** Its stream ends with the talk. */
  ends: boolean;
}

const DOORS: Record<string, Door> = {
  '/stream/<id>': { url: (rig) => rig.mediaUrls.urlsOf('kitchen').mp3Url, ends: true },
  '/stream/latest': { url: (rig) => rig.mediaUrls.urlsOf('latest').mp3Url, ends: false },
};

let spoken: Float32Array;
let rig: HttpRig;
let folder: string;
const heard: Record<string, Heard[]> = {};

/** All of them at once, at one talk: it takes as long as the talk. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readers-'));
  spoken = slice((await speak(COUNTING)).pcm, 0, TALK_MS);
  const packets = await encodeOpus(spoken);
  rig = await httpRig();
  const play = ([name, { url }]: [string, Door]): [string, Playing[]] => [
    name,
    READERS.map((reader) => new Playing(reader, url(rig).replace(/\.mp3$/, `.${reader.extension ?? 'mp3'}`))),
  ];
  const doors = Object.entries(DOORS);
  const idle = doors.filter(([, { ends }]) => !ends).map(play);
  await Promise.all(idle.flatMap(([, playing]) => playing.map((each) => each.took(1))));
  const stream = rig.relay.start({ id: 'kitchen', name: 'Kitchen' });
  const live = doors.filter(([, { ends }]) => ends).map(play);
  await Promise.all(live.flatMap(([, playing]) => playing.map((each) => each.took(1))));
  await new OpusVoice({ stream, packets }).speak();
  rig.relay.end(stream, 'stopped');
  const after = idle.flatMap(([, playing]) => playing.map((each) => ({ each, bytes: each.bytes })));
  await Promise.all(after.map(({ each, bytes }) => each.took(bytes + MORE_BYTES)));
  for (const { each } of after) each.leave();
  for (const [name, playing] of [...idle, ...live]) heard[name] = await Promise.all(playing.map(({ done }) => done));
}, 60_000);

afterAll(async () => {
  await rig.close();
  await rm(folder, { recursive: true });
});

describe.each(Object.entries(DOORS))('%s', (door, { ends }) => {
  it.each(READERS.map((reader, index) => ({ ...reader, index })))('$name', async ({ index, extension, comesBack }) => {
    const { complaints, sound, plays, endedByServer, secondAnswer, answer, titles } = heard[door]![index]!;
    expect(complaints).toEqual([]);
    expect(endedByServer).toBe(ends);
    expect(plays).toBe(true);
    const file = join(folder, `${index}.${extension ?? 'mp3'}`);
    await writeFile(file, sound);
    const pcm = await decodeAudio(file);
    expect(pcm.length / SAMPLE_RATE_HZ).toBeGreaterThan((TALK_MS / 1000) * 0.9);
    expect(compareSpeech(pcm, spoken).score).toBeGreaterThan(SAME_SPEECH);
    // Who comes back after the end is told that it is over, and not with a page.
    if (ends && comesBack) expect(secondAnswer).toMatchObject({ status: 404 });
    if (answer?.headers.has('icy-metaint')) expect(titles).toContain('Kitchen');
  });
});

/** What these players cannot play, they do not play here either. */
describe('a server that does not know', () => {
  const answers: Record<string, (response: ServerResponse) => void> = {
    chunks: (response) => response.writeHead(200, { 'Content-Type': 'audio/mpeg', Connection: 'close' }).end('sound'),
    parameters: (response) => answerWith(response, { 'Content-Type': 'audio/mpeg; charset=utf-8' }),
    pages: (response) => answerWith(response, { 'Content-Type': 'text/html' }, '<html>'),
    bare: (response) => answerWith(response, { 'Content-Type': 'audio/mpeg' }),
    ranges: (response) => answerWith(response, { 'Content-Type': 'audio/mpeg', 'Accept-Ranges': 'bytes' }),
    silence: (response) => response.writeHead(200, { 'Content-Type': 'audio/mpeg' }).flushHeaders(),
  };
  function answerWith(response: ServerResponse, headers: Record<string, string>, body = 'sound'): void {
    response.useChunkedEncodingByDefault = false;
    response.writeHead(200, { ...headers, Connection: 'close' }).end(body);
  }
  const server = createServer((request, response) => {
    // A HEAD that went well, so that the player comes to its GET.
    if (request.method === 'HEAD') answers['bare']!(response);
    else answers[request.url!.split('/')[1]!]!(response);
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it.each([
    ['chunks', 'ExoPlayer', 'Transfer-Encoding: chunked'],
    ['parameters', 'ESPHome', 'Content-Type: audio/mpeg; charset=utf-8'],
    ['pages', 'VLC', 'a page instead of sound'],
    ['bare', 'Cast', 'no CORS'],
    ['ranges', 'AVPlayer', 'ranges promised'],
    ['bare', 'Sonos, a track', '714'],
    ['silence', 'impatient', 'nothing came for 100 ms'],
  ])('%s: refused by %s', async (kind, name, complaint) => {
    const reader = READERS.find((each) => each.name.startsWith(name)) ?? { ...READERS[2]!, givesUpAfterMs: 100 };
    const { port } = server.address() as AddressInfo;
    const { complaints } = await new Playing(reader, `http://127.0.0.1:${port}/${kind}/sound`).done;
    expect(complaints.join()).toContain(complaint);
  });
});
