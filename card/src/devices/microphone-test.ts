/**
 * A microphone test before talking: a live level, and three seconds to hear oneself. Nothing of it leaves the browser, and
 * the microphone is open only while it runs.
 */
import { playClip } from './clip.ts';
import { Emitter } from '../emitter.ts';
import { levelOf } from '../level-meters.ts';
import { tapMicrophone, type MicrophoneTap } from './microphone-tap.ts';
import type { Trouble } from '../trouble.ts';

export type TestState = 'off' | 'opening' | 'on' | 'recording' | 'playing';

export interface MicrophoneTestOptions {
  /** Rejects with a TroubleError. */
  open: () => Promise<MediaStreamTrack>;
  /** No longer needed. */
  release: (track: MediaStreamTrack) => void;
  /** Device id; empty for the system's own. */
  speaker: () => string;
  /** 0 to 1, once per frame. */
  show: (level: number) => void;
  troubleOf: (error: unknown) => Trouble;
  tap?: (track: MediaStreamTrack) => MicrophoneTap;
  play?: typeof playClip;
}

export const RECORD_MS = 3_000;
/** A test that is forgotten closes the microphone by itself. */
const MAX_MS = 60_000;
/** A voice, even a soft one; a room without anybody is below. */
const HEARD_DBFS = -50;
/** Somebody who was told to say something has done so by now. */
const SILENT_AFTER_MS = 4_000;

export class MicrophoneTest {
  readonly changed = new Emitter();
  readonly #options: MicrophoneTestOptions;
  #state: TestState = 'off';
  #hears: 'nothing yet' | 'nothing' | 'voice' = 'nothing yet';
  #trouble: Trouble | null = null;
  #recording: Blob | null = null;
  #track: MediaStreamTrack | null = null;
  #tap: MicrophoneTap | null = null;
  #since = 0;
  #frame = 0;
  /** Ended with the run that it belongs to. */
  #run = new AbortController();
  #limit: ReturnType<typeof setTimeout> | undefined;

  constructor(options: MicrophoneTestOptions) {
    this.#options = options;
  }

  get state(): TestState {
    return this.#state;
  }

  get hears(): 'nothing yet' | 'nothing' | 'voice' {
    return this.#hears;
  }

  get trouble(): Trouble | null {
    return this.#trouble;
  }

  get isOpen(): boolean {
    return this.#track !== null;
  }

  /** There is something to hear again. */
  get hasRecording(): boolean {
    return this.#recording !== null;
  }

  /** Call it inside a gesture. Never rejects. */
  async start(): Promise<void> {
    this.stop();
    this.#trouble = null;
    this.#recording = null;
    this.#hears = 'nothing yet';
    const { signal } = (this.#run = new AbortController());
    this.#set('opening');
    try {
      const track = await this.#options.open();
      if (signal.aborted) {
        this.#options.release(track);
        return;
      }
      this.#track = track;
      track.addEventListener('ended', () => this.#fail({ code: 'microphoneLost' }), { signal });
      this.#tap = (this.#options.tap ?? tapMicrophone)(track);
      this.#limit = setTimeout(() => this.stop(), MAX_MS);
      this.#since = performance.now();
      this.#frame = requestAnimationFrame(this.#look);
      this.#set('on');
    } catch (error) {
      if (!signal.aborted) this.#fail(this.#options.troubleOf(error));
    }
  }

  /** Three seconds, then the microphone closes and they are played. Never rejects. */
  async record(): Promise<void> {
    const { signal } = this.#run;
    if (this.#state !== 'on' || !this.#tap) return;
    this.#set('recording');
    try {
      const recording = await this.#tap.record(RECORD_MS);
      if (signal.aborted) return;
      this.#recording = recording;
    } catch (error) {
      if (!signal.aborted) this.#fail(this.#options.troubleOf(error));
      return;
    }
    await this.playBack();
  }

  /** Never rejects. */
  async playBack(): Promise<void> {
    const recording = this.#recording;
    if (!recording) return;
    // An open microphone makes phones play it softly, through the earpiece.
    this.stop();
    const { signal } = (this.#run = new AbortController());
    this.#set('playing');
    // Refused without a gesture, on iOS: then there is a button to hear it.
    await (this.#options.play ?? playClip)(recording, this.#options.speaker(), signal).catch(() => undefined);
    if (!signal.aborted) this.#set('off');
  }

  /** The microphone is closed when this returns. */
  stop(): void {
    if (this.#state === 'off') return;
    this.#run.abort();
    clearTimeout(this.#limit);
    cancelAnimationFrame(this.#frame);
    this.#tap?.close();
    this.#tap = null;
    if (this.#track) this.#options.release(this.#track);
    this.#track = null;
    this.#set('off');
  }

  readonly #look = (): void => {
    if (!this.#tap) return;
    this.#frame = requestAnimationFrame(this.#look);
    const dBfs = this.#tap.readDbfs();
    this.#options.show(levelOf(dBfs));
    if (dBfs > HEARD_DBFS) this.#hear('voice');
    else if (this.#hears !== 'voice' && performance.now() - this.#since > SILENT_AFTER_MS) this.#hear('nothing');
  };

  #hear(hears: 'nothing' | 'voice'): void {
    if (hears === this.#hears) return;
    this.#hears = hears;
    this.changed.emit();
  }

  #fail(trouble: Trouble): void {
    this.#trouble = trouble;
    this.stop();
    this.changed.emit();
  }

  #set(state: TestState): void {
    this.#state = state;
    this.changed.emit();
  }
}
