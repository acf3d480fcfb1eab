/** A monitor over real WebSockets and real peers: whatever takes it, those who listen know within ten seconds. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MonitorInfo, StreamInfo } from '@voice-streaming/shared/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { quietLog } from '../support/quiet-log.ts';
import { SignalingClient } from '../support/signaling-client.ts';
import { deviceKeyOf, PLAIN_USER, signalingRig, type SignalingRig } from '../support/signaling-rig.ts';
import { openClient, type WeriftClient } from '../support/werift-client.ts';

const PROMISED_MS = 10_000;

let rig: SignalingRig;
let factory: WeriftPeerFactory;
let httpServer: Server;
const open: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  factory = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1'] });
  rig = await signalingRig({ peers: factory });
  httpServer = createServer();
  httpServer.on('upgrade', (request, socket, head) =>
    rig.server.handleUpgrade(request, socket, head, { user: PLAIN_USER }),
  );
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await rig.close();
  await factory.close();
  await Promise.all(open.splice(0).map((one) => one.close()));
  await new Promise((resolve) => httpServer.close(resolve));
});

async function connect(name: string): Promise<SignalingClient> {
  const { port } = httpServer.address() as AddressInfo;
  const client = await SignalingClient.open(`ws://127.0.0.1:${port}/ws`);
  await client.get('introduce', { deviceKey: deviceKeyOf(name), name });
  return client;
}

async function transport(client: SignalingClient, direction: 'sendonly' | 'recvonly'): Promise<WeriftClient> {
  const peer = openClient(direction);
  open.push(peer);
  const type = direction === 'sendonly' ? 'connectSender' : 'connectReceiver';
  const { answer } = await client.get(type, { offer: await peer.offer() });
  await peer.accept(answer);
  return peer;
}

interface Nursery {
  client: SignalingClient;
  /** Its page stands still: the socket stays open, and no packet leaves. */
  freeze: () => void;
}

/** A monitor that sends a packet every 20 ms. */
async function nursery(): Promise<Nursery> {
  const client = await connect('Nursery');
  await client.get('setMonitor', { state: 'on' });
  const voice = await transport(client, 'sendonly');
  const { talkId } = await client.get('startTalk', {});
  let sequenceNumber = 0;
  const timer = setInterval(() => void voice.send(sequenceNumber++, Buffer.from('a breath')), 20);
  const freeze = (): void => clearInterval(timer);
  open.push({
    close: () => {
      freeze();
      return Promise.resolve();
    },
  });
  await client.event('onAir', (said) => said.talkId === talkId);
  return { client, freeze };
}

const infoOf = (streams: readonly StreamInfo[]): MonitorInfo | undefined =>
  streams.find(({ id }) => id === 'nursery')?.monitor;

/** Milliseconds until the newest list says so. */
async function until(client: SignalingClient, state: MonitorInfo['state']): Promise<number> {
  const begin = performance.now();
  await client.until(
    () => (infoOf(client.all('streams').at(-1)?.streams ?? [])?.state === state ? true : undefined),
    `the monitor is ${state}`,
  );
  return performance.now() - begin;
}

test('is heard by who names it, and carried by neither latest nor all', async () => {
  const [parents, hall, kitchen] = [await connect('Parents'), await connect('Hall'), await connect('Kitchen')];
  const targets = [
    [parents, ['nursery']],
    [hall, 'latest'],
    [kitchen, 'all'],
  ] as const;
  const ears: WeriftClient[] = [];
  for (const [client, to] of targets) {
    await client.get('listen', { to: typeof to === 'string' ? to : [...to] });
    ears.push(await transport(client, 'recvonly'));
  }
  await nursery();
  await ears[0]!.waitForHeard(50);
  expect(ears[1]!.heard).toEqual([]);
  expect(ears[2]!.heard).toEqual([]);
  for (const client of [hall, kitchen]) await until(client, 'live');
});

test('that was killed is lost at once for who listens', async () => {
  const parents = await connect('Parents');
  const { client, freeze } = await nursery();
  await until(parents, 'live');
  freeze();
  client.webSocket.terminate();
  expect(await until(parents, 'lost')).toBeLessThan(1_000);
  await nursery();
  await until(parents, 'live');
});

test('whose page is frozen is lost, though its socket answers and its talk has not ended', async () => {
  const parents = await connect('Parents');
  const { client, freeze } = await nursery();
  await until(parents, 'live');
  freeze();
  expect(await until(parents, 'lost')).toBeLessThan(PROMISED_MS - 3_000);
  expect(client.all('talkEnded')).toEqual([]);
  expect(rig.relay.get('nursery')).toBeDefined();
});
