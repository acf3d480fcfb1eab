/** What the bench's sender says, as Opus packets that are repeated without end. */
import { encodeOpus, tone } from '../../test/support/opus-voice.ts';
import { SAMPLE_RATE_HZ } from '../../test/support/pcm.ts';
import { COUNTING, speak } from '../../test/support/speech.ts';

export const VOICES = ['speech', 'tone', 'bursts'] as const;
export type VoiceName = (typeof VOICES)[number];

/** As our server asks browsers to send; `PTIME_MS=20` measures what those do that do not obey. */
export const FRAME_MS = Number(process.env['PTIME_MS'] ?? 10);
export const FRAME_TICKS = FRAME_MS * (SAMPLE_RATE_HZ / 1000);
/** `bursts`: 100 ms of tone, then silence up to this. */
export const BURST_PERIOD_MS = 1000;
const BURST_MS = 100;

/**
 * Each packet is padded so that its length tells its index modulo this: length is all of a packet's payload that can be
 * read without the SRTP key. 64 packets are 640 ms, far more than any delay.
 */
export const INDEX_MODULUS = 64;

export async function voice(name: VoiceName): Promise<Buffer[]> {
  switch (name) {
    case 'speech':
      return encodeOpus((await speak(COUNTING)).pcm, { frameMs: FRAME_MS });
    case 'tone':
      return encodeOpus(tone(1000, 2000), { frameMs: FRAME_MS });
    case 'bursts': {
      const pcm = new Float32Array((SAMPLE_RATE_HZ * BURST_PERIOD_MS) / 1000);
      pcm.set(tone(1000, BURST_MS));
      return encodeOpus(pcm, { frameMs: FRAME_MS });
    }
  }
}

/** The same sound with padding (RFC 6716 3.2.5), such that length = index (mod INDEX_MODULUS). */
export function withIndex(packet: Buffer, index: number): Buffer {
  const [toc = 0] = packet;
  if ((toc & 3) !== 0) throw new Error('the packet is not one plain Opus frame');
  const least = packet.length + 2;
  const padding = (((index - least) % INDEX_MODULUS) + INDEX_MODULUS) % INDEX_MODULUS;
  // Code 3; one frame, with padding; how much of it.
  const head = Buffer.from([toc | 3, 0x41, padding]);
  return Buffer.concat([head, packet.subarray(1), Buffer.alloc(padding)]);
}

/** The latest packet sent before `arrivedAtMs` whose length was this; undefined when there is none. */
export function sentIndex(sentAtMs: readonly number[], payloadBytes: number, arrivedAtMs: number): number | undefined {
  for (let index = sentAtMs.length - 1; index >= 0; index -= 1) {
    if (sentAtMs[index]! <= arrivedAtMs && (index - payloadBytes) % INDEX_MODULUS === 0) return index;
  }
  return undefined;
}
