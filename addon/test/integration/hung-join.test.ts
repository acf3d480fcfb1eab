/** A join that never comes about, where joins take turns for the ports of a range: who comes after, and who asks after UDP. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RTCPeerConnection } from 'werift';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { quietLog } from '../support/quiet-log.ts';
import { openClient } from '../support/werift-client.ts';

let client: ReturnType<typeof openClient>;
let offer: string;
let peers: WeriftPeerFactory;

const log = quietLog();
const join = () => peers.createReceiverPeer(offer, { closed: () => undefined });

function hangs(): void {
  vi.spyOn(RTCPeerConnection.prototype, 'setLocalDescription').mockReturnValueOnce(new Promise<never>(() => undefined));
}

beforeEach(async () => {
  client = openClient('recvonly');
  offer = await client.offer();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await peers.close();
  await client.close();
});

it('holds nobody up for ever: it is told, the next come in, health says so meanwhile', async () => {
  peers = new WeriftPeerFactory({
    log,
    addresses: ['127.0.0.1'],
    udpPorts: [41_700, 41_790],
    maxOpenMs: 400,
    maxProbeWaitMs: 50,
  });
  hangs();
  const hung = expect(join()).rejects.toMatchObject({
    code: 'server_full',
    message: expect.stringContaining('in time') as unknown as string,
  });
  expect(await peers.udpTrouble()).toContain('do not come about');
  // Two who come while it hangs: their turn comes, or they are told; neither waits longer than may be.
  const early = await Promise.allSettled([join(), join()]);
  expect(early.length).toBe(2);
  await hung;
  expect((await join()).answer).toContain('a=candidate');
  expect(log.lines.filter((line) => line.includes('did not come about')).length).toBeGreaterThan(0);
});

it('takes no place for ever', async () => {
  peers = new WeriftPeerFactory({ log, addresses: ['127.0.0.1'], maxPendingJoins: 1, maxOpenMs: 100 });
  hangs();
  await expect(join()).rejects.toMatchObject({ code: 'server_full' });
  expect((await join()).answer).toContain('a=candidate');
});
