/** Limits that real sockets reach: each has its answer, is counted, warned of once, and hurts nobody else. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LimitBreaches, type LimitName } from '../../src/media/limit-breaches.ts';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { httpRig, rawRequest, type HttpRig } from '../support/http-rig.ts';
import { quietLog, type QuietLog } from '../support/quiet-log.ts';
import { signalingHost } from '../support/signaling-host.ts';
import { openClient } from '../support/werift-client.ts';

let log: QuietLog;
let breaches: LimitBreaches;
let rig: HttpRig;

beforeEach(async () => {
  log = quietLog();
  breaches = new LimitBreaches({ log });
  rig = await httpRig({ main: { breaches } });
});

afterEach(() => rig.close());

function expectBreaches(limit: LimitName, count: number): void {
  expect(Object.entries(breaches.counts()).filter(([, times]) => times > 0)).toEqual([[limit, count]]);
  expect(log.lines).toEqual([expect.stringMatching(new RegExp(`^WARN ${limit}: .*counted only`))]);
}

const isWell = async (): Promise<boolean> => (await fetch(`${rig.url}/health`)).status === 200;

test('header_bytes: 431 with the name of the limit', async () => {
  for (let turn = 0; turn < 2; turn += 1) {
    const answer = await rawRequest(
      rig.main.port,
      `GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('\r\nVoice-Streaming-Limit: header_bytes\r\n');
  }
  expectBreaches('header_bytes', 2);
  expect(await isWell()).toBe(true);
});

test('body_bytes: 413 with the name of the limit', async () => {
  for (const path of ['whip/door', 'whep/latest']) {
    const headers = { Authorization: `Bearer ${rig.token}`, 'Content-Type': 'application/sdp' };
    const answer = await fetch(`${rig.url}/${path}`, { method: 'POST', headers, body: 'v'.repeat(65_537) });
    expect([answer.status, answer.headers.get('voice-streaming-limit')]).toEqual([413, 'body_bytes']);
  }
  expectBreaches('body_bytes', 2);
  expect(await isWell()).toBe(true);
});

test('pending_joins: who comes while too many are connecting is told to come again; who connects makes room', async () => {
  const peers = new WeriftPeerFactory({ log, addresses: ['127.0.0.1'], maxPendingJoins: 2, breaches });
  const clients = Array.from({ length: 3 }, () => openClient('recvonly'));
  const join = async (index: number) =>
    peers.createReceiverPeer(await clients[index]!.offer(), { closed: () => undefined });
  try {
    const first = await join(0);
    await join(1);
    const refusal = { code: 'server_full', limit: 'pending_joins' };
    await expect(join(2)).rejects.toMatchObject(refusal);
    await expect(join(2)).rejects.toMatchObject(refusal);
    expect(peers.available).toBe(true);
    expectBreaches('pending_joins', 2);
    await clients[0]!.accept(first.answer);
    await expect
      .poll(
        () =>
          join(2).then(
            () => 'in',
            () => 'out',
          ),
        { timeout: 10_000 },
      )
      .toBe('in');
  } finally {
    for (const client of clients) await client.close();
    await peers.close();
  }
});

test('peers: no more than may be', async () => {
  const peers = new WeriftPeerFactory({ log, addresses: ['127.0.0.1'], maxPeers: 1, breaches });
  const client = openClient('recvonly');
  try {
    const offer = await client.offer();
    await peers.createReceiverPeer(offer, { closed: () => undefined });
    const refused = peers.createReceiverPeer(offer, { closed: () => undefined });
    await expect(refused).rejects.toMatchObject({ code: 'server_full', limit: 'peers' });
    expect(peers.counts().receivers).toBe(1);
    expectBreaches('peers', 1);
  } finally {
    await client.close();
    await peers.close();
  }
});

test('frame_bytes: the connection is closed, those of others are not', async () => {
  const host = await signalingHost({ breaches });
  const [abuser, other] = [await host.ready('Hall'), await host.ready('Door')];
  abuser.webSocket.send('x'.repeat(host.rig.server.limits.maxFrameBytes + 1));
  await abuser.closed;
  await expect.poll(() => host.rig.peers.open, { interval: 5, timeout: 10_000 }).toBe(2);
  expectBreaches('frame_bytes', 1);
  expect(await other.get('listen', { to: null })).toEqual({});
  await host.close();
});
