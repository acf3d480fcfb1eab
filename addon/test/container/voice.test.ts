/** The commands of README.md, as they stand there, with speech through what they start: in from outside, out again. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { lanAddresses } from '../../src/network.ts';
import { Container } from '../support/container.ts';
import { openEngine } from '../support/container-engine.ts';
import { freePort } from '../support/free-port.ts';
import { compareSpeech, OTHER_SPEECH, SAME_SPEECH } from '../support/judge.ts';
import { decodeAudio } from '../support/pcm.ts';
import { dockerRuns } from '../support/readme.ts';
import { COUNTING, speak, STORY, type Speech } from '../support/speech.ts';
import { connectListener, connectSpeaker, type WrtcClient } from '../support/wrtc-client.ts';

const HEARD_MS = 5_000;
/** As README.md writes them. */
const README = { image: 'voice-streaming', address: '192.168.1.10', udp: '50000-50049', ports: ['8080', '8081'] };

const engine = openEngine(inject('engineFolder'));
const images = inject('images');
const id = randomUUID().slice(0, 8);
const network = `voice-streaming-test-${id}`;
const volume = `voice-streaming-test-${id}`;
let speech: Speech;
let otherSpeech: Speech;
let container: Container | undefined;
const open: WrtcClient[] = [];

beforeAll(async () => {
  [speech, otherSpeech] = await Promise.all([
    speak(COUNTING),
    speak(STORY),
    engine.run(['network', 'create', network]),
  ]);
});

afterEach(async () => {
  for (const client of open.splice(0)) client.close();
  // The image has a newer Node than most who build it; what that complains of, a person would find in the log.
  const log = await container?.log();
  await container?.remove();
  container = undefined;
  expect(log ?? '').not.toMatch(/\(node:\d+\) \w*Warning/);
  await engine.run(['volume', 'rm', '--force', volume]);
});

afterAll(async () => {
  await engine.run(['network', 'rm', network]);
});

/** With its own name and volume in place of a person's. */
async function start(args: readonly string[], more: readonly string[] = []): Promise<Container> {
  const name = args.indexOf('--name');
  const own = args
    .filter((_, index) => name < 0 || (index !== name && index !== name + 1))
    .filter((argument) => argument !== '-d')
    .map((argument) => argument.replace(/^voice-streaming:/, `${volume}:`));
  container = await Container.start(engine, images.plain, [...own, ...more]);
  return container;
}

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

const commands = dockerRuns(README.image);
const onHost = commands.filter((args) => args.includes('--network'));
const onBridge = commands.filter((args) => !args.includes('--network'));

it('README.md shows both ways', () => {
  expect(onHost.map((args) => args.includes('--read-only'))).toEqual([false, true]);
  expect(onBridge).toHaveLength(1);
});

it.each(onHost.map((args) => ({ args, command: args.join(' ') })))('heard with $command', async ({ args }) => {
  const { page, latestMp3Url } = await (await start(args, ['-e', 'PORT=0', '-e', 'AUDIO_PORT=0'])).listening();
  const speaker = await opened(connectSpeaker(new URL('whip/door', page).href));
  speaker.say(speech.pcm);
  expectSpeech(await decodeAudio(latestMp3Url, { durationMs: HEARD_MS }));
});

it('on a bridge: the announced address and the published ports are enough', async () => {
  const [address = '127.0.0.1'] = lanAddresses();
  const [port, audioPort, udpPort] = [await freePort(address), await freePort(address), 52_000 + (process.pid % 5_000)];
  const udp = `${udpPort}-${udpPort + 9}`;
  const args = onBridge[0]!.map((argument) =>
    argument
      .replace(README.address, address)
      .replaceAll(README.udp, udp)
      .replace('8080:8080', `${address}:${port}:${port}`)
      .replace('8081:8081', `${address}:${audioPort}:${audioPort}`)
      .replace(/^(?=[\d-]+:[\d-]+\/udp$)/, `${address}:`),
  );
  const started = await start(args, ['--network', network, '-e', `PORT=${port}`, '-e', `AUDIO_PORT=${audioPort}`]);
  const { latestMp3Url } = await started.listening();
  expect(new URL(latestMp3Url).host).toBe(`${address}:${audioPort}`);

  const page = `http://${address}:${port}/`;
  expect((await fetch(`${page}whep/latest`, { method: 'POST' })).status).toBe(401);
  const { accessToken: token } = JSON.parse(
    await started.node("console.log(fs.readFileSync('/data/secrets.json', 'utf8'))"),
  ) as { accessToken: string };
  const way = { token, onlyTo: address };
  const listener = await opened(connectListener(`${page}whep/latest`, way));
  const speaker = await opened(connectSpeaker(`${page}whip/door`, way));
  speaker.say(speech.pcm);
  // One after the other: each decodes in real time.
  expectSpeech(await listener.hear(HEARD_MS));
  expectSpeech(await decodeAudio(latestMp3Url, { durationMs: HEARD_MS }));
});
