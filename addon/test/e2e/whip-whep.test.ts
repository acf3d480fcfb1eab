/** An independent stack (libwebrtc in Node) speaks and hears over WHIP and WHEP. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { compareSpeech, OTHER_SPEECH, SAME_SPEECH } from '../support/judge.ts';
import { decodeAudio } from '../support/pcm.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { COUNTING, speak, STORY, type Speech } from '../support/speech.ts';
import { connectListener, connectSpeaker, type WrtcClient } from '../support/wrtc-client.ts';

const HEARD_MS = 5000;

let server: TestServer;
let speech: Speech;
let otherSpeech: Speech;
const open: WrtcClient[] = [];

beforeAll(async () => {
  [server, speech, otherSpeech] = await Promise.all([startServer(), speak(COUNTING), speak(STORY)]);
});

afterEach(async () => {
  for (const client of open.splice(0)) {
    await fetch(client.location, { method: 'DELETE' });
    client.close();
  }
});

afterAll(() => server.stop());

const whip = (id: string): string => new URL(`whip/${id}`, server.page).href;
const whep = (id: string): string => new URL(`whep/${id}`, server.page).href;

async function opened<T extends WrtcClient>(connecting: Promise<T>): Promise<T> {
  const client = await connecting;
  open.push(client);
  return client;
}

function expectSpeech(recorded: Float32Array): void {
  const verdict = compareSpeech(recorded, speech.pcm);
  expect(verdict.score, JSON.stringify(verdict)).toBeGreaterThan(SAME_SPEECH);
  expect(compareSpeech(recorded, otherSpeech.pcm).score).toBeLessThan(OTHER_SPEECH);
}

it('is heard by a WHEP client that joins later (sender first)', async () => {
  const speaker = await opened(connectSpeaker(whip('door')));
  speaker.say(speech.pcm);
  const listener = await opened(connectListener(whep('door')));
  expectSpeech(await listener.hear(HEARD_MS));
});

it('is heard by a WHEP client of latest that was there before (receiver first)', async () => {
  const listener = await opened(connectListener(whep('latest')));
  const speaker = await opened(connectSpeaker(whip('gate')));
  speaker.say(speech.pcm);
  expectSpeech(await listener.hear(HEARD_MS));
});

it('is heard in latest.mp3', async () => {
  const speaker = await opened(connectSpeaker(whip('yard')));
  speaker.say(speech.pcm);
  expectSpeech(await decodeAudio(server.latestMp3Url, { durationMs: HEARD_MS }));
});

it('is gone after DELETE, and its id is free again', async () => {
  const first = await connectSpeaker(whip('attic'));
  await expect(connectSpeaker(whip('attic'))).rejects.toThrow(/409/);
  expect((await fetch(first.location, { method: 'DELETE' })).status).toBe(200);
  first.close();
  const second = await opened(connectSpeaker(whip('attic')));
  expect(second.location.href).not.toBe(first.location.href);
});
