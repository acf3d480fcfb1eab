/** The voices that a card plays, each recorded apart: what comes out of each of its slots, at the loudness set there. */
import type { Page } from 'playwright-core';
import { cardOf, type TestCard } from './card-session.ts';
import { concat, fromInt16 } from './pcm.ts';

/** By stream id; slots that are muted, or empty, are not there. */
export async function hearEach(page: Page, durationMs: number): Promise<Map<string, Float32Array>> {
  const recorded = await cardOf(page).evaluate(async (card: TestCard, ms) => {
    const context = new AudioContext({ sampleRate: 48_000 });
    await context.resume();
    const voices = card.session!.receiver.talkers.flatMap(({ streamId, mid }) => {
      const element = document.querySelector<HTMLAudioElement>(`audio[data-voice-streaming-slot="${mid}"]`);
      if (!element || element.paused || element.muted || element.volume === 0) return [];
      const chunks: Int16Array[] = [];
      const gain = context.createGain();
      gain.gain.value = element.volume;
      // Deprecated, but an AudioWorklet would need the page to allow a script of ours.
      /* eslint-disable @typescript-eslint/no-deprecated */
      const recorder = context.createScriptProcessor(4096, 1, 1);
      recorder.onaudioprocess = ({ inputBuffer }) => {
        const samples = inputBuffer.getChannelData(0);
        chunks.push(Int16Array.from(samples, (s) => Math.round(Math.max(-1, Math.min(1, s)) * 32_767)));
      };
      /* eslint-enable @typescript-eslint/no-deprecated */
      context
        .createMediaStreamSource(element.srcObject as MediaStream)
        .connect(gain)
        .connect(recorder);
      recorder.connect(context.destination);
      return [{ streamId, chunks }];
    });
    await new Promise((resolve) => setTimeout(resolve, ms));
    await context.close();
    return voices.map(({ streamId, chunks }) => ({
      streamId,
      parts: chunks.map((chunk) => {
        let text = '';
        for (const byte of new Uint8Array(chunk.buffer)) text += String.fromCharCode(byte);
        return btoa(text);
      }),
    }));
  }, durationMs);
  return new Map(
    recorded.map(({ streamId, parts }) => [
      streamId,
      concat(parts.map((part) => fromInt16(Buffer.from(part, 'base64')))),
    ]),
  );
}
