/** Somebody's tablet on the wall: speaks through Core's ingress, at the pace of a voice. */
import { encodeOpus } from '../support/opus-voice.ts';
import type { SignalingClient } from '../support/signaling-client.ts';
import type { Speech } from '../support/speech.ts';
import { openClient, type WeriftClient } from '../support/werift-client.ts';
import type { CoreUser } from './real-core.ts';
import type { RealHouse } from './real-house.ts';

const PACKET_MS = 20;

export interface Talk {
  talkId: string;
  /** The first sample left then, `performance.now()`. */
  startedAtMs: number;
  /** Resolves when all has been said and the button is up, or after `stop`. */
  finished: Promise<void>;
  /** The button goes up in the middle. */
  stop(): void;
}

export class Tablet {
  readonly signaling: SignalingClient;
  readonly streamId: string;
  readonly #sender: WeriftClient;
  readonly #packets = new Map<Speech, Buffer[]>();
  #sequenceNumber = 0;

  private constructor(signaling: SignalingClient, streamId: string, sender: WeriftClient) {
    this.signaling = signaling;
    this.streamId = streamId;
    this.#sender = sender;
  }

  static async open(house: RealHouse, user: CoreUser, name: string): Promise<Tablet> {
    const signaling = await house.dial(user);
    const sender = openClient('sendonly');
    const deviceKey = name.replaceAll(/\W/g, '').padEnd(22, 'k').slice(0, 22);
    const { streamId } = await signaling.get('introduce', { deviceKey, name });
    await sender.accept((await signaling.get('connectSender', { offer: await sender.offer() })).answer);
    return new Tablet(signaling, streamId, sender);
  }

  /** Takes a second; whoever measures does it before. */
  async prepare(speech: Speech): Promise<Buffer[]> {
    const packets = this.#packets.get(speech) ?? (await encodeOpus(speech.pcm));
    this.#packets.set(speech, packets);
    return packets;
  }

  /** Resolves when the talk has begun. */
  async say(speech: Speech): Promise<Talk> {
    const packets = await this.prepare(speech);
    const { talkId } = await this.signaling.get('startTalk', {});
    const startedAtMs = performance.now();
    let sent = 0;
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const timer = setInterval(() => {
      const due = (performance.now() - startedAtMs) / PACKET_MS;
      while (sent < due && sent < packets.length) void this.#sender.send(this.#sequenceNumber++, packets[sent++]);
      if (sent === packets.length) end();
    }, 5);
    const finished = ended.then(async () => {
      clearInterval(timer);
      await this.signaling.get('stopTalk', {});
    });
    return { talkId, startedAtMs, finished, stop: end };
  }

  async close(): Promise<void> {
    await this.#sender.connection.close();
    await this.signaling.close();
  }
}
