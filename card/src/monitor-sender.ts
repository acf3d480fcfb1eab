/**
 * Listens to the room all the time: keeps one talk on the air for as long as a card wants it, and begins a new one
 * whatever took the last, for ever. Each talk gets a copy of the microphone's track, which outlives it. What a person switches off, or must allow first, is told to the
 * server, so that nobody misses it.
 */
import type { Requests, StreamInfo } from '@voice-streaming/shared/protocol';
import { Backoff } from './backoff.ts';
import { Emitter } from './emitter.ts';
import { microphoneSettings } from './microphone-settings.ts';
import { isMicrophoneGranted, microphoneObstacle, type OpenMicrophone } from './microphone.ts';
import { MonitorMicrophone } from './monitor-microphone.ts';
import type { PageTools } from './page-tools.ts';
import type { Sender } from './sender.ts';
import { SupersededError, TroubleError, troubleOf, type Trouble, type TroubleCode } from './trouble.ts';

export type MonitorState =
  /** No card wants it. */
  | 'none'
  /** Switched off by a person. */
  | 'off'
  /** On its way, again and again. */
  | 'starting'
  | 'live'
  | 'needsTap'
  /** Another tab of this browser does it. */
  | 'elsewhere';

export interface MonitorSenderOptions {
  sender: Pick<Sender, 'state' | 'trouble' | 'press' | 'end'>;
  /** Whether requests are answered, and the server knows this device. */
  isReady: () => boolean;
  introduced: () => Promise<unknown>;
  tell: (args: Requests['setMonitor']['args']) => Promise<unknown>;
  /** This device's own stream, as the server lists it. */
  own: () => StreamInfo | undefined;
  /** Its packets do not arrive: another transport. */
  reopen: () => void;
  /** Why no microphone can ever be opened here. */
  obstacle?: () => Trouble | null;
  open?: OpenMicrophone;
  granted?: () => Promise<boolean>;
  settings?: Pick<typeof microphoneSettings, 'changed'>;
  /** Of the card, which knows the errors of its own. */
  troubleOf?: typeof troubleOf;
  random?: () => number;
}

/** A card that is back by then was only moved; longer nobody is heard without a sign. */
const GRACE_MS = 5_000;
/** The server misses the packets of a talk that looks well here. */
const STARVED_MS = 2_000;
/** The other tab is missed: another second at most, so that of several tabs one begins, and before listeners are alarmed. */
const ABSENT_MS = 1_000;

const PERMISSION: readonly TroubleCode[] = ['permissionDenied', 'permissionDismissed', 'permissionBySystem'];

export class MonitorSender {
  readonly changed = new Emitter();
  readonly #options: MonitorSenderOptions;
  readonly #microphone: MonitorMicrophone;
  readonly #talkBackoff: Backoff;
  readonly #microphoneBackoff: Backoff;
  readonly #ignoreSettings: () => void;
  #users = 0;
  #state: MonitorState = 'none';
  #trouble: Trouble | null = null;
  /** The talk that runs is ours. */
  #talking = false;
  /** Somebody has touched it here, so the browser has asked. */
  #touched = false;
  /** Counts beginnings: an older one ends itself. */
  #call = 0;
  #beginning = false;
  /** What this connection was told. */
  #told: string | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #graceTimer: ReturnType<typeof setTimeout> | undefined;
  /** Runs while the server says that this device is lost. */
  #lostTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: MonitorSenderOptions) {
    this.#options = options;
    this.#microphone = new MonitorMicrophone(() => this.#microphoneGone(), options.open);
    const random = options.random ? { random: options.random } : {};
    this.#talkBackoff = new Backoff(random);
    this.#microphoneBackoff = new Backoff({ firstMs: 1_000, maxMs: 10_000, ...random });
    this.#ignoreSettings = (options.settings ?? microphoneSettings).changed.subscribe(() => this.#renew());
  }

  get state(): MonitorState {
    return this.#state;
  }

  /** Whether this page is to listen: it may not be ended, nor fall asleep. */
  get wanted(): boolean {
    return this.#state !== 'none' && this.#state !== 'off';
  }

  /** Why it is not live. */
  get trouble(): Trouble | null {
    return this.#state === 'live' ? null : this.#trouble;
  }

  /** A card is there; call the returned function when it is gone. */
  use(): () => void {
    this.#users += 1;
    clearTimeout(this.#graceTimer);
    if (this.#state === 'none') this.#set('starting');
    this.update();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#users -= 1;
      this.#stopUnlessUsed();
    };
  }

  /** It listens, or tries to by itself: a touch would switch it off. */
  get isOn(): boolean {
    return this.#state === 'live' || this.#state === 'starting';
  }

  /** A person wants it: off when it is on, and on here when it is not. Call it inside the gesture. */
  toggle(): void {
    if (this.#state === 'none') return;
    if (this.isOn) {
      this.#quit('off');
      this.update();
      return;
    }
    this.#touched = true;
    this.#state = 'starting';
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    void this.#begin();
    this.changed.emit();
  }

  /** The page is looked at, or back on the network. */
  awake(): void {
    this.#stopUnlessUsed();
    if (this.#state === 'needsTap') void this.#tryUntouched();
    this.update();
  }

  /** Something may have changed: connection, talk, list. */
  update(): void {
    if (this.#state === 'none') return;
    if (!this.#options.isReady()) {
      this.#told = null;
      this.#watchLoss(false);
      if (this.#state === 'live') this.#set('starting');
      return;
    }
    this.#watchLoss(this.#options.own()?.monitor?.state === 'lost');
    if (this.#talking && this.#options.sender.state === 'idle') this.#talkOver();
    if (this.#state === 'off' || this.#state === 'needsTap') {
      this.#tell(this.#state).catch(() => undefined); // Said again on the next connection.
    } else if (this.#state !== 'elsewhere' && this.#options.sender.state === 'idle') {
      if (!this.#beginning && this.#retryTimer === undefined) void this.#begin();
    }
    if (!this.#talking) return;
    const isLive = this.#options.sender.state === 'onAir';
    if (isLive) this.#talkBackoff.reset();
    this.#set(isLive ? 'live' : 'starting');
  }

  close(): void {
    this.#ignoreSettings();
    this.#quit('none');
  }

  #stopUnlessUsed(): void {
    clearTimeout(this.#graceTimer);
    // Home Assistant takes the dashboard out of a hidden page, and puts it back.
    if (this.#users > 0 || this.#state === 'none' || document.hidden) return;
    this.#graceTimer = setTimeout(() => {
      if (!document.hidden) this.#quit('none');
    }, GRACE_MS);
  }

  /** Nothing of it is open when this returns. */
  #quit(state: 'none' | 'off' | 'elsewhere'): void {
    this.#call += 1;
    this.#beginning = false;
    for (const timer of [this.#retryTimer, this.#graceTimer]) clearTimeout(timer);
    this.#retryTimer = undefined;
    this.#watchLoss(false);
    this.#state = state;
    this.#endTalk();
    this.#microphone.close();
    this.#trouble = null;
    this.changed.emit();
  }

  /** It may have been allowed in the browser's settings. */
  async #tryUntouched(): Promise<void> {
    if (!(await this.#isGranted()) || this.#state !== 'needsTap') return;
    this.#set('starting');
    this.update();
  }

  async #begin(): Promise<void> {
    const call = ++this.#call;
    this.#beginning = true;
    try {
      const obstacle = (this.#options.obstacle ?? microphoneObstacle)();
      if (obstacle) throw new TroubleError(obstacle);
      // After a touch at once: iOS wants it inside the gesture.
      if (this.#touched) await this.#microphone.open();
      else if (!(await this.#isGranted())) throw new TroubleError({ code: 'permissionDismissed' });
      this.#still(call);
      if (!this.#options.isReady()) return;
      this.#told = null; // Another tab may have said so of itself.
      await this.#tell('on');
      this.#still(call);
      const track = await this.#microphone.open();
      this.#microphoneBackoff.reset();
      this.#still(call);
      if (!this.#options.isReady() || this.#options.sender.state !== 'idle') return;
      this.#talking = true;
      this.#options.sender.press({ open: () => Promise.resolve(track.clone()), playsOn: true });
    } catch (error) {
      if (call === this.#call) this.#failed(this.#troubleOf(error), error);
    } finally {
      if (call === this.#call) this.#beginning = false;
      this.update();
    }
  }

  #troubleOf(error: unknown): Trouble {
    return error instanceof TroubleError ? error.trouble : (this.#options.troubleOf ?? troubleOf)(error);
  }

  #failed(trouble: Trouble, error: unknown): void {
    if (error instanceof SupersededError) return;
    this.#talking = false;
    const isPermission = PERMISSION.includes(trouble.code);
    // Not yet asked is no trouble.
    this.#trouble = isPermission && !this.#touched ? null : trouble;
    if (isPermission) {
      this.#touched = false;
      this.#set('needsTap');
      this.changed.emit();
    } else {
      this.#retry((this.#microphone.isOpen ? this.#talkBackoff : this.#microphoneBackoff).nextMs());
    }
  }

  /** By whatever: a new one comes, unless a person or another tab has it so. */
  #talkOver(): void {
    this.#talking = false;
    const { trouble } = this.#options.sender;
    if (trouble?.code === 'takenOver') this.#quit('elsewhere');
    else if (trouble?.code === 'endedByAdmin') this.#quit('off');
    else {
      this.#trouble = trouble;
      this.#retry(this.#talkBackoff.nextMs());
    }
  }

  #retry(inMs: number): void {
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.update();
    }, inMs);
    this.#state = 'starting';
    this.changed.emit();
  }

  #isGranted(): Promise<boolean> {
    return this.#microphone.isOpen ? Promise.resolve(true) : (this.#options.granted ?? isMicrophoneGranted)();
  }

  #microphoneGone(): void {
    this.#endTalk();
    this.#trouble = { code: 'microphoneLost' };
    clearTimeout(this.#retryTimer);
    this.#retry(this.#microphoneBackoff.nextMs());
  }

  #endTalk(): void {
    if (!this.#talking) return;
    this.#talking = false;
    this.#options.sender.end();
  }

  /** A person chose another microphone or other processing. */
  #renew(): void {
    if (!this.#microphone.isOpen) return;
    this.#microphone.close();
    this.#endTalk();
    this.update();
  }

  async #tell(state: Requests['setMonitor']['args']['state']): Promise<void> {
    if (this.#told === state) return;
    this.#told = state;
    try {
      await this.#options.introduced();
      await this.#options.tell({ state });
    } catch (error) {
      if (this.#told === state) this.#told = null;
      throw error;
    }
  }

  /** The server says that this device is not heard, or no longer says so. */
  #watchLoss(lost: boolean): void {
    const isStarved = this.#state === 'live';
    if (!lost || (!isStarved && this.#state !== 'elsewhere')) {
      clearTimeout(this.#lostTimer);
      this.#lostTimer = undefined;
      return;
    }
    const more = (this.#options.random ?? Math.random)() * ABSENT_MS;
    this.#lostTimer ??= setTimeout(
      () => {
        this.#lostTimer = undefined;
        if (this.#state === 'live') this.#options.reopen();
        else if (this.#state === 'elsewhere') this.#set('starting');
        this.update();
      },
      isStarved ? STARVED_MS : ABSENT_MS + more,
    );
  }

  #still(call: number): void {
    if (call !== this.#call) throw new SupersededError();
  }

  #set(state: MonitorState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.changed.emit();
  }
}

/** With what must exist once on a page. */
export function createMonitor(options: MonitorSenderOptions, tools: PageTools): MonitorSender {
  return new MonitorSender({
    obstacle: tools.microphoneObstacle,
    open: tools.openMicrophone,
    granted: tools.isMicrophoneGranted,
    settings: tools.microphoneSettings,
    troubleOf: tools.troubleOf,
    ...options,
  });
}
