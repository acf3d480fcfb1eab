/** Hears: a warm transport with one audio section per slot; the server puts whoever speaks into them. */
import type { ListenTarget } from '@voice-streaming/shared/protocol';
import { Emitter } from './emitter.ts';
import { Playback } from './playback.ts';
import type { Requester, Transport } from './transport.ts';
import { troubleOf, type Trouble } from './trouble.ts';

/** What the receiver needs of Playback; a fake in tests. */
export type Player = Pick<
  Playback,
  'changed' | 'blocked' | 'justUnblocked' | 'attach' | 'setMuted' | 'unlock' | 'close'
>;

export interface ReceiverOptions {
  signaling: Requester;
  transport: Transport;
  player?: Player;
}

export class Receiver {
  readonly changed = new Emitter();
  readonly #options: ReceiverOptions;
  readonly #player: Player;
  #target: ListenTarget = null;
  #heard: string[] = [];
  #chosen = false;
  #online = false;
  #wanted = false;
  #trouble: Trouble | null = null;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#player = options.player ?? new Playback();
    this.#player.changed.subscribe(() => this.changed.emit());
    options.transport.changed.subscribe(() => this.#attachTracks());
    options.transport.lost.subscribe(() => this.setSlots({}));
  }

  get target(): ListenTarget {
    return this.#target;
  }

  /** Ids of the streams in the slots now: what can be heard. */
  get heard(): readonly string[] {
    return this.#heard;
  }

  /** Sound is refused until someone taps. */
  get needsTap(): boolean {
    return this.#player.blocked && this.#target !== null;
  }

  /** A tap has just enabled sound: it means nothing else. */
  get justUnblocked(): boolean {
    return this.#player.justUnblocked;
  }

  get trouble(): Trouble | null {
    return this.#trouble;
  }

  /** What a card's config says; a person's choice, made on any card of the page, stays. */
  listenByDefault(target: ListenTarget): void {
    if (!this.#chosen) this.#listen(target);
  }

  listen(target: ListenTarget): void {
    this.#chosen = true;
    this.#listen(target);
  }

  /** Call it inside a gesture. */
  enableSound(): void {
    this.#player.unlock();
  }

  /** Own playback is silent while talking, or the microphone would hear it. */
  setMuted(muted: boolean): void {
    this.#player.setMuted(muted);
  }

  setSlots(slots: Record<string, string | null>): void {
    this.#heard = this.#target === null ? [] : Object.values(slots).filter((id) => id !== null);
    this.changed.emit();
  }

  /** Whether any card is there to hear. */
  setWanted(wanted: boolean): void {
    this.#wanted = wanted;
    this.#sync();
  }

  setOnline(online: boolean): void {
    this.#online = online;
    if (online) this.#tellTarget();
    else this.setSlots({});
    this.#options.transport.setOnline(online);
  }

  close(): void {
    this.#wanted = false;
    this.#sync();
    this.#player.close();
  }

  #listen(target: ListenTarget): void {
    this.#target = target;
    if (target === null) this.#heard = [];
    this.#sync();
    this.#tellTarget();
    this.changed.emit();
  }

  #sync(): void {
    this.#options.transport.setWanted(this.#wanted && this.#target !== null);
  }

  /** The server keeps it for the transport that comes after, so it need not wait for one. */
  #tellTarget(): void {
    if (!this.#online) return;
    const to = this.#target;
    this.#options.signaling.request('listen', { to }).then(
      () => this.#setTrouble(null),
      (error: unknown) => {
        if (to === this.#target && this.#online) this.#setTrouble(troubleOf(error));
      },
    );
  }

  #setTrouble(trouble: Trouble | null): void {
    this.#trouble = trouble;
    this.changed.emit();
  }

  #attachTracks(): void {
    const { peer } = this.#options.transport;
    if (peer) peer.getReceivers().forEach((receiver, slot) => this.#player.attach(slot, receiver.track));
    this.changed.emit();
  }
}
