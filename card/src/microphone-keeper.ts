/**
 * When the microphone is open: while one talks (`press`), some time longer (`warm`), or as long as the page is looked at
 * (`always`). What is kept open is attached to no connection, so nothing of it leaves the browser.
 */
import type { MicrophonePolicy } from './config.ts';
import { Emitter } from './emitter.ts';
import { microphoneSettings, type MicrophoneDefaults } from './microphone-settings.ts';
import { isMicrophoneGranted, openMicrophone, type OpenMicrophone } from './microphone.ts';

export interface MicrophoneKeeperOptions {
  open?: OpenMicrophone;
  /** Whether it opens without asking anybody. */
  granted?: () => Promise<boolean>;
  warmMs?: number;
  settings?: Pick<typeof microphoneSettings, 'changed'>;
}

export class MicrophoneKeeper {
  /** `openUntil` changed. */
  readonly changed = new Emitter();
  readonly #open: OpenMicrophone;
  readonly #granted: () => Promise<boolean>;
  readonly #warmMs: number;
  readonly #settings: Pick<typeof microphoneSettings, 'changed'>;
  readonly #policies = new Set<{ policy: MicrophonePolicy; defaults: MicrophoneDefaults }>();
  /** Open, and nobody talks. */
  #kept: MediaStreamTrack | null = null;
  #keptUntil = 0;
  #ignoreSettings: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts what makes an opening by `always` pointless. */
  #call = 0;

  constructor(options: MicrophoneKeeperOptions = {}) {
    this.#open = options.open ?? openMicrophone;
    this.#granted = options.granted ?? isMicrophoneGranted;
    this.#warmMs = options.warmMs ?? 30_000;
    this.#settings = options.settings ?? microphoneSettings;
  }

  /** Of the cards of the page, the one that keeps it longest. */
  get policy(): MicrophonePolicy {
    const policies = [...this.#policies].map(({ policy }) => policy);
    return policies.find((one) => one === 'always') ?? policies.find((one) => one === 'warm') ?? 'press';
  }

  /** What the cards of the page ask for. */
  get defaults(): MicrophoneDefaults {
    return Object.assign({}, ...[...this.#policies].map(({ defaults }) => defaults)) as MicrophoneDefaults;
  }

  /** Epoch milliseconds until which it stays open though nobody talks, Infinity, or 0: it is closed. */
  get openUntil(): number {
    return this.#kept ? this.#keptUntil : 0;
  }

  /**
   * A card is there; call the returned function when it is gone. `defaults`: what its use of the microphone asks for, where
   * a person has set nothing; of several cards' the last one's.
   */
  use(policy: MicrophonePolicy, defaults: MicrophoneDefaults = {}): () => void {
    const entry = { policy, defaults };
    this.#policies.add(entry);
    const stayOpen = policy === 'always' ? this.#watchPage() : undefined;
    return () => {
      stayOpen?.();
      this.#policies.delete(entry);
      if (this.policy === 'press') this.close();
    };
  }

  /** Hidden, the page closes it (see Session); looked at again, it opens again. */
  #watchPage(): () => void {
    const look = (): void => void this.#openAhead();
    document.addEventListener('visibilitychange', look);
    look();
    return () => document.removeEventListener('visibilitychange', look);
  }

  /** Opens it before anybody presses, if the browser will not ask. */
  async #openAhead(): Promise<void> {
    if (this.policy !== 'always' || this.#kept || document.hidden) return;
    const call = ++this.#call;
    try {
      if (!(await this.#granted())) return;
      const track = await this.#open(this.defaults);
      if (call === this.#call) this.#keep(track);
      else track.stop();
    } catch {
      // The next press says what is wrong.
    }
  }

  /** Other settings: `always` opens it anew, of `warm` the next talk does. */
  #renew(): void {
    this.close();
    void this.#openAhead();
  }

  /** For a talk; call it inside the press. */
  take(): Promise<MediaStreamTrack> {
    this.#call += 1;
    const kept = this.#kept;
    this.#forget();
    return kept?.readyState === 'live' ? Promise.resolve(kept) : this.#open(this.defaults);
  }

  /** The talk is over, in the ordinary way. */
  giveBack(track: MediaStreamTrack): void {
    if (this.policy === 'press' || track.readyState !== 'live' || document.hidden) track.stop();
    else this.#keep(track);
  }

  /** Something else than a talk had taken it: closed when this returns; `always` opens it anew. */
  discard(track: MediaStreamTrack): void {
    track.stop();
    void this.#openAhead();
  }

  /** Closed when this returns. */
  close(): void {
    this.#call += 1;
    this.#kept?.stop();
    this.#forget();
  }

  #keep(track: MediaStreamTrack): void {
    this.#kept = track;
    this.#ignoreSettings = this.#settings.changed.subscribe(() => this.#renew());
    track.addEventListener('ended', () => {
      if (this.#kept === track) this.#forget();
    });
    if (this.policy === 'always') this.#keptUntil = Infinity;
    else {
      this.#keptUntil = Date.now() + this.#warmMs;
      this.#timer = setTimeout(() => this.close(), this.#warmMs);
    }
    this.changed.emit();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#ignoreSettings?.();
    if (!this.#kept) return;
    this.#kept = null;
    this.#keptUntil = 0;
    this.changed.emit();
  }
}
