/** Sounds made here, as files that an audio element plays: unlike Web Audio it goes on when a phone's screen is off. */
const RATE_HZ = 8_000;

export interface Tone {
  hz: number;
  fromMs: number;
  forMs: number;
}

/** Mono, 16 bit; without tones silence. */
export function wavOf(lengthMs: number, tones: readonly Tone[]): Blob {
  const samples = Math.round((lengthMs * RATE_HZ) / 1000);
  const view = new DataView(new ArrayBuffer(44 + samples * 2));
  const text = (at: number, letters: string): void =>
    letters.split('').forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  text(0, 'RIFF');
  view.setUint32(4, 36 + samples * 2, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // mono
  view.setUint32(24, RATE_HZ, true);
  view.setUint32(28, RATE_HZ * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, samples * 2, true);
  for (const { hz, fromMs, forMs } of tones) {
    const count = Math.round((forMs * RATE_HZ) / 1000);
    const first = Math.round((fromMs * RATE_HZ) / 1000);
    for (let n = 0; n < count; n += 1) {
      // Begins and ends within 5 ms: at once it would click.
      const edge = Math.min(1, n / 40, (count - n) / 40);
      view.setInt16(44 + (first + n) * 2, Math.sin((2 * Math.PI * hz * n) / RATE_HZ) * edge * 29_000, true);
    }
  }
  return new Blob([view], { type: 'audio/wav' });
}
