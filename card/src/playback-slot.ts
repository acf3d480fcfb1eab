/**
 * One slot's audio element, in the document's body, with a volume of its own. iOS ignores an element's volume; there a
 * volume between silent and full goes through a GainNode, with the element playing on muted: without an element that
 * plays it, a remote stream is silent in Web Audio.
 */
export interface PlaybackSlotOptions {
  mid: string;
  createElement?: () => HTMLAudioElement;
  /** Made late: an AudioContext at page load stops other apps' music on iOS. */
  createContext?: () => AudioContext;
}

/** Not in every browser, whatever TypeScript's own types say. */
type WithSink = Omit<HTMLAudioElement, 'setSinkId'> & { setSinkId?: (deviceId: string) => Promise<void> };

export class PlaybackSlot {
  readonly element: HTMLAudioElement;
  readonly #createContext: () => AudioContext;
  #track: MediaStreamTrack | null = null;
  #volume = 1;
  #muted = false;
  #context: AudioContext | null = null;
  #source: MediaStreamAudioSourceNode | null = null;
  #gain: GainNode | null = null;

  constructor(options: PlaybackSlotOptions) {
    this.element = (options.createElement ?? (() => document.createElement('audio')))();
    this.#createContext = options.createContext ?? (() => new AudioContext());
    this.element.autoplay = true;
    this.element.hidden = true;
    this.element.dataset['voiceStreamingSlot'] = options.mid;
  }

  attach(track: MediaStreamTrack): void {
    this.#cutGain();
    this.#track = track;
    this.element.srcObject = new MediaStream([track]);
    this.#apply();
  }

  /** It stands still, though there is something to play: not a slot of a transport that is gone. */
  get isPaused(): boolean {
    return this.element.paused && this.#track?.readyState === 'live';
  }

  /** 0 to 1. */
  setVolume(volume: number): void {
    if (volume === this.#volume) return;
    this.#volume = volume;
    this.#apply();
  }

  setMuted(muted: boolean): void {
    if (muted === this.#muted) return;
    this.#muted = muted;
    this.#apply();
  }

  /** Rejects when there is no such device, or no leave to use it; resolves where browsers cannot choose. */
  async setSink(deviceId: string): Promise<void> {
    await (this.element as WithSink).setSinkId?.(deviceId);
  }

  close(): void {
    this.#cutGain();
    void this.#context?.close().catch(() => undefined);
    this.#context = null;
    this.element.srcObject = null;
    this.element.remove();
  }

  #apply(): void {
    const silent = this.#muted || this.#volume === 0;
    this.element.volume = this.#volume;
    const ignored = Math.abs(this.element.volume - this.#volume) > 0.01;
    const byGain = ignored && !silent && this.#useGain(this.#volume);
    if (!byGain) this.#cutGain();
    this.element.muted = silent || byGain;
  }

  /** False while the browser wants a gesture first: then too loud is better than silent. */
  #useGain(volume: number): boolean {
    const stream = this.element.srcObject;
    if (!(stream instanceof MediaStream)) return false;
    const context = (this.#context ??= this.#createContext());
    if (context.state !== 'running') {
      context.resume().then(
        () => {
          if (context === this.#context && context.state === 'running') this.#apply();
        },
        () => undefined,
      );
      return false;
    }
    this.#gain ??= connectGain(context, (this.#source = context.createMediaStreamSource(stream)));
    this.#gain.gain.value = volume;
    return true;
  }

  #cutGain(): void {
    this.#source?.disconnect();
    this.#gain?.disconnect();
    this.#source = null;
    this.#gain = null;
  }
}

function connectGain(context: AudioContext, source: MediaStreamAudioSourceNode): GainNode {
  const gain = context.createGain();
  source.connect(gain).connect(context.destination);
  return gain;
}
