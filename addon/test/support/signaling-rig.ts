import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { User } from '@voice-streaming/shared/protocol';
import type { AudioPacket } from '../../src/media/audio-packet.ts';
import { Relay } from '../../src/media/relay.ts';
import type { Stream } from '../../src/media/stream.ts';
import type { Rights } from '../../src/signaling/ports.ts';
import { DeviceRegistry } from '../../src/signaling/device-registry.ts';
import { SignalingServer, type SignalingServerOptions } from '../../src/signaling/signaling-server.ts';
import { FakeListeners } from '../fakes/fake-listeners.ts';
import { FakePeers } from '../fakes/fake-peers.ts';
import { FakeSocket } from '../fakes/fake-socket.ts';
import { quietLog, type QuietLog } from './quiet-log.ts';

export const PLAIN_USER: User = { name: 'Anna', isAdmin: false };
export const ADMINISTRATOR: User = { name: null, isAdmin: true };
export const TOKEN = 'the-access-token';

/** A signaling server with a real relay and registry; peers, listeners and, in unit tests, sockets are fakes. */
export interface SignalingRig {
  log: QuietLog;
  relay: Relay;
  peers: FakePeers;
  listeners: FakeListeners;
  devices: DeviceRegistry;
  server: SignalingServer;
  /** A client whom the door let in as this user; null: as nobody yet. */
  connect(user?: User | null, rights?: Rights, address?: string): FakeSocket;
  /** A stream that no session speaks, as WHIP begins them. */
  whip(id: string, name?: string): Stream;
  /** Closes all; throws when anything is left. */
  close(): Promise<void>;
}

export interface SignalingRigOptions extends Partial<SignalingServerOptions> {
  /** Streams that only some may hear. */
  isRestricted?: (streamId: string) => boolean;
}

export async function signalingRig({ isRestricted, ...options }: SignalingRigOptions = {}): Promise<SignalingRig> {
  const dataDir = await mkdtemp(join(tmpdir(), 'signaling-'));
  const log = quietLog();
  const relay = options.relay ?? new Relay({ log, ...(isRestricted && { isRestricted }) });
  const peers = new FakePeers();
  const listeners = new FakeListeners();
  const devices = await DeviceRegistry.open({ log, dataDir });
  const whipStreams: Stream[] = [];
  const server = new SignalingServer({
    log,
    relay,
    peers,
    devices,
    listeners,
    tokens: { userOfToken: (token) => (token === TOKEN ? ADMINISTRATOR : undefined) },
    mediaUrls: {
      isReachable: true,
      urlsOf: (id) => ({ id, mp3Url: `http://host/key/stream/${id}.mp3`, wavUrl: `http://host/key/${id}.wav` }),
      rotate: () => Promise.resolve([]),
    },
    doctor: {
      examine: () => ({ checks: [], hostAddress: { address: 'host', source: 'interfaces' } }),
      diagnose: () => Promise.resolve({ version: '0.0.0' }),
    },
    playUrls: {
      pathOf: (id) => `play/ticket/${id}.mp3`,
      replayPathOf: ({ talkId }) => `replay/ticket/${talkId}.mp3`,
    },
    serverVersion: '0.0.0',
    ...options,
  });
  return {
    log,
    relay,
    peers,
    listeners,
    devices,
    server,
    connect(user = PLAIN_USER, rights, address) {
      const socket = new FakeSocket();
      server.accept(socket, { user: user ?? undefined, rights, address });
      return socket;
    },
    whip: (id, name = id) => {
      const stream = relay.start({ id, name });
      whipStreams.push(stream);
      return stream;
    },
    async close() {
      for (const stream of whipStreams) relay.end(stream, 'stopped');
      await server.close();
      const left = { ...server.stats(), openPeers: peers.open, live: relay.live.length, told: listeners.subscribers };
      await relay.close();
      await devices.close();
      await rm(dataDir, { recursive: true });
      const { clients, introduced, senderPeers, receiverPeers, openPeers, live, told } = left;
      if (clients + introduced + senderPeers + receiverPeers + openPeers + live + told > 0) {
        throw new Error(`left behind: ${JSON.stringify(left)}`);
      }
    },
  };
}

/** A device key of its own for each name. */
export function deviceKeyOf(name: string): string {
  return Buffer.from(name.padEnd(20, '.')).toString('base64url').slice(0, 64);
}

export function audioPacket(sequenceNumber: number, levelDbov = -30): AudioPacket {
  return {
    sequenceNumber,
    timestamp: sequenceNumber * 960,
    marker: sequenceNumber === 0,
    payload: Buffer.from([0xfc, sequenceNumber & 0xff]),
    levelDbov,
  };
}
