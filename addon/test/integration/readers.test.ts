/** Every player we know and cannot have here hears what is said, by every door for players. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Play, PlayReport } from '../../src/http/ports.ts';
import type { RecordedTalk } from '../../src/media/ports.ts';
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
const WARM_UP_BYTES = 24_000;

/** Known to the rig: its channel is there while it does not speak. */
const STREAM_ID = 'kitchen-tablet';
const PLAY_ID = 'announcement-1';

interface Door {
  url: (rig: HttpRig) => string;
  /** When the players come. */
  comes: 'before the talk' | 'to the talk' | 'after the talk';
  /** Its stream ends with the talk. */
  ends: boolean;
  /** What a player is told that takes the end for a fault and comes back; a talk is kept for a minute. */
  again?: number;
}

const DOORS: Record<string, Door> = {
  '/stream/latest': { url: (rig) => rig.mediaUrls.urlsOf('latest').mp3Url, comes: 'before the talk', ends: false },
  '/channel/<id>': { url: (rig) => rig.mediaUrls.channelUrls(STREAM_ID).mp3Url, comes: 'before the talk', ends: false },
  '/announcement/<id>': {
    url: (rig) => rig.mediaUrls.announcementUrl(PLAY_ID, 'mp3'),
    comes: 'before the talk',
    ends: true,
    again: 410,
  },
  '/stream/<id>': {
    url: (rig) => rig.mediaUrls.urlsOf(STREAM_ID).mp3Url,
    comes: 'to the talk',
    ends: true,
    again: 404,
  },
  '/talk/<id>': { url: talkUrl, comes: 'to the talk', ends: true, again: 200 },
  '/talk/<id>, late': { url: talkUrl, comes: 'after the talk', ends: true, again: 200 },
};

function talkUrl({ mediaUrls }: HttpRig): string {
  return mediaUrls.talkUrls({ talkId, streamId: STREAM_ID, private: false }).mp3Url;
}

/** What all players of the announcement hear; over when its talk is. */
class AnnouncedTalk implements Play {
  readonly prelude = { pcm: new Int16Array((SAMPLE_RATE_HZ / 1000) * 300) };
  readonly taken = new Set<number>();
  talk: RecordedTalk | undefined;
  readonly #callbacks = new Set<(talk: RecordedTalk) => void>();

  onTalk(callback: (talk: RecordedTalk) => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  onStopped(): () => void {
    return () => undefined;
  }

  begin(talk: RecordedTalk): void {
    this.talk = talk;
    for (const callback of this.#callbacks) callback(talk);
  }

  fetched(): PlayReport {
    return { drained: (bytes) => this.taken.add(bytes), closed: () => undefined };
  }
}

let spoken: Float32Array;
let rig: HttpRig;
let folder: string;
let talkId: string;
let announced = new AnnouncedTalk();
const heard: Record<string, Heard[]> = {};

/** All players at these doors, each with its first bytes. */
async function come(names: readonly string[], when: Door['comes']): Promise<[string, Playing[]][]> {
  const playing = names
    .filter((name) => DOORS[name]!.comes === when)
    .map((name): [string, Playing[]] => [
      name,
      READERS.map(({ extension = 'mp3', ...reader }) => {
        return new Playing(reader, DOORS[name]!.url(rig).replace(/mp3$/, extension));
      }),
    ]);
  await Promise.all(playing.flatMap(([, players]) => players.map((player) => player.took(1))));
  return playing;
}

/** All at once, at one talk: it takes as long as the talk. */
async function hearTalk(names: readonly string[], packets: Buffer[]): Promise<void> {
  announced = new AnnouncedTalk();
  const playing = await come(names, 'before the talk');
  // By then the worker, which their coming starts, is there.
  const idle = playing.filter(([name]) => !DOORS[name]!.ends).flatMap(([, players]) => players);
  await Promise.all(idle.map((player) => player.took(WARM_UP_BYTES)));
  const stream = rig.relay.start({ id: STREAM_ID, name: 'Kitchen' });
  talkId = stream.talkId;
  announced.begin(rig.talks.runningTalkOf(STREAM_ID)!);
  playing.push(...(await come(names, 'to the talk')));
  await new OpusVoice({ stream, packets }).speak();
  rig.relay.end(stream, 'stopped');
  playing.push(...(await come(names, 'after the talk')));
  for (const [name, players] of playing) {
    if (DOORS[name]!.ends) continue;
    // Those who read slowly come as far as the others are.
    const enough = players.map(({ extension }) => {
      return (
        Math.max(...players.filter((other) => other.extension === extension).map(({ bytes }) => bytes)) + MORE_BYTES
      );
    });
    await Promise.all(players.map((player, index) => player.took(enough[index]!)));
    for (const player of players) player.leave();
  }
  for (const [name, players] of playing) heard[name] = await Promise.all(players.map(({ done }) => done));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readers-'));
  spoken = slice((await speak(COUNTING)).pcm, 0, TALK_MS);
  const packets = await encodeOpus(spoken);
  const find = (): Play | 'over' => (announced.talk?.ended ? 'over' : announced);
  rig = await httpRig({ plays: { find } });
  const names = Object.keys(DOORS);
  // Ninety players at once would be more than a small machine has time for.
  await hearTalk(
    names.filter((name) => !DOORS[name]!.ends),
    packets,
  );
  await hearTalk(
    names.filter((name) => DOORS[name]!.ends),
    packets,
  );
}, 90_000);

afterAll(async () => {
  await rig.close();
  await rm(folder, { recursive: true });
});

describe.each(Object.entries(DOORS))('%s', (door, { ends, again }) => {
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
    if (comesBack && ends) expect(secondAnswer?.status).toBe(again);
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
    ['bare', 'a DLNA renderer', 'contentFeatures.dlna.org: none'],
    ['silence', 'impatient', 'nothing came for 100 ms'],
  ])('%s: refused by %s', async (kind, name, complaint) => {
    const reader = READERS.find((each) => each.name.startsWith(name)) ?? { ...READERS[2]!, givesUpAfterMs: 100 };
    const { port } = server.address() as AddressInfo;
    const { complaints } = await new Playing(reader, `http://127.0.0.1:${port}/${kind}/sound`).done;
    expect(complaints.join()).toContain(complaint);
  });
});
