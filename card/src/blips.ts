/** Three short sounds of our own, synthesised: on, off, refused. Soft enough for a sleeping house. */
export type Blip = 'on' | 'off' | 'refused';

interface Note {
  hz: number;
  fromMs: number;
  forMs: number;
}

/** A fifth up, the same down, and three low ones. */
const NOTES: Record<Blip, readonly Note[]> = {
  on: [
    { hz: 660, fromMs: 0, forMs: 60 },
    { hz: 990, fromMs: 70, forMs: 80 },
  ],
  off: [
    { hz: 990, fromMs: 0, forMs: 60 },
    { hz: 660, fromMs: 70, forMs: 80 },
  ],
  refused: [0, 110, 220].map((fromMs) => ({ hz: 220, fromMs, forMs: 70 })),
};

/** -20 dBFS. */
const GAIN = 0.1;
/** A sine that begins or ends at once clicks. */
const RAMP_MS = 8;

/** A blip that would come later says something that is no longer so. */
const LATE_MS = 400;

export interface BlipsOptions {
  createContext?: () => AudioContext;
  /** Device id; empty for the system's own. */
  speaker?: () => string;
}

/** Only in Chromium so far. */
type WithSink = AudioContext & { setSinkId?: (deviceId: string) => Promise<void> };

export class Blips {
  readonly #createContext: () => AudioContext;
  readonly #speaker: () => string;
  #sink = '';
  #context: AudioContext | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor({ createContext = () => new AudioContext(), speaker = () => '' }: BlipsOptions = {}) {
    this.#createContext = createContext;
    this.#speaker = speaker;
  }

  /** Call it inside a gesture: browsers let a context sound only then. Made late, as it stops other apps' music on iOS. */
  prepare(): void {
    try {
      this.#context ??= this.#createContext();
      this.#useSpeaker(this.#context);
      this.#running = this.#context.resume();
      this.#running.catch(() => undefined);
    } catch {
      // No Web Audio, or too many contexts: silent, and nothing else is lost.
    }
  }

  #useSpeaker(context: WithSink): void {
    const speaker = this.#speaker();
    if (speaker === this.#sink) return;
    this.#sink = speaker;
    context.setSinkId?.(speaker).catch(() => undefined);
  }

  play(blip: Blip): void {
    const context = this.#context;
    if (!context) return;
    const since = performance.now();
    this.#running.then(
      () => {
        if (performance.now() - since < LATE_MS) sound(context, NOTES[blip]);
      },
      () => undefined,
    );
  }

  /** An idle context keeps the sound card awake. */
  rest(): void {
    this.#context?.suspend().catch(() => undefined);
  }
}

function sound(context: AudioContext, notes: readonly Note[]): void {
  for (const { hz, fromMs, forMs } of notes) {
    const begin = context.currentTime + fromMs / 1000;
    const end = begin + forMs / 1000;
    const ramp = RAMP_MS / 1000;
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.frequency.value = hz;
    gain.gain.setValueAtTime(0, begin);
    gain.gain.linearRampToValueAtTime(GAIN, begin + ramp);
    gain.gain.setValueAtTime(GAIN, end - ramp);
    gain.gain.linearRampToValueAtTime(0, end);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(begin);
    oscillator.stop(end);
  }
}
