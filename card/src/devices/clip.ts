/** Short sounds through a chosen speaker: a test sound of our own, a recording. */
type WithSink = Omit<HTMLAudioElement, 'setSinkId'> & { setSinkId?: (deviceId: string) => Promise<void> };

/** Resolves at its end or when it is aborted; rejects when the browser refuses sound. */
export async function playClip(sound: Blob, speaker: string, signal: AbortSignal): Promise<void> {
  const url = URL.createObjectURL(sound);
  const element = new Audio(url);
  try {
    // A speaker that is gone is no reason for silence: the system's own plays then.
    if (speaker !== '') await (element as WithSink).setSinkId?.(speaker).catch(() => undefined);
    if (signal.aborted) return;
    const over = new Promise((resolve) => {
      for (const type of ['ended', 'error'] as const) element.addEventListener(type, resolve);
      signal.addEventListener('abort', resolve);
    });
    await element.play();
    await over;
  } finally {
    element.pause();
    URL.revokeObjectURL(url);
  }
}

const RATE_HZ = 24_000;
/** A chord from below: heard well by small speakers too. */
const NOTES_HZ = [523.25, 659.25, 783.99];
const NOTE_SECONDS = 0.25;
const LAST_SECONDS = 0.6;
const LOUDNESS = 0.25;

/** About a second, as WAV. */
export function testSound(): Blob {
  const seconds = NOTE_SECONDS * (NOTES_HZ.length - 1) + LAST_SECONDS;
  const samples = new Int16Array(Math.round(seconds * RATE_HZ)).map((_, index) => {
    const at = index / RATE_HZ;
    const note = Math.min(NOTES_HZ.length - 1, Math.floor(at / NOTE_SECONDS));
    const since = at - note * NOTE_SECONDS;
    const ramp = Math.min(1, since / 0.01) * Math.exp(-6 * since);
    return 32_767 * LOUDNESS * ramp * Math.sin(2 * Math.PI * (NOTES_HZ[note] ?? 0) * since);
  });
  const header = new DataView(new ArrayBuffer(44));
  const text = (at: number, value: string): void =>
    new Uint8Array(header.buffer).set(new TextEncoder().encode(value), at);
  text(0, 'RIFF');
  header.setUint32(4, 36 + samples.byteLength, true);
  text(8, 'WAVEfmt ');
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 1, true);
  header.setUint32(24, RATE_HZ, true);
  header.setUint32(28, RATE_HZ * 2, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  text(36, 'data');
  header.setUint32(40, samples.byteLength, true);
  return new Blob([header, samples], { type: 'audio/wav' });
}
