import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { User } from '@voice-streaming/shared/protocol';
import { expect } from 'vitest';
import type { ClientOptions } from 'ws';
import type { SenderPeerEvents } from '../../src/media/ports.ts';
import type { SignalingServerOptions } from '../../src/signaling/signaling-server.ts';
import type { FakePeer } from '../fakes/fake-peers.ts';
import { SignalingClient } from './signaling-client.ts';
import { deviceKeyOf, PLAIN_USER, signalingRig, type SignalingRig } from './signaling-rig.ts';

/** A signaling rig behind a real HTTP server, for real WebSockets; peers are fakes. */
export interface SignalingHost {
  rig: SignalingRig;
  port: number;
  /** Whom the door lets in from now on. */
  admitAs: User;
  open(options?: ClientOptions): Promise<SignalingClient>;
  /** Introduced, with both transports. */
  ready(name: string): Promise<SignalingClient>;
  /** The newest sender peer of a client made by `ready`. */
  senderOf(name: string): FakePeer<SenderPeerEvents>;
  /** Closes all; fails when a socket or a timer is left. */
  close(): Promise<void>;
}

const countResources = (): number =>
  process.getActiveResourcesInfo().filter((name) => /^(TCP|Timeout)/.test(name)).length;

export async function signalingHost(options: Partial<SignalingServerOptions> = {}): Promise<SignalingHost> {
  const resourcesBefore = countResources();
  const rig = await signalingRig(options);
  const httpServer = createServer();
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
  const { port } = httpServer.address() as AddressInfo;
  const host: SignalingHost = {
    rig,
    port,
    admitAs: PLAIN_USER,
    open: (clientOptions) => SignalingClient.open(`ws://127.0.0.1:${port}/ws`, clientOptions),
    async ready(name) {
      const client = await host.open();
      await client.get('introduce', { deviceKey: deviceKeyOf(name), name });
      await client.get('connectSender', { offer: name });
      await client.get('connectReceiver', { offer: '1 slot' });
      return client;
    },
    senderOf: (name) => rig.peers.senders.findLast(({ answer }) => answer === `answer to ${name}`)!,
    async close() {
      await rig.close();
      await new Promise((resolve) => httpServer.close(resolve));
      await expect.poll(countResources, { interval: 5 }).toBeLessThanOrEqual(resourcesBefore);
    },
  };
  httpServer.on('upgrade', (request, socket, head) =>
    rig.server.handleUpgrade(request, socket, head, { user: host.admitAs }),
  );
  return host;
}
