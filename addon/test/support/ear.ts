/**
 * What a person at this page would hear: every playing, unmuted media element is recorded, tapped from the stream it
 * plays. Nothing is attached to the elements, so a page that forgets to play a stream is heard as silence.
 */
import type { BrowserContext, Page } from 'playwright-core';
import { concat, fromInt16 } from './pcm.ts';

interface Ear {
  elements: Set<HTMLMediaElement>;
  connections: RTCPeerConnection[];
  recorders: Map<MediaStream, () => void>;
  chunks: Int16Array[];
  /** Tap all streams that are being played now; called again and again, as elements get new streams. */
  timer: ReturnType<typeof setInterval> | undefined;
}
declare global {
  interface Window {
    testEar: Ear;
  }
}

/** Before any page opens: notes the media elements and peer connections that the page makes. */
export async function giveEars(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const ear: Ear = { elements: new Set(), connections: [], recorders: new Map(), chunks: [], timer: undefined };
    window.testEar = ear;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called on the element it was called on
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
      ear.elements.add(this);
      return play.call(this);
    };
    const Native = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        ear.connections.push(this);
      }
    };
  });
}

/** Records until `stopRecording`; streams that start to play meanwhile are recorded too. */
export async function startRecording(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ear = window.testEar;
    const context = new AudioContext({ sampleRate: 48_000 });
    await context.resume();
    // Deprecated, but an AudioWorklet would need the page to allow a script of ours.
    /* eslint-disable @typescript-eslint/no-deprecated */
    const recorder = context.createScriptProcessor(4096, 1, 1);
    recorder.onaudioprocess = ({ inputBuffer }) => {
      const samples = inputBuffer.getChannelData(0);
      ear.chunks.push(Int16Array.from(samples, (s) => Math.round(Math.max(-1, Math.min(1, s)) * 32_767)));
    };
    /* eslint-enable @typescript-eslint/no-deprecated */
    recorder.connect(context.destination);
    const tap = (): void => {
      for (const element of ear.elements) {
        const stream = element.srcObject;
        if (!(stream instanceof MediaStream) || stream.getAudioTracks().length === 0) continue;
        if (element.paused || element.muted || element.volume === 0) {
          ear.recorders.get(stream)?.();
          ear.recorders.delete(stream);
        } else if (!ear.recorders.has(stream)) {
          const source = context.createMediaStreamSource(stream);
          source.connect(recorder);
          ear.recorders.set(stream, () => source.disconnect());
        }
      }
    };
    tap();
    ear.timer = setInterval(tap, 20);
  });
}

/** 48 kHz mono. */
export async function stopRecording(page: Page): Promise<Float32Array> {
  const parts = await page.evaluate(() => {
    const ear = window.testEar;
    clearInterval(ear.timer);
    for (const disconnect of ear.recorders.values()) disconnect();
    ear.recorders.clear();
    return ear.chunks.splice(0).map((chunk) => {
      let text = '';
      for (const byte of new Uint8Array(chunk.buffer)) text += String.fromCharCode(byte);
      return btoa(text);
    });
  });
  return concat(parts.map((part) => fromInt16(Buffer.from(part, 'base64'))));
}

export interface Inbound {
  packetsReceived: number;
  packetsLost: number;
  /** Grows with sound only, not with packets of silence. */
  totalAudioEnergy: number;
}

/** All audio that all peer connections of the page have received so far. */
export async function inboundAudio(page: Page): Promise<Inbound> {
  return page.evaluate(async () => {
    const total = { packetsReceived: 0, packetsLost: 0, totalAudioEnergy: 0 };
    for (const connection of window.testEar.connections) {
      const report = (await connection.getStats()) as unknown as Map<string, Record<string, unknown>>;
      for (const entry of report.values()) {
        if (entry['type'] !== 'inbound-rtp') continue;
        for (const name of ['packetsReceived', 'packetsLost', 'totalAudioEnergy'] as const) {
          total[name] += Number(entry[name] ?? 0);
        }
      }
    }
    return total;
  });
}
