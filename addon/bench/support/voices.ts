/** What the bench's sender says, as Opus packets that are repeated without end. */
import { encodeOpus, tone } from '../../test/support/opus-voice.ts';
import { SAMPLE_RATE_HZ } from '../../test/support/pcm.ts';
import { COUNTING, speak } from '../../test/support/speech.ts';

export const VOICES = ['speech', 'tone', 'bursts', 'numbered'] as const;
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
    case 'numbered':
      return Array.from({ length: INDEX_MODULUS }, (_, index) => numbered(index));
  }
}

/** Config 14 and 15 of RFC 6716 3.1: hybrid, super wide band, of 10 and 20 ms. */
const [TOC_10_MS, TOC_20_MS] = [14 << 3, 15 << 3];
/** So that any two together are longer than any one. */
const LEAST_FRAME_BYTES = INDEX_MODULUS + 2;

/**
 * For those who do not decode: one plain frame, as browsers send it and the relay may put two of them into one packet, of a
 * length that tells its index, as does the length of two.
 */
function numbered(index: number): Buffer {
  const toc = FRAME_MS === 10 ? TOC_10_MS : TOC_20_MS;
  return Buffer.concat([Buffer.from([toc]), Buffer.alloc(LEAST_FRAME_BYTES + index, index)]);
}

/**
 * Of a `numbered` packet, or of two: the latest index sent before `arrivedAtMs`, and of two that of the second, without which there
 * was nothing to send. Two over a wrap of the modulus have the length of two others, half of it earlier.
 */
export function numberedIndex(
  sentAtMs: readonly number[],
  payloadBytes: number,
  arrivedAtMs: number,
): { index: number; frames: number } | undefined {
  const isTwo = payloadBytes > 1 + LEAST_FRAME_BYTES + INDEX_MODULUS - 1;
  for (let index = sentAtMs.length - 1; index >= 0; index -= 1) {
    if (sentAtMs[index]! > arrivedAtMs) continue;
    const own = LEAST_FRAME_BYTES + (index % INDEX_MODULUS);
    const before = LEAST_FRAME_BYTES + ((index + INDEX_MODULUS - 1) % INDEX_MODULUS);
    if (payloadBytes === (isTwo ? 2 + before + own : 1 + own)) return { index, frames: isTwo ? 2 : 1 };
  }
  return undefined;
}

/** The same sound with padding (RFC 6716 3.2.5), such that length = index (mod INDEX_MODULUS). */
export function withIndex(packet: Buffer, index: number): Buffer {
  if (packet.equals(numbered(index % INDEX_MODULUS))) return packet;
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
