/**
 * Mouth to ear between two pages, once through the server and once over a direct connection of the same two pages,
 * alternating: from a click on the microphone's track of one page to the same click on the received track of the other.
 */
import type { Page } from 'playwright-core';
import { launchChromium } from '../../test/support/browsers.ts';
import { startServer } from '../../test/support/server.ts';
import { delay } from '../support/clock.ts';
import type { Figure } from '../support/figure.ts';
import { giveBench, openBlankPage } from '../support/page.ts';
import { clicks } from '../support/sounds.ts';
import { median, pair, round, spread } from '../support/statistics.ts';

const PAIRS = 3;
const CLICK_PERIOD_MS = 700;
/** For the browser's jitter buffer to find its size. */
const SETTLE_MS = 2500;
const RUN_MS = 6000;
const SOUND_MS = 300_000;
/** What our server asks for. */
const PTIME_MS = 10;

/** What could make it shorter. */
interface Variant {
  name: string;
  /** Of the sender's packets; our server asks for 10, Chromium's own choice is 20. */
  ptimeMs?: number;
  /** RTCRtpReceiver.jitterBufferTarget; Chromium's own choice is null. */
  jitterBufferTargetMs?: number;
}

type Connect = (speaker: Page, hearer: Page) => Promise<void>;

const DEFAULT: Variant = { name: 'as it is' };
const VARIANTS: readonly Variant[] = [
  DEFAULT,
  { name: 'ptime 20', ptimeMs: 20 },
  { name: 'jitterBufferTarget 0', jitterBufferTargetMs: 0 },
  { name: 'ptime 20, jitterBufferTarget 0', ptimeMs: 20, jitterBufferTargetMs: 0 },
];

export function mouth(): Promise<Figure[]> {
  return measure(async (speaker, hearer) => {
    const [through, direct, alike]: [number[][], number[][], number[][]] = [[], [], []];
    for (let i = 0; i < PAIRS; i += 1) {
      through.push(await run(speaker, hearer, connectThroughServer(DEFAULT)));
      direct.push(await run(speaker, hearer, connectDirectly()));
      alike.push(await run(speaker, hearer, connectDirectly(PTIME_MS)));
    }
    const beside = figureOf(through, alike);
    return [
      figureOf(through, direct),
      { ...beside, what: `${beside.what}, beside one of ${PTIME_MS} ms packets`, goal: '-' },
    ];
  });
}

/** Each variant beside a direct connection as it is by default, alternating. */
export function mouthVariants(): Promise<Figure[]> {
  return measure(async (speaker, hearer) => {
    const runs = VARIANTS.map((variant) => ({ variant, through: [] as number[][], direct: [] as number[][] }));
    for (let i = 0; i < PAIRS; i += 1) {
      for (const { variant, through, direct } of runs) {
        through.push(await run(speaker, hearer, connectThroughServer(variant)));
        direct.push(await run(speaker, hearer, connectDirectly()));
      }
    }
    return runs.map(({ variant, through, direct }) => {
      const figure = figureOf(through, direct);
      return { ...figure, what: `${figure.what}: ${variant.name}` };
    });
  });
}

async function measure(compare: (speaker: Page, hearer: Page) => Promise<Figure[]>): Promise<Figure[]> {
  const sound = await clicks(SOUND_MS, CLICK_PERIOD_MS);
  const server = await startServer();
  const browser = await launchChromium({ microphone: sound.path });
  try {
    const context = await browser.newContext({ permissions: ['microphone'] });
    await giveBench(context);
    const speaker = await openBlankPage(context, server.page);
    const hearer = await openBlankPage(context, server.page);
    await speaker.evaluate(async () => {
      const { bench } = window;
      const track = await bench.microphone();
      bench.tracks['microphone'] = track;
      bench.ears['mouth'] = bench.ear(track);
    });
    return await compare(speaker, hearer);
  } finally {
    await browser.close();
    await server.stop();
    await sound.remove();
  }
}

function figureOf(through: number[][], direct: number[][]): Figure {
  const [ours, control] = [spread(through.flat(), 'clicks'), spread(direct.flat(), 'direct clicks')];
  const differences = through.map((run, i) => median(run) - median(direct[i]!));
  const range = `${round(Math.min(...differences))} to ${round(Math.max(...differences))}`;
  return {
    what: `mouth to ear, Chromium (${PAIRS} pairs of runs, ${ours.count} clicks)`,
    ours: `${pair(ours, 'ms')}; above direct ${round(median(differences))} ms (pairs ${range})`,
    goal: '<= direct',
    python: '171 ms',
    control: `direct: ${pair(control, 'ms')}`,
    data: { through, direct, differences },
  };
}

/** The delay of each click; everything is closed afterwards. */
async function run(speaker: Page, hearer: Page, connect: Connect): Promise<number[]> {
  await connect(speaker, hearer);
  await delay(SETTLE_MS);
  const fromMs = Date.now();
  await delay(RUN_MS);
  const spokenAtMs = await speaker.evaluate(() => window.bench.ears['mouth']!.onsetsAtMs);
  const heardAtMs = await hearer.evaluate(() => window.bench.ears['ear']!.onsetsAtMs);
  for (const page of [speaker, hearer]) {
    await page.evaluate(() => {
      const { peers, sockets, ears } = window.bench;
      ears['ear']?.close();
      peers['peer']?.close();
      sockets['socket']?.close();
    });
  }
  const delays = heardAtMs
    .filter((atMs) => atMs > fromMs)
    .map((atMs) => atMs - Math.max(...spokenAtMs.filter((spoken) => spoken < atMs)));
  if (delays.length < (RUN_MS / CLICK_PERIOD_MS) * 0.6) throw new Error(`only ${delays.length} clicks were heard`);
  return delays;
}

function connectThroughServer(variant: Variant): Connect {
  return async (speaker, hearer) => {
    await speak(speaker, variant);
    await hear(hearer, variant);
  };
}

async function speak(speaker: Page, variant: Variant): Promise<void> {
  await speaker.evaluate(async ({ ptimeMs }) => {
    const { bench } = window;
    const signaling = await bench.connect();
    const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
    const { sender } = peer.addTransceiver('audio', { direction: 'sendonly' });
    await peer.setLocalDescription(await peer.createOffer());
    const deviceKey = crypto.randomUUID().replaceAll('-', '');
    await signaling.request('introduce', { deviceKey, name: 'Bench' });
    const { answer } = await signaling.request('connectSender', { offer: peer.localDescription?.sdp });
    const sdp = (answer ?? '').replace(/a=ptime:\d+/, (ptime) =>
      ptimeMs === undefined ? ptime : `a=ptime:${ptimeMs}`,
    );
    await peer.setRemoteDescription({ type: 'answer', sdp });
    await signaling.request('startTalk', {});
    await sender.replaceTrack(bench.tracks['microphone']!);
    bench.peers['peer'] = peer;
    bench.sockets['socket'] = signaling;
  }, variant);
}

async function hear(hearer: Page, variant: Variant): Promise<void> {
  await hearer.evaluate(async ({ jitterBufferTargetMs }) => {
    const { bench } = window;
    const signaling = await bench.connect();
    const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
    const { receiver } = peer.addTransceiver('audio', { direction: 'recvonly' });
    if (jitterBufferTargetMs !== undefined) receiver.jitterBufferTarget = jitterBufferTargetMs;
    bench.ears['ear'] = bench.ear(receiver.track);
    await peer.setLocalDescription(await peer.createOffer());
    await signaling.request('listen', { to: 'latest' });
    const { answer } = await signaling.request('connectReceiver', { offer: peer.localDescription?.sdp });
    await peer.setRemoteDescription({ type: 'answer', sdp: answer ?? '' });
    bench.peers['peer'] = peer;
    bench.sockets['socket'] = signaling;
  }, variant);
}

function connectDirectly(ptimeMs?: number): Connect {
  return async (speaker, hearer) => {
    // Its offer carries real addresses, as this page may use the microphone; the other side's checks find the way back.
    const offer = await speaker.evaluate(async () => {
      const { bench } = window;
      const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
      peer.addTransceiver(bench.tracks['microphone']!, { direction: 'sendonly' });
      const gathered = new Promise<void>((resolve) => {
        peer.onicegatheringstatechange = () => {
          if (peer.iceGatheringState === 'complete') resolve();
        };
      });
      await peer.setLocalDescription(await peer.createOffer());
      await gathered;
      bench.peers['peer'] = peer;
      return peer.localDescription?.sdp ?? '';
    });
    const answer = await hearer.evaluate(async (sdp) => {
      const { bench } = window;
      const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
      await peer.setRemoteDescription({ type: 'offer', sdp });
      bench.ears['ear'] = bench.ear(peer.getReceivers()[0]!.track);
      await peer.setLocalDescription(await peer.createAnswer());
      bench.peers['peer'] = peer;
      return peer.localDescription?.sdp ?? '';
    }, offer);
    const ptime = ptimeMs === undefined ? '' : `a=ptime:${ptimeMs}\r\n`;
    await speaker.evaluate(
      (sdp) => window.bench.peers['peer']!.setRemoteDescription({ type: 'answer', sdp }),
      answer + ptime,
    );
  };
}
