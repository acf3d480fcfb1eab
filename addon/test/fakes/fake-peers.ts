import { OfferError } from '../../src/media/ports.ts';
import type {
  Peer,
  PeerEvents,
  PeerFactory,
  ReceiverPeer,
  ReceiverSlot,
  SenderPeer,
  SenderPeerEvents,
} from '../../src/media/ports.ts';
import { FakeSlot } from './fake-slot.ts';

export class FakePeer<E extends PeerEvents> implements Peer {
  readonly answer: string;
  readonly events: E;
  isClosed = false;

  constructor(offer: string, events: E) {
    this.answer = `answer to ${offer}`;
    this.events = events;
  }

  stats(): { packets: number; bytes: number; packetsLost: number } {
    return { packets: 0, bytes: 0, packetsLost: 0 };
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

export class FakeReceiverPeer extends FakePeer<PeerEvents> implements ReceiverPeer {
  readonly slots: readonly (ReceiverSlot & FakeSlot)[];

  constructor(offer: string, events: PeerEvents, slotCount: number) {
    super(offer, events);
    this.slots = Array.from({ length: slotCount }, (_, index) => new FakeSlot(String(index)));
  }
}

/** Makes peers of any offer: `refuse` is refused, `crash` is a fault of ours, `3 slots` has three, `late` waits. */
export class FakePeers implements PeerFactory {
  readonly senders: FakePeer<SenderPeerEvents>[] = [];
  readonly receivers: FakeReceiverPeer[] = [];
  #late: (() => void)[] = [];

  get open(): number {
    return [...this.senders, ...this.receivers].filter((peer) => !peer.isClosed).length;
  }

  async createSenderPeer(offer: string, events: SenderPeerEvents): Promise<SenderPeer> {
    await this.#consider(offer);
    const peer = new FakePeer(offer, events);
    this.senders.push(peer);
    return peer;
  }

  async createReceiverPeer(offer: string, events: PeerEvents): Promise<ReceiverPeer> {
    await this.#consider(offer);
    const peer = new FakeReceiverPeer(offer, events, Number.parseInt(offer, 10) || 1);
    this.receivers.push(peer);
    return peer;
  }

  /** Lets the offers `late` be answered. */
  answerLate(): void {
    for (const resolve of this.#late.splice(0)) resolve();
  }

  async #consider(offer: string): Promise<void> {
    if (offer === 'refuse') throw new OfferError('bad_offer', 'The offer has no audio.');
    if (offer === 'no opus') throw new OfferError('no_opus', 'The offer has no Opus.');
    if (offer === 'crash') throw new TypeError('secret detail of a crash');
    if (offer === 'late') await new Promise<void>((resolve) => this.#late.push(resolve));
  }
}
