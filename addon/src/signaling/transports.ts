/** Transports: the two peers of one session, and which streams the slots of its receiver carry. */
import type { Direction, ListenTarget } from '@voice-streaming/shared/protocol';
import type { Closeable } from '../closeable.ts';
import type { AudioPacket } from '../media/audio-packet.ts';
import type { PeerFactory, ReceiverPeer, SenderPeer } from '../media/ports.ts';
import type { Relay } from '../media/relay.ts';
import { SlotAssignment } from '../media/slot-assignment.ts';
import type { Stream } from '../media/stream.ts';
import { PeerHolder } from './peer-holder.ts';

export interface TransportsOptions {
  relay: Relay;
  peers: PeerFactory;
  /** Streams the receiver can hear at once. */
  maxSlots: number;
  connectTimeoutMs: number;
  ownStreamId: () => string | undefined;
  mayHear: (streamId: string) => boolean;
  onPacket: (packet: AudioPacket) => void;
  /** A peer is gone, but not by this session's wish. */
  onLost: (direction: Direction, reason: string) => void;
  /** A stream that is listened to has as many receivers as it may. Only once the receiver has been answered. */
  onFull: (streamId: string) => void;
  onSlots: (slots: Record<string, string | null>) => void;
}

/** What to answer, and what to do when that has been said. */
export interface ReceiverAnswer {
  answer: string;
  afterwards: () => void;
}

export class Transports implements Closeable {
  readonly #options: TransportsOptions;
  readonly #sender: PeerHolder<SenderPeer>;
  readonly #receiver: PeerHolder<ReceiverPeer>;
  #assignment: SlotAssignment | undefined;
  #slots: Record<string, string | null> = {};
  #to: ListenTarget = null;
  #echo: Stream | undefined;

  constructor(options: TransportsOptions) {
    this.#options = options;
    const { connectTimeoutMs } = options;
    this.#sender = new PeerHolder({ connectTimeoutMs, onLost: (reason) => options.onLost('sender', reason) });
    this.#receiver = new PeerHolder({
      connectTimeoutMs,
      onLost: (reason) => {
        this.#dropAssignment();
        options.onLost('receiver', reason);
      },
    });
  }

  get hasSender(): boolean {
    return this.#sender.peer !== undefined;
  }

  get hasReceiver(): boolean {
    return this.#receiver.peer !== undefined;
  }

  get heardStreamIds(): string[] {
    // One's own stream is on a slot as an echo only.
    const own = this.#options.ownStreamId();
    return Object.values(this.#slots).filter((id) => id !== null && id !== own) as string[];
  }

  /** Whether this stream is asked for by its id. */
  names(streamId: string): boolean {
    return Array.isArray(this.#to) && this.#to.includes(streamId);
  }

  async connectSender(offer: string): Promise<string> {
    return this.#sender.open(
      (link) =>
        this.#options.peers.createSenderPeer(offer, {
          closed: (reason) => link.closed(reason),
          packet: (packet) => {
            if (link.isCurrent()) this.#options.onPacket(packet);
          },
        }),
      (peer) => peer.answer,
    );
  }

  async connectReceiver(offer: string): Promise<ReceiverAnswer> {
    return this.#receiver.open(
      (link) => this.#options.peers.createReceiverPeer(offer, { closed: (reason) => link.closed(reason) }),
      (peer) => this.#install(peer),
    );
  }

  /** Closing what is not open is fine. */
  async disconnect(direction: Direction): Promise<void> {
    if (direction === 'receiver') this.#dropAssignment();
    await (direction === 'sender' ? this.#sender : this.#receiver).release();
  }

  /** Remembered until there is a receiver. */
  listen(to: ListenTarget): void {
    this.#to = to;
    this.#assignment?.listen(to);
  }

  /** The own stream has another id now. */
  reassign(): void {
    this.#assignment?.listen(this.#to);
  }

  /** The own echo, heard on the first slot. */
  setEcho(echo: Stream | undefined): void {
    this.#echo = echo;
    this.#assignment?.setEcho(echo);
  }

  async close(): Promise<void> {
    this.#dropAssignment();
    await Promise.all([this.#sender.close(), this.#receiver.close()]);
  }

  #install(peer: ReceiverPeer): ReceiverAnswer {
    this.#dropAssignment();
    const slots = peer.slots.slice(0, this.#options.maxSlots);
    this.#slots = Object.fromEntries(peer.slots.map(({ mid }) => [mid, null]));
    let isAnswered = false;
    const full: string[] = [];
    const assignment = new SlotAssignment({
      relay: this.#options.relay,
      slots,
      ownStreamId: this.#options.ownStreamId,
      mayHear: this.#options.mayHear,
      onFull: ({ id }) => {
        if (isAnswered) this.#options.onFull(id);
        else full.push(id);
      },
      onChange: (changed) => {
        if (this.#assignment !== assignment) return;
        this.#slots = { ...this.#slots, ...changed };
        if (isAnswered) this.#options.onSlots(this.#slots);
      },
    });
    this.#assignment = assignment;
    assignment.setEcho(this.#echo);
    assignment.listen(this.#to);
    return {
      answer: peer.answer,
      afterwards: () => {
        isAnswered = true;
        if (this.#assignment !== assignment) return;
        this.#options.onSlots(this.#slots);
        for (const id of full) this.#options.onFull(id);
      },
    };
  }

  #dropAssignment(): void {
    void this.#assignment?.close();
    this.#assignment = undefined;
    this.#slots = {};
  }
}
