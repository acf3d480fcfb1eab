/** Everything with one server that outlives a card: the connection, who we are, the streams, the two transports. */
import type { Direction, ListenTarget, ServerEvent, StreamInfo } from '@voice-streaming/shared/protocol';
import { Accompaniment } from './accompaniment.ts';
import type { Device } from './device.ts';
import { Emitter } from './emitter.ts';
import { Introduction } from './introduction.ts';
import { microphoneObstacle } from './microphone.ts';
import { watchPage } from './page-lifecycle.ts';
import { Monitor } from './monitor.ts';
import { Monitoring } from './monitoring.ts';
import { SharedNeeds, type Needs } from './needs.ts';
import { PlayingTab } from './playing-tab.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';
import { ServerSearch } from './server-search.ts';
import { SignalingClient } from './signaling-client.ts';
import type { OpenSocket } from './socket.ts';
import { Transport } from './transport.ts';
import { TroubleLog } from './trouble-log.ts';
import { connectionTrouble, type Trouble } from './trouble.ts';

export interface SessionOptions {
  url: string;
  /** Where more than opening is to be done for a socket. */
  openSocket?: OpenSocket | undefined;
  token?: string | undefined;
  /** From the card's config; goes before the name kept in the browser. */
  name?: string | undefined;
  /** What a person chose to hear, in an earlier session of this page. */
  choice?: ListenTarget | undefined;
  /** Hidden and idle for this long, transports close until the page is visible again. */
  hiddenIdleMs?: number;
}

const HIDDEN_IDLE_MS = 60_000;

export class Session {
  /** Anything but levels changed. */
  readonly changed = new Emitter();
  /** dBov by stream id, at most five a second. */
  readonly levels = new Emitter<Record<string, number>>();
  readonly client: SignalingClient;
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly troubles = new TroubleLog();
  /** Waits for a connection that is still coming up. */
  readonly whenIntroduced = (): Promise<unknown> => this.#introduction.whenTold();
  /** This device listens to its room all the time, where a card wants that. */
  readonly monitor: Monitor;
  /** Monitors that are heard here. */
  readonly monitoring: Monitoring;
  readonly #introduction: Introduction;
  readonly url: string;
  readonly #hiddenIdleMs: number;
  readonly #senderTransport: Transport;
  readonly #receiverTransport: Transport;
  readonly #accompaniment: Accompaniment;
  readonly #unwatchPage: () => void;
  readonly #needs = new SharedNeeds();
  readonly #search = new ServerSearch();
  #streams: readonly StreamInfo[] = [];
  #wasReady = false;
  /** `#streams` is the word of the connection that there is. */
  #listed = false;
  #asleep = false;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SessionOptions) {
    this.url = options.url;
    this.#hiddenIdleMs = options.hiddenIdleMs ?? HIDDEN_IDLE_MS;
    this.client = new SignalingClient(options);
    this.#introduction = new Introduction(this.client, options.name);
    this.#senderTransport = new Transport({
      direction: 'sender',
      signaling: this.client,
      prepare: (peer) => void peer.addTransceiver('audio', { direction: 'sendonly' }),
    });
    this.#receiverTransport = new Transport({
      direction: 'receiver',
      signaling: this.client,
      prepare: (peer) => {
        for (let slot = 0; slot < this.receiver.sections; slot += 1)
          peer.addTransceiver('audio', { direction: 'recvonly' });
      },
    });
    this.sender = new Sender({
      signaling: this.client,
      transport: this.#senderTransport,
      introduced: this.whenIntroduced,
      obstacle: () => microphoneObstacle() ?? this.#connectionTrouble,
    });
    this.receiver = new Receiver({
      signaling: this.client,
      transport: this.#receiverTransport,
      tab: new PlayingTab({ name: this.url }),
      choice: options.choice,
      maxSections: () => this.#maxSlots,
      checkConnection: () => this.#checkConnection(),
    });
    this.monitor = new Monitor({
      sender: this.sender,
      isReady: () => this.client.connection.state === 'ready',
      introduced: this.whenIntroduced,
      tell: (args) => this.client.request('setMonitor', args),
      own: () => this.#streams.find(({ id }) => id === this.streamId),
      reopen: () => this.#senderTransport.reopen(),
    });
    this.monitoring = new Monitoring({
      url: options.url,
      client: this.client,
      receiver: this.receiver,
      streams: () => this.#streams,
      isReady: () => this.#listed,
    });
    this.#accompaniment = new Accompaniment({
      receiver: this.receiver,
      circumstances: () => ({
        talking: this.sender.state !== 'idle' || this.monitor.wanted,
        playing: this.monitoring.playing.map(({ name }) => name),
        autoListen: this.autoListens,
        wakeLock: this.#needs.wakeLock,
        chime: this.#needs.any('chime'),
      }),
    });
    this.#introduction.changed.subscribe(() => this.changed.emit());
    this.client.changed.subscribe(() => this.#onConnection());
    this.#search.changed.subscribe(() => this.changed.emit());
    this.client.events.subscribe((event) => this.#onEvent(event));
    this.sender.changed.subscribe(() => {
      this.receiver.setMuted(this.sender.mutes);
      this.changed.emit();
    });
    this.receiver.changed.subscribe(() => {
      if (this.#asleep) this.#sync();
      this.changed.emit();
    });
    this.monitor.changed.subscribe(() => {
      this.#sync();
      this.changed.emit();
    });
    this.monitoring.changed.subscribe(() => this.changed.emit());
    this.changed.subscribe(() => {
      this.monitor.update();
      this.monitoring.update();
      this.#accompaniment.update();
      this.troubles.note([this.trouble, this.sender.trouble, this.receiver.trouble]);
    });
    this.#senderTransport.changed.subscribe(() => this.changed.emit());
    this.#unwatchPage = watchPage({
      hidden: () => this.#onHidden(),
      awake: () => this.#onAwake(),
      leaving: () => {
        this.sender.end();
        this.receiver.leave();
      },
    });
    this.client.start();
  }

  /** Live streams and the streams of connected devices, ours among them. */
  get streams(): readonly StreamInfo[] {
    return this.#streams;
  }

  /** The id of our own stream; null until introduced. */
  get streamId(): string | null {
    return this.#introduction.streamId;
  }

  get device(): Device {
    return this.#introduction.device;
  }

  get name(): string {
    return this.#introduction.name;
  }

  /** For whoever looks at them; what flows in them is the sender's and the receiver's business. */
  get transports(): Record<Direction, Transport> {
    return { sender: this.#senderTransport, receiver: this.#receiverTransport };
  }

  /** What stands in the way of everything; the sender's and receiver's own troubles are theirs. */
  get trouble(): Trouble | null {
    return (
      this.#connectionTrouble ??
      this.#introduction.trouble ??
      this.#receiverTransport.trouble ??
      this.#senderTransport.trouble
    );
  }

  get isAdmin(): boolean {
    const { connection } = this.client;
    return connection.state === 'ready' && connection.user?.isAdmin === true;
  }

  /** It is gone for good, and nobody is to miss it. */
  forgetMonitor(streamId: string): void {
    this.client.request('forgetMonitor', { streamId }).catch(() => undefined); // The list tells how it stands.
  }

  /** A card's config has a name for this device; undefined says nothing. */
  setConfigName(name: string | undefined): void {
    if (name !== undefined) this.#introduction.setConfigName(name);
  }

  /** A person named this device; the id stays. */
  rename(name: string): void {
    this.#introduction.rename(name);
  }

  /** A card wants to hear also while the page is hidden. */
  get autoListens(): boolean {
    return this.#needs.any('autoListen');
  }

  /** Also of a hidden page, out of which the dashboard was taken, somebody wants something. */
  get staysAwake(): boolean {
    return this.autoListens || this.monitor.wanted || this.monitoring.reliedOn;
  }

  /** A card is there; call the returned function when it is gone. */
  use(needs: Needs): () => void {
    const remove = this.#needs.add(needs);
    this.#sync();
    return () => {
      remove();
      this.#sync();
    };
  }

  close(): void {
    this.#needs.clear();
    this.#unwatchPage();
    clearTimeout(this.#hiddenTimer);
    this.monitor.close();
    this.monitoring.close();
    this.sender.end();
    this.#accompaniment.close();
    this.receiver.close();
    this.#senderTransport.close();
    this.client.close();
  }

  get #connectionTrouble(): Trouble | null {
    return connectionTrouble(this.client.connection, this.url, this.#search);
  }

  get #maxSlots(): number {
    const { connection } = this.client;
    return connection.state === 'ready' ? connection.limits.slots : 1;
  }

  #sync(): void {
    this.#senderTransport.setWanted(this.#needs.any('sender') && (!this.#asleep || this.monitor.wanted));
    // A voice that is heard is heard to its end.
    const awake = !this.#asleep || this.autoListens || this.monitoring.reliedOn || this.receiver.heard.length > 0;
    this.receiver.setWanted(this.#needs.any('receiver') && awake);
  }

  #checkConnection(): Promise<boolean> {
    return this.client.check(() => this.receiver.tellTarget());
  }

  #onConnection(): void {
    const { state } = this.client.connection;
    const ready = state === 'ready';
    if (state === 'away') this.#search.failed(this.url);
    else if (state !== 'connecting' && state !== 'closed') this.#search.found();
    if (ready !== this.#wasReady) {
      this.#wasReady = ready;
      if (ready) this.#introduction.tell();
      else this.#forget();
      this.#senderTransport.setOnline(ready);
      this.receiver.setOnline(ready);
    }
    this.changed.emit();
  }

  #forget(): void {
    this.#listed = false;
    this.sender.connectionLost();
    // The list stays where it is, so that nothing jumps; nobody in it is live as far as we know.
    const away = { live: false, since: null, receivers: 0, listeners: 0 };
    this.#streams = this.#streams.map((stream) => ({ ...stream, ...away }));
    this.receiver.setStreams(this.#streams);
    this.#introduction.forget();
    this.levels.emit({});
  }

  #onEvent(event: ServerEvent): void {
    switch (event.type) {
      case 'streams':
        this.#streams = event.streams;
        this.#listed = true;
        this.receiver.setStreams(event.streams);
        this.changed.emit();
        return;
      case 'levels':
        this.receiver.setLevels(event.levels);
        this.monitoring.watch.setLevels(event.levels);
        this.levels.emit(event.levels);
        return;
      case 'slots':
        this.receiver.setSlots(this.#withoutOwn(event.slots));
        return;
      case 'onAir':
        this.sender.onAir(event.talkId);
        return;
      case 'talkEnded':
        this.sender.talkEnded(event.talkId, event.reason);
        return;
      case 'disconnected':
        (event.direction === 'sender' ? this.#senderTransport : this.#receiverTransport).reopen();
        return;
      default:
    }
  }

  /** One's own voice comes back in an echo only, and nobody listens to that. */
  #withoutOwn(slots: Readonly<Record<string, string | null>>): Record<string, string | null> {
    return Object.fromEntries(Object.entries(slots).map(([mid, id]) => [mid, id === this.streamId ? null : id]));
  }

  #onHidden(): void {
    if (!this.monitor.wanted) this.sender.end(); // Nobody talks into a tab they cannot see.
    clearTimeout(this.#hiddenTimer);
    this.#hiddenTimer = setTimeout(() => {
      this.#asleep = true;
      this.#sync();
    }, this.#hiddenIdleMs);
  }

  #onAwake(): void {
    if (!document.hidden) {
      clearTimeout(this.#hiddenTimer);
      this.#asleep = false;
    }
    this.client.poke();
    void this.#checkConnection();
    // A talk in a way that may yet heal is not cut off.
    if (this.sender.state === 'idle' || this.monitor.wanted) this.#senderTransport.poke();
    this.monitor.awake();
    this.monitoring.screenOff?.poke();
    this.receiver.poke();
    this.#sync();
    this.#accompaniment.update();
  }
}
