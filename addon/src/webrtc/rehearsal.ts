/**
 * rehearse: one voice from a client of our own, through a sender peer, a stream and a receiver peer, to a second client, over
 * loopback. JavaScript is slowest when it runs for the first time: without this the first who speaks or listens after a
 * start waits a quarter of a second longer, many times that on a small machine, and whoever is speaking then is held up.
 */
import { RTCPeerConnection, RtpHeader, RtpPacket, useAudioLevelIndication, useSdesMid } from 'werift';
import { closeAll, type Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import type { PeerEvents } from '../media/ports.ts';
import { FRAME_TICKS } from '../media/rtp-math.ts';
import { Stream } from '../media/stream.ts';
import { opus } from './peer-connection.ts';
import { WeriftPeerFactory } from './werift-peer-factory.ts';

export interface RehearsalOptions {
  log: Log;
  /** Whatever has not happened by then is left. Default 3 s. */
  timeoutMs?: number;
}

const LOOPBACK = '127.0.0.1';
/** One after the other; enough for the packet path to be known to the compiler. */
const PACKETS = 50;
const PAYLOAD = Buffer.alloc(100, 0xfc);

/** Never rejects; nothing is left open. Resolves with the packets that came through. */
export async function rehearse({ log, timeoutMs = 3000 }: RehearsalOptions): Promise<number> {
  const startedAtMs = performance.now();
  const stage = new Stage(log);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([stage.play(), late]);
  } catch (error) {
    log.debug(`the rehearsal failed: ${String(error)}`);
  }
  clearTimeout(timer);
  await stage.close();
  log.debug(`rehearsed in ${(performance.now() - startedAtMs).toFixed(0)} ms, ${stage.heard} packets`);
  return stage.heard;
}

class Stage implements Closeable {
  heard = 0;
  readonly #log: Log;
  readonly #stream = new Stream({ id: 'rehearsal', name: 'Rehearsal', private: true });
  readonly #peers: WeriftPeerFactory;
  readonly #speaker = openClient('sendonly');
  readonly #hearer = openClient('recvonly');

  constructor(log: Log) {
    this.#log = log;
    this.#peers = new WeriftPeerFactory({ log, addresses: [LOOPBACK], bindAddress: LOOPBACK });
  }

  async play(): Promise<void> {
    const packet = this.#stream.write.bind(this.#stream);
    await connect(this.#speaker, (offer, events) => this.#peers.createSenderPeer(offer, { ...events, packet }));
    await connect(this.#hearer, async (offer, events) => {
      const peer = await this.#peers.createReceiverPeer(offer, events);
      for (const slot of peer.slots) this.#stream.attach(slot);
      return peer;
    });
    const [transport] = this.#hearer.dtlsTransports;
    await new Promise<void>((resolve, reject) => {
      transport?.onRtp.subscribe(() => {
        this.heard += 1;
        if (this.heard === PACKETS) resolve();
        else speak(this.#speaker, this.heard).catch(reject);
      });
      speak(this.#speaker, 0).catch(reject);
    });
  }

  async close(): Promise<void> {
    const tell = (error: unknown): void => this.#log.debug(`closing the rehearsal failed: ${String(error)}`);
    this.#stream.end();
    await closeAll([this.#speaker, this.#hearer, this.#peers], tell);
  }
}

/** A full ICE agent that offers, as a card does. */
function openClient(direction: 'sendonly' | 'recvonly'): RTCPeerConnection {
  const client = new RTCPeerConnection({
    codecs: { audio: [opus] },
    headerExtensions: { audio: [useAudioLevelIndication(), useSdesMid()] },
    iceServers: [],
    iceUseIpv4: false,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: [LOOPBACK],
    iceInterfaceAddresses: { udp4: LOOPBACK },
    iceStunGatherTimeout: 0.001,
    bundlePolicy: 'max-bundle',
  });
  client.addTransceiver('audio', { direction });
  return client;
}

/** Resolves when media can flow. */
async function connect(
  client: RTCPeerConnection,
  peerFor: (offer: string, events: PeerEvents) => Promise<{ answer: string }>,
): Promise<void> {
  await client.setLocalDescription(await client.createOffer());
  const [transport] = client.dtlsTransports;
  await new Promise<void>((resolve, reject) => {
    transport?.onStateChange.subscribe((state) => {
      if (state === 'connected') resolve();
    });
    peerFor(client.localDescription?.sdp ?? '', { closed: (reason) => reject(new Error(reason)) })
      .then(({ answer }) => client.setRemoteDescription({ type: 'answer', sdp: answer }))
      .catch(reject);
  });
}

async function speak(client: RTCPeerConnection, sequenceNumber: number): Promise<void> {
  const [transceiver] = client.getTransceivers();
  const header = new RtpHeader({ sequenceNumber, timestamp: sequenceNumber * FRAME_TICKS });
  await transceiver?.sender.sendRtp(new RtpPacket(header, PAYLOAD));
}
