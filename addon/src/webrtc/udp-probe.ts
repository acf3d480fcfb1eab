/**
 * UdpProbe: whether UDP works here, tried with a datagram to ourselves through a socket such as peers have: a port of the
 * range, the bound address. Firewalls, limits and lost addresses show so before somebody wants to speak.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';

export interface UdpProbeOptions {
  /** See NetworkOptions. */
  udpPorts?: readonly [number, number] | undefined;
  bindAddress?: string | undefined;
  /** Datagrams that have not come back by then do not. Default 1 s. */
  timeoutMs?: number;
}

const DATAGRAMS = 3;
/** Ports of the range that may be in use by peers, which are tried themselves then. */
const MAX_PORTS = 5;

/** What is wrong, in words; undefined when a datagram came through, or all ports tried are in use. Never rejects. */
export async function probeUdp(options: UdpProbeOptions): Promise<string | undefined> {
  for (let tries = 0; tries < (options.udpPorts ? MAX_PORTS : 1); tries += 1) {
    const port = options.udpPorts ? randomInt(options.udpPorts[0], options.udpPorts[1] + 1) : 0;
    const socket = createSocket(options.bindAddress?.includes(':') === true ? 'udp6' : 'udp4');
    try {
      await bound(socket, port, options.bindAddress);
      await echoed(socket, options);
      return undefined;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE') return message;
    } finally {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    }
  }
  return undefined;
}

function bound(socket: Socket, port: number, address: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ port, ...(address !== undefined && { address }) }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

function echoed(socket: Socket, { bindAddress = '127.0.0.1', timeoutMs = 1_000 }: UdpProbeOptions): Promise<void> {
  const sent = randomBytes(16);
  const { port } = socket.address();
  let failure = new Error('no datagram comes through');
  return new Promise<void>((resolve, reject) => {
    socket.on('message', (received) => {
      if (received.equals(sent)) resolve();
    });
    socket.on('error', (error) => (failure = error));
    const send = (): void =>
      socket.send(sent, port, bindAddress, (error) => {
        if (error) failure = error;
      });
    send();
    const again = setInterval(send, timeoutMs / DATAGRAMS);
    // What came while the process was held up is read before the verdict, not after it.
    const timer = setTimeout(() => setImmediate(() => setImmediate(() => reject(failure))), timeoutMs);
    socket.once('close', () => {
      clearInterval(again);
      clearTimeout(timer);
    });
  });
}
