/** A card of the soak: it hears everybody, and speaks when it is told to, over real WebSockets and real peers. */
import { setTimeout as delay } from 'node:timers/promises';
import { SignalingClient } from '../test/support/signaling-client.ts';
import { openClient, type WeriftClient } from '../test/support/werift-client.ts';
import type { CardEntry, TalkEntry } from './ledger.ts';
import { payloadOf, readPayload, RunLog } from './run-log.ts';

/** What all cards of a house write down. */
export interface Notes {
  readonly talks: TalkEntry[];
  readonly cards: CardEntry[];
  /** By talk, the highest packet that anybody heard: how the harness knows that a talk has come through. */
  readonly reached: Map<number, number>;
}

export interface Speech {
  packets: number;
  /** Whether the bad link keeps the next packet. */
  withholds: () => boolean;
  /** A new transport, whose numbers begin here; undefined: the one of the talk before goes on. */
  firstSequenceNumber: number | undefined;
}

interface Microphone {
  client: WeriftClient;
  sequenceNumber: number;
  timestamp: number;
}

const FRAME_MS = 20;
const FRAME_TICKS = 960;
const TICK_MS = 10;
/** For the last packet to be heard by somebody; then one more is sent, as often as this. */
const THROUGH_MS = 1_500;
const LAST_WORDS = 20;
/** What is said to a card that nobody asks for. */
const KEPT_MESSAGES = 30;

export class Card {
  readonly entry: CardEntry;
  readonly #notes: Notes;
  readonly #signaling: SignalingClient;
  readonly #receiver: WeriftClient;
  #microphone: Microphone | undefined;
  #isSpeaking = false;
  #brokenOff = false;
  #breakOff: () => void = () => undefined;
  readonly #off: Promise<void>;

  private constructor(notes: Notes, name: string, streamId: string, signaling: SignalingClient) {
    this.#notes = notes;
    this.#signaling = signaling;
    this.entry = { name, streamId, readyAtMs: Infinity, goneAtMs: Infinity, heard: new RunLog() };
    notes.cards.push(this.entry);
    this.#off = new Promise((resolve) => (this.#breakOff = resolve));
    this.#receiver = openClient('recvonly', {
      sections: 4,
      onHeard: ({ ssrc, sequenceNumber, payload }) => {
        const { talk, packet } = readPayload(payload);
        this.entry.heard.hear(ssrc, sequenceNumber, talk, packet);
        notes.reached.set(talk, Math.max(notes.reached.get(talk) ?? -1, packet));
      },
    });
    const { said } = signaling;
    signaling.webSocket.on('message', () => said.splice(0, Math.max(0, said.length - KEPT_MESSAGES)));
  }

  /** The device of this name, anew or again. */
  static async open(notes: Notes, port: number, name: string): Promise<Card> {
    const signaling = await SignalingClient.open(`ws://127.0.0.1:${port}/ws`);
    const deviceKey = Buffer.from(name.padEnd(24, '.')).toString('base64url').slice(0, 24);
    const { streamId } = await signaling.get('introduce', { deviceKey, name });
    const card = new Card(notes, name, streamId, signaling);
    const { answer } = await signaling.get('connectReceiver', { offer: await card.#receiver.offer() });
    await card.#receiver.accept(answer);
    // An answer after the handshake: the server knows by now that it is over.
    await signaling.get('listen', { to: 'all' });
    card.entry.readyAtMs = performance.now();
    return card;
  }

  /** In the middle of a talk. */
  get isSpeaking(): boolean {
    return this.#isSpeaking && !this.#brokenOff;
  }

  get hasMicrophone(): boolean {
    return this.#microphone !== undefined;
  }

  /** Speaks in real time. Undefined: it was broken off. */
  async talk({ packets, withholds, firstSequenceNumber }: Speech): Promise<TalkEntry | undefined> {
    if (firstSequenceNumber !== undefined || !this.#microphone) {
      await this.#openMicrophone(firstSequenceNumber ?? 0);
    }
    const startedAtMs = performance.now();
    const { stream, talkId } = await this.#signaling.get('startTalk', {});
    const entry: TalkEntry = {
      talk: this.#notes.talks.length,
      talkId,
      streamId: stream.id,
      numbered: 0,
      withheld: new Set(),
      complete: false,
      startedAtMs,
      overAtMs: Infinity,
    };
    this.#notes.talks.push(entry);
    this.#isSpeaking = true;
    await this.#speak(entry, packets, withholds);
    this.#isSpeaking = false;
    if (!(await this.#comesThrough(entry))) return undefined;
    await this.#signaling.get('stopTalk', {});
    entry.overAtMs = performance.now();
    entry.complete = true;
    return entry;
  }

  /** Without a word: the power is cut, in the middle of a talk or not. */
  async vanish(): Promise<void> {
    this.breakOff();
    this.#signaling.webSocket.terminate();
    await Promise.all([this.#receiver.close(), this.#microphone?.client.close()]);
  }

  async close(): Promise<void> {
    this.breakOff();
    await this.#signaling.close();
    await Promise.all([this.#receiver.close(), this.#microphone?.client.close()]);
  }

  /** Is there, and reads nothing more of its WebSocket: the server has to find out. */
  stopReading(): void {
    this.breakOff();
    this.#signaling.webSocket.pause();
  }

  /** Says nothing more. Its session goes on. */
  breakOff(): void {
    this.entry.goneAtMs = Math.min(this.entry.goneAtMs, performance.now());
    this.#brokenOff = true;
    this.#breakOff();
  }

  async #openMicrophone(sequenceNumber: number): Promise<void> {
    await this.#microphone?.client.close();
    const client = openClient('sendonly');
    const { answer } = await this.#signaling.get('connectSender', { offer: await client.offer() });
    await client.accept(answer);
    this.#microphone = { client, sequenceNumber, timestamp: 0 };
  }

  async #speak(entry: TalkEntry, packets: number, withholds: () => boolean): Promise<void> {
    const startedAtMs = performance.now();
    for (;;) {
      const due = Math.min(packets, Math.floor((performance.now() - startedAtMs) / FRAME_MS) + 1);
      while (entry.numbered < due && !this.#brokenOff) {
        const isEdge = entry.numbered === 0 || entry.numbered === packets - 1;
        this.#send(entry, !isEdge && withholds());
      }
      if (entry.numbered >= packets || this.#brokenOff) return;
      await Promise.race([delay(TICK_MS), this.#off]);
    }
  }

  /** Last words, until somebody has heard the last. False: broken off. */
  async #comesThrough(entry: TalkEntry): Promise<boolean> {
    for (let word = 0; word <= LAST_WORDS; word += 1) {
      const untilMs = performance.now() + THROUGH_MS;
      while (performance.now() < untilMs) {
        if (this.#brokenOff) return false;
        if (this.#notes.reached.get(entry.talk) === entry.numbered - 1) return true;
        await Promise.race([delay(TICK_MS), this.#off]);
      }
      if (!this.#brokenOff) this.#send(entry, false);
    }
    throw new Error(`Talk ${entry.talk} of ${entry.streamId}: nobody hears its last words.`);
  }

  #send(entry: TalkEntry, isWithheld: boolean): void {
    const microphone = this.#microphone!;
    const packet = entry.numbered;
    entry.numbered += 1;
    if (isWithheld) entry.withheld.add(packet);
    else {
      const payload = payloadOf(entry.talk, packet);
      microphone.client.send(microphone.sequenceNumber, payload, microphone.timestamp).catch(() => undefined);
    }
    microphone.sequenceNumber = (microphone.sequenceNumber + 1) & 0xffff;
    microphone.timestamp = (microphone.timestamp + FRAME_TICKS) >>> 0;
  }
}
