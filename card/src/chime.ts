/** Two soft tones before a voice: someone speaks. Made here, so there is no file to load. */
export interface ChimeOptions {
  createContext?: () => AudioContext;
  /** Device id of the speaker; empty for the system's own. */
  speaker?: () => string;
}

/** A falling third, E5 and C5. */
const TONES_HZ = [659.25, 523.25];
const TONE_S = 0.16;
const FADE_S = 0.5;
const LOUDNESS = 0.18;
/** A browser that wants a gesture first would play it much too late. */
const START_LIMIT_MS = 400;

type WithSink = AudioContext & { setSinkId?: (deviceId: string) => Promise<void> };

export class Chime {
  readonly #options: ChimeOptions;

  constructor(options: ChimeOptions = {}) {
    this.#options = options;
  }

  /** Whether it sounded. The context lives as long as the tones: a page that keeps one open keeps a phone awake. */
  async play(): Promise<boolean> {
    const context = (this.#options.createContext ?? (() => new AudioContext()))();
    try {
      const speaker = this.#options.speaker?.() ?? '';
      if (speaker !== '') await (context as WithSink).setSinkId?.(speaker).catch(() => undefined);
      const limit = new Promise((resolve) => setTimeout(resolve, START_LIMIT_MS));
      await Promise.race([context.resume(), limit]);
      if (context.state !== 'running') return false;
      await soundTones(context);
      return true;
    } catch {
      return false;
    } finally {
      context.close().catch(() => undefined);
    }
  }
}

function soundTones(context: AudioContext): Promise<void> {
  return new Promise((resolve) => {
    TONES_HZ.forEach((hz, index) => {
      const at = context.currentTime + 0.02 + index * TONE_S;
      const tone = context.createOscillator();
      const gain = context.createGain();
      tone.frequency.value = hz;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.01);
      gain.gain.exponentialRampToValueAtTime(0.001, at + FADE_S);
      tone.connect(gain).connect(context.destination);
      tone.start(at);
      tone.stop(at + FADE_S);
      if (index === TONES_HZ.length - 1) tone.onended = () => resolve();
    });
  });
}
