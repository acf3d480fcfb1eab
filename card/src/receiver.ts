/** Hears: a warm transport with one audio section per slot; the server puts whoever speaks into them. */
import type { ListenTarget, StreamInfo } from '@voice-streaming/shared/protocol';
import type { ChosenDevice } from './chosen-device.ts';
import { Emitter } from './emitter.ts';
import { PacketWatchdog } from './packet-watchdog.ts';
import { Playback } from './playback.ts';
import type { PlayingTab } from './playing-tab.ts';
import { Talkers, type Talker } from './talkers.ts';
import type { Requester, Transport } from './transport.ts';
import { troubleOf, type Trouble } from './trouble.ts';

/** What the receiver needs of Playback; a fake in tests. */
export type Player = Pick<
  Playback,
  | 'changed'
  | 'blocked'
  | 'justUnblocked'
  | 'isPaused'
  | 'speaker'
  | 'chosenSpeaker'
  | 'attach'
  | 'setVolumes'
  | 'setMuted'
  | 'setSpeaker'
  | 'unlock'
  | 'close'
>;

export interface ReceiverOptions {
  signaling: Requester;
  transport: Transport;
  /** Which tab of this browser plays. */
  tab: PlayingTab;
  /** What a person chose before, on this page. */
  choice?: ListenTarget | undefined;
  player?: Player;
  talkers?: Talkers;
  /** Audio sections that the server fills at most. */
  maxSections: () => number;
  /** Packets stopped and so did the server's word on levels: is the connection with it alive? */
  checkConnection: () => Promise<boolean>;
}

export class Receiver {
  readonly changed = new Emitter();
  readonly #options: ReceiverOptions;
  readonly #player: Player;
  readonly #talkers: Talkers;
  readonly #watchdog: PacketWatchdog;
  #target: ListenTarget = null;
  #choice: ListenTarget | undefined;
  #attached: RTCPeerConnection | null = null;
  #online = false;
  #wanted = false;
  #silent = false;
  #muted = false;
  #trouble: Trouble | null = null;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#player = options.player ?? new Playback();
    this.#talkers = options.talkers ?? new Talkers();
    this.#choice = options.choice;
    this.#target = options.choice ?? null;
    this.#watchdog = new PacketWatchdog({
      readPackets: () => packetsReceived(options.transport.peer),
      starved: () => options.transport.reopen(),
      suspicious: () => void options.checkConnection(),
      doubtful: (flowed) => this.#doubt(flowed),
    });
    this.#player.changed.subscribe(() => this.changed.emit());
    options.tab.changed.subscribe(() => {
      this.#sync();
      this.changed.emit();
    });
    options.transport.changed.subscribe(() => this.#attachTracks());
    options.transport.lost.subscribe(() => this.setSlots({}));
  }

  get target(): ListenTarget {
    return this.#target;
  }

  /** What a person chose on this page; undefined while only configs spoke. */
  get choice(): ListenTarget | undefined {
    return this.#choice;
  }

  /** Audio sections to offer: no more than can be filled, as each costs the browser a decoder and a player. */
  get sections(): number {
    const max = Math.max(1, this.#options.maxSections());
    if (this.#target === 'all') return max;
    return Array.isArray(this.#target) ? Math.min(max, Math.max(1, this.#target.length)) : 1;
  }

  /** Who can be heard now, in the order in which they began; rows do not jump. */
  get talkers(): readonly Talker[] {
    return this.#talkers.list;
  }

  /** steadyNow() of the last packets; 0: none yet. */
  get soundAt(): number {
    return this.#watchdog.flowedAt;
  }

  /** See `setMuted`. */
  get muted(): boolean {
    return this.#muted;
  }

  /** Something is to be heard, in this tab. */
  get wanted(): boolean {
    return this.#wanted && this.#target !== null && !this.elsewhere;
  }

  /** The ids of `talkers`. */
  get heard(): readonly string[] {
    return this.#talkers.ids;
  }

  /** Sound is refused until someone taps. */
  get needsTap(): boolean {
    return this.#player.blocked && this.#target !== null && !this.elsewhere;
  }

  /** A tap has just enabled sound: it means nothing else. */
  get justUnblocked(): boolean {
    return this.#player.justUnblocked;
  }

  /** Another tab of this browser plays; `playHere` takes the sound over. */
  get elsewhere(): boolean {
    return this.#options.tab.elsewhere;
  }

  get trouble(): Trouble | null {
    return this.#trouble;
  }

  /** Device id of the speaker, kept in the browser; empty is the system's own. */
  get speaker(): string {
    return this.#player.speaker;
  }

  /** What a card's config says; a person's choice, made on any card of the page, stays. */
  listenByDefault(target: ListenTarget): void {
    if (this.#choice === undefined) this.#listen(target);
  }

  listen(target: ListenTarget): void {
    this.#choice = target;
    this.#listen(target);
    if (target !== null) this.playHere();
  }

  /** Sound in this tab and no longer in the other one. Call it inside a gesture. */
  playHere(): void {
    this.#options.tab.takeOver();
    this.#player.unlock();
  }

  /** Call it inside a gesture. */
  enableSound(): void {
    this.#player.unlock();
  }

  /** Own playback is silent while talking, or the microphone would hear it. */
  setMuted(muted: boolean): void {
    this.#muted = muted;
    this.#player.setMuted(muted);
  }

  /** 0 to 1 as a person sets it, kept in this browser; also of one who is not heard now. */
  setVolume(streamId: string, volume: number): void {
    this.#talkers.setVolume(streamId, volume);
    this.#showVolumes();
  }

  /** A person turned its sound off, here. */
  isSilenced(streamId: string): boolean {
    return this.#talkers.loudnessOf(streamId) === 0;
  }

  /** The system has stopped the sound, as for a call: packets may come, and nobody hears them. */
  get isPaused(): boolean {
    return this.#player.isPaused;
  }

  volumeOf(streamId: string): number {
    return this.#talkers.volumeOf(streamId);
  }

  /** Silences one voice on this page; its volume stays for later. */
  setTalkerMuted(streamId: string, muted: boolean): void {
    this.#talkers.setMuted(streamId, muted);
    this.#showVolumes();
  }

  /** Null: the system's own. */
  get chosenSpeaker(): ChosenDevice | null {
    return this.#player.chosenSpeaker;
  }

  /** Null for the system's own. Rejects when the browser does not allow that device; the speaker then stays. */
  setSpeaker(device: ChosenDevice | null): Promise<void> {
    return this.#player.setSpeaker(device);
  }

  setStreams(streams: readonly StreamInfo[]): void {
    this.#talkers.setStreams(streams);
  }

  setLevels(levels: Readonly<Record<string, number>>): void {
    this.#talkers.setLevels(levels);
    this.#watchdog.levels(levels);
  }

  setSlots(slots: Readonly<Record<string, string | null>>): void {
    this.#talkers.setSlots(this.#target === null ? {} : slots);
    this.#watchdog.watch(this.#talkers.ids);
    this.#showVolumes();
  }

  /** Whether any card is there to hear. */
  setWanted(wanted: boolean): void {
    this.#wanted = wanted;
    this.#sync();
  }

  /** Somebody else plays what is to be heard: no transport of ours. */
  setSilent(silent: boolean): void {
    if (silent === this.#silent) return;
    this.#silent = silent;
    this.#sync();
    this.changed.emit();
  }

  setOnline(online: boolean): void {
    this.#online = online;
    if (online) void this.tellTarget();
    else this.setSlots({});
    this.#options.transport.setOnline(online);
  }

  /** Whom to hear, once more: an answer proves that the connection lives. Never rejects. */
  async tellTarget(): Promise<void> {
    if (this.#online) await this.#tell(this.#target);
  }

  /** The page woke up or the network came back. */
  poke(): void {
    this.#options.tab.check();
    this.#options.transport.poke();
    this.#player.unlock();
    void this.#watchdog.check();
  }

  /** The page is being left. */
  leave(): void {
    this.#options.tab.leave();
  }

  close(): void {
    this.#wanted = false;
    this.#sync();
    this.setSlots({});
    this.#options.tab.close();
    this.#player.close();
  }

  #listen(target: ListenTarget): void {
    this.#target = target;
    if (target === null) this.setSlots({});
    this.#renewIfTooSmall();
    this.#sync();
    void this.tellTarget();
    this.changed.emit();
  }

  #sync(): void {
    const wanted = this.#wanted && this.#target !== null;
    this.#options.tab.setWanted(wanted);
    const here = wanted && !this.elsewhere && !this.#silent;
    this.#options.transport.setWanted(here);
    if (this.heard.length > 0 && !here) this.setSlots({});
  }

  async #tell(to: ListenTarget): Promise<void> {
    try {
      // The server keeps it for the transport that comes after, so it need not wait for one.
      await this.#options.signaling.request('listen', { to });
      this.#setTrouble(null);
    } catch (error) {
      if (to === this.#target && this.#online) this.#setTrouble(troubleOf(error));
    }
  }

  #doubt(flowed: boolean): void {
    const { transport, checkConnection } = this.#options;
    const doubted = transport.peer;
    void checkConnection().then((isAlive) => {
      // Else everything comes anew with the next connection.
      if (isAlive && flowed && doubted === transport.peer) transport.reopen();
    });
  }

  #setTrouble(trouble: Trouble | null): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.changed.emit();
  }

  #showVolumes(): void {
    this.#player.setVolumes(this.#talkers.volumes);
    this.changed.emit();
  }

  #attachTracks(): void {
    const { peer } = this.#options.transport;
    if (peer && peer !== this.#attached) {
      for (const { mid, receiver } of peer.getTransceivers()) {
        if (mid !== null) this.#player.attach(mid, receiver.track);
      }
    }
    this.#attached = peer;
    this.#renewIfTooSmall();
    this.changed.emit();
  }

  #renewIfTooSmall(): void {
    const { transport } = this.#options;
    if (transport.peer && transport.peer.getTransceivers().length < this.sections) transport.renew();
  }
}

/** Of all audio sections; null until the transport has connected, as that is watched by itself. */
async function packetsReceived(peer: RTCPeerConnection | null): Promise<number | null> {
  if (!peer || peer.connectionState === 'new' || peer.connectionState === 'connecting') return null;
  const report = (await peer.getStats()) as unknown as Map<string, { type?: string; packetsReceived?: number }>;
  return [...report.values()]
    .filter(({ type }) => type === 'inbound-rtp')
    .reduce((total, { packetsReceived: count }) => total + (count ?? 0), 0);
}
