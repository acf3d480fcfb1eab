/** Whether UDP works is tried by a datagram that really goes and comes. */
import { createSocket, type Socket } from 'node:dgram';
import { afterEach, expect, it } from 'vitest';
import { WeriftPeerFactory } from '../../src/webrtc/werift-peer-factory.ts';
import { probeUdp } from '../../src/webrtc/udp-probe.ts';
import { quietLog } from '../support/quiet-log.ts';

const open: Socket[] = [];

afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

async function takePort(): Promise<number> {
  const socket = createSocket('udp4');
  open.push(socket);
  await new Promise<void>((resolve) => socket.bind(0, resolve));
  return socket.address().port;
}

it('works: on any port, on those of a range, at one address', async () => {
  const port = await takePort();
  open.pop()?.close();
  expect(await probeUdp({})).toBeUndefined();
  expect(await probeUdp({ udpPorts: [port, port] })).toBeUndefined();
  expect(await probeUdp({ bindAddress: '127.0.0.1' })).toBeUndefined();
});

it('takes a range in use for one that works: peers use it', async () => {
  const port = await takePort();
  expect(await probeUdp({ udpPorts: [port, port] })).toBeUndefined();
});

it('says what is wrong when our address is gone', async () => {
  // Of documentation, RFC 5737: no machine has it.
  expect(await probeUdp({ bindAddress: '192.0.2.1' })).toContain('EADDRNOTAVAIL');
});

it('is tried once for many who ask, and never after the end', async () => {
  const peers = new WeriftPeerFactory({ log: quietLog(), addresses: ['127.0.0.1'], bindAddress: '192.0.2.1' });
  const asked = [peers.udpTrouble(), peers.udpTrouble()];
  expect(asked[0]).toBe(asked[1]);
  expect(await asked[0]).toContain('EADDRNOTAVAIL');
  await peers.close();
  expect(await peers.udpTrouble()).toBeUndefined();
});
