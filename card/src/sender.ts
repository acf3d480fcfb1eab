/**
 * Speaks: from press to release, on a warm transport that has no track in between, so nothing leaves the browser unless
 * someone talks. Three states that never mix: `opening` (wait), `onAir` (the server relays: speak), `closing` (the tail).
 */
import type { TalkEndReason } from '@voice-streaming/shared/protocol';
import { Emitter } from './emitter.ts';
import { MicrophoneKeeper } from './microphone-keeper.ts';
import { microphoneObstacle } from './microphone.ts';
import { sayPeriod } from './texts.ts';
import type { Requester, Transport } from './transport.ts';
import { SupersededError, troubleOf, type Trouble } from './trouble.ts';

export type SenderState = 'idle' | 'opening' | 'onAir' | 'closing';

export interface SenderOptions {
  signaling: Requester;
  transport: Transport;
  /** Resolves once the server knows this device; rejects when that fails. */
  introduced: () => Promise<unknown>;
  /** Why a press cannot work now (server away …); null when it can. */
  obstacle?: () => Trouble | null;
  microphone?: MicrophoneKeeper;
  /** What is still in microphone, encoder and network when the finger lifts. */
  tailMs?: number;
  /** From microphone open to `onAir`; beyond it nothing gets through. */
  onAirTimeoutMs?: number;
}

export interface PressOptions {
  /** 0: no limit. */
  maxTalkMs?: number;
  /** Another microphone than that of presses. It is closed with the talk. */
  open?: () => Promise<MediaStreamTrack>;
  /** What this device plays goes on meanwhile: a monitor talks for ever. */
  playsOn?: boolean;
}

const END_TROUBLE: Partial<Record<TalkEndReason, Trouble>> = {
  takenOver: { code: 'takenOver' },
  endedByAdmin: { code: 'endedByAdmin' },
  disconnected: { code: 'connectionLost' },
};

export class Sender {
  readonly changed = new Emitter();
  /** What keeps it open between talks, where a card wants that. */
  readonly microphone: MicrophoneKeeper;
  readonly #options: SenderOptions;
  #state: SenderState = 'idle';
  #trouble: Trouble | null = null;
  #onAirSince: number | null = null;
  /** Counts presses: work of an older one ends itself. */
  #call = 0;
  #talkId: string | null = null;
  #track: MediaStreamTrack | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #maxTalkMs = 0;
  #playsOn = false;
  #endsAt: number | null = null;
  #limitTimer: ReturnType<typeof setTimeout> | undefined;
  /** Why the tail runs, if nobody let go. */
  #closingTrouble: Trouble | null = null;
  /** startTalk and stopTalk leave one after the other, each after the answer to the one before. */
  #lastStep: Promise<unknown> = Promise.resolve();

  constructor(options: SenderOptions) {
    this.#options = options;
    this.microphone = options.microphone ?? new MicrophoneKeeper();
    this.microphone.changed.subscribe(() => this.changed.emit());
    options.transport.lost.subscribe(() => this.end({ code: 'connectionLost' }));
  }

  get state(): SenderState {
    return this.#state;
  }

  /** Own playback is to be silent. */
  get mutes(): boolean {
    return this.#state !== 'idle' && !this.#playsOn;
  }

  /** Why the last talk did not start or ended; cleared by the next press. */
  get trouble(): Trouble | null {
    return this.#trouble;
  }

  /** Epoch milliseconds; null unless on air. */
  get onAirSince(): number | null {
    return this.#onAirSince;
  }

  /** Epoch milliseconds at which this talk has lasted as long as it may; null: no limit, or not on air. */
  get endsAt(): number | null {
    return this.#endsAt;
  }

  /**
   * Begins to talk; with `maxTalkMs` not 0, for no longer. Call it inside the user's gesture. A press during the tail goes
   * on with the same talk.
   */
  press({ maxTalkMs = 0, open = () => this.microphone.take(), playsOn = false }: PressOptions = {}): void {
    if (this.#state === 'closing') {
      if (this.#closingTrouble) return;
      clearTimeout(this.#timer);
      this.#set('onAir');
    }
    if (this.#state !== 'idle') return;
    const obstacle = this.#options.obstacle ? this.#options.obstacle() : microphoneObstacle();
    this.#trouble = obstacle;
    if (obstacle) {
      this.changed.emit();
      return;
    }
    const call = ++this.#call;
    this.#maxTalkMs = maxTalkMs;
    this.#playsOn = playsOn;
    this.#set('opening');
    void this.#begin(call, open);
  }

  /** The finger lifts: what was said still goes out, then the microphone closes. */
  release(): void {
    if (this.#state === 'opening') this.#finish(null);
    if (this.#state !== 'onAir') return;
    this.#set('closing');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#finish(this.#closingTrouble), this.#options.tailMs ?? 200);
  }

  /** Ends at once, whatever the state; the microphone is closed when this returns, a warm one too. */
  end(trouble: Trouble | null = null): void {
    this.#takeTrack()?.stop();
    this.microphone.close();
    this.#finish(trouble);
  }

  #finish(trouble: Trouble | null): void {
    if (this.#state === 'idle') return;
    this.#call += 1;
    clearTimeout(this.#timer);
    clearTimeout(this.#limitTimer);
    const track = this.#takeTrack();
    if (track) this.microphone.giveBack(track);
    this.#trouble = trouble;
    this.#closingTrouble = null;
    this.#onAirSince = null;
    this.#endsAt = null;
    this.#inOrder(() => this.#stopTalk()).catch(() => undefined); // Gone with the connection at the latest.
    this.#set('idle');
  }

  /** The server relays this talk. */
  onAir(talkId: string): void {
    if (talkId !== this.#talkId || this.#state !== 'opening') return;
    clearTimeout(this.#timer);
    this.#onAirSince = Date.now();
    if (this.#maxTalkMs > 0) {
      this.#endsAt = this.#onAirSince + this.#maxTalkMs;
      this.#limitTimer = setTimeout(() => this.#timeUp(), this.#maxTalkMs);
    }
    this.#set('onAir');
  }

  #timeUp(): void {
    if (this.#state !== 'onAir') return;
    this.#closingTrouble = { code: 'timeUp', detail: sayPeriod(this.#maxTalkMs) };
    this.release();
  }

  /** The server ended this talk. */
  talkEnded(talkId: string, reason: TalkEndReason): void {
    if (talkId !== this.#talkId) return;
    this.#talkId = null;
    const spokenMs = this.#onAirSince === null ? 0 : Date.now() - this.#onAirSince;
    // The server's own limit is whole minutes.
    const timeUp: Trouble = { code: 'timeUp', detail: sayPeriod(Math.round(spokenMs / 60_000) * 60_000) };
    this.end(reason === 'tooLong' ? timeUp : (END_TROUBLE[reason] ?? null));
  }

  /** The session with the server is gone, and with it the talk. */
  connectionLost(): void {
    this.#talkId = null;
    this.end();
  }

  async #begin(call: number, open: () => Promise<MediaStreamTrack>): Promise<void> {
    try {
      // Both at once, the microphone first: it must be asked for inside the gesture.
      const microphone = this.#openMicrophone(call, open);
      const talk = this.#inOrder(() => this.#startTalk(call));
      const [track] = await Promise.all([microphone, talk]);
      this.#still(call);
      await this.#replaceTrack(track);
      this.#still(call);
      if (this.#state === 'opening') {
        const giveUp = (): void => this.end({ code: 'mediaBlocked' });
        this.#timer = setTimeout(giveUp, this.#options.onAirTimeoutMs ?? 6_000);
      }
    } catch (error) {
      if (call === this.#call && !(error instanceof SupersededError)) this.end(troubleOf(error));
    }
  }

  async #openMicrophone(call: number, open: () => Promise<MediaStreamTrack>): Promise<MediaStreamTrack> {
    const track = await open();
    if (call !== this.#call) {
      track.stop();
      throw new SupersededError();
    }
    track.addEventListener('ended', () => {
      if (this.#track === track) this.end({ code: 'microphoneLost' });
    });
    this.#track = track;
    return track;
  }

  /** Off the transport: what it hears from now on leaves the browser no more. */
  #takeTrack(): MediaStreamTrack | null {
    const track = this.#track;
    this.#track = null;
    if (track) this.#replaceTrack(null).catch(() => undefined); // Refused only by a closed peer, which sends nothing.
    return track;
  }

  async #replaceTrack(track: MediaStreamTrack | null): Promise<void> {
    await this.#options.transport.peer?.getSenders()[0]?.replaceTrack(track);
  }

  async #startTalk(call: number): Promise<void> {
    this.#still(call);
    await Promise.all([this.#options.introduced(), this.#options.transport.whenOpen()]);
    this.#still(call);
    const { talkId } = await this.#options.signaling.request('startTalk', {});
    this.#talkId = talkId; // Also when overtaken meanwhile: the stopTalk behind it needs to know.
  }

  async #stopTalk(): Promise<void> {
    if (this.#talkId === null) return;
    this.#talkId = null;
    await this.#options.signaling.request('stopTalk', {});
  }

  #inOrder<T>(step: () => Promise<T>): Promise<T> {
    const run = this.#lastStep.then(step);
    this.#lastStep = run.catch(() => undefined);
    return run;
  }

  #still(call: number): void {
    if (call !== this.#call) throw new SupersededError();
  }

  #set(state: SenderState): void {
    this.#state = state;
    this.changed.emit();
  }
}
