/**
 * What a person at this page would hear: every playing, unmuted media element is recorded, tapped from the stream it
 * plays. Nothing is attached to the elements, so a page that forgets to play a stream is heard as silence.
 */
import type { BrowserContext, Page } from 'playwright-core';
import { concat, fromInt16 } from './pcm.ts';

interface Ear {
  elements: Set<HTMLMediaElement>;
  connections: RTCPeerConnection[];
  microphones: MediaStream[];
  taps: Map<HTMLMediaElement, { stream: MediaStream; disconnect: () => void }>;
  chunks: Int16Array[];
  /** Of all chunks that are not silence. */
  soundMs: number;
  /** When the first chunk's first sample passed, by the clock that all pages share; late by the same for all. */
  beganAtMs: number;
  stop: () => void;
}
declare global {
  interface Window {
    testEar: Ear;
  }
}

/** Before any page opens: notes the media elements, peer connections and microphones of the page. */
export async function giveEars(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const ear: Ear = {
      elements: new Set(),
      connections: [],
      microphones: [],
      taps: new Map(),
      chunks: [],
      soundMs: 0,
      beganAtMs: Infinity,
      stop: () => undefined,
    };
    window.testEar = ear;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called on the element it was called on
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
      ear.elements.add(this);
      return play.call(this);
    };
    // Absent where the page may not use one.
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    const open = devices?.getUserMedia.bind(devices);
    if (devices && open) {
      devices.getUserMedia = async (constraints) => {
        const stream = await open(constraints);
        ear.microphones.push(stream);
        return stream;
      };
    }
    const Native = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        ear.connections.push(this);
      }
    };
  });
}

/** Records until `stopRecording`; what starts to play meanwhile is recorded too. Or what is said: the newest microphone. */
export async function startRecording(page: Page, from: 'elements' | 'microphone' = 'elements'): Promise<void> {
  await page.evaluate(async (source) => {
    const ear = window.testEar;
    ear.beganAtMs = Infinity;
    const context = new AudioContext({ sampleRate: 48_000 });
    await context.resume();
    // Deprecated, but an AudioWorklet would need the page to allow a script of ours.
    /* eslint-disable @typescript-eslint/no-deprecated */
    const recorder = context.createScriptProcessor(4096, 1, 1);
    let firstAt: number | undefined;
    recorder.onaudioprocess = ({ inputBuffer, playbackTime }) => {
      firstAt ??= playbackTime;
      // Events come late, never early.
      const nowMs = performance.timeOrigin + performance.now();
      ear.beganAtMs = Math.min(ear.beganAtMs, nowMs - (playbackTime - firstAt) * 1000);
      const samples = inputBuffer.getChannelData(0);
      ear.chunks.push(Int16Array.from(samples, (s) => Math.round(Math.max(-1, Math.min(1, s)) * 32_767)));
      if (samples.some((sample) => Math.abs(sample) > 0.01)) ear.soundMs += inputBuffer.duration * 1000;
    };
    /* eslint-enable @typescript-eslint/no-deprecated */
    recorder.connect(context.destination);
    const streamOf = (element: HTMLMediaElement): MediaStream | undefined => {
      if (element.paused || element.muted || element.volume === 0) return undefined;
      if (element.srcObject instanceof MediaStream) return element.srcObject;
      const capturing = element as HTMLMediaElement & { captureStream(): MediaStream };
      return ear.taps.get(element)?.stream ?? capturing.captureStream();
    };
    if (source === 'microphone') {
      context.createMediaStreamSource(ear.microphones.at(-1)!).connect(recorder);
      ear.stop = () => void context.close();
      return;
    }
    const tap = (): void => {
      for (const element of ear.elements) {
        const stream = streamOf(element);
        const tapped = ear.taps.get(element);
        if (stream === tapped?.stream) continue;
        tapped?.disconnect();
        ear.taps.delete(element);
        if (!stream || stream.getAudioTracks().length === 0) continue;
        const source = context.createMediaStreamSource(stream);
        source.connect(recorder);
        ear.taps.set(element, { stream, disconnect: () => source.disconnect() });
      }
    };
    tap();
    // Again and again, as elements get new streams.
    const timer = setInterval(tap, 20);
    ear.stop = () => {
      clearInterval(timer);
      ear.taps.clear();
      void context.close();
    };
  }, from);
}

/** 48 kHz mono. */
export async function stopRecording(page: Page): Promise<Float32Array> {
  const parts = await page.evaluate(() => {
    const ear = window.testEar;
    ear.stop();
    ear.soundMs = 0;
    return ear.chunks.splice(0).map((chunk) => {
      let text = '';
      for (const byte of new Uint8Array(chunk.buffer)) text += String.fromCharCode(byte);
      return btoa(text);
    });
  });
  return concat(parts.map((part) => fromInt16(Buffer.from(part, 'base64'))));
}

/** Records until so much sound (silence does not count) has been heard, or until it took too long. */
export async function hear(page: Page, soundMs: number, timeoutMs = soundMs * 2 + 5000): Promise<Float32Array> {
  await page
    .waitForFunction((ms) => window.testEar.soundMs >= ms, soundMs, { timeout: timeoutMs, polling: 100 })
    .catch(() => undefined); // What was heard by then is what there is to judge.
  return stopRecording(page);
}

export interface Inbound {
  packetsReceived: number;
  packetsLost: number;
  /** Grows with sound only, not with packets of silence. */
  totalAudioEnergy: number;
  /** Seconds that samples waited in jitter buffers, summed over all samples emitted. */
  jitterBufferDelay: number;
  jitterBufferEmittedCount: number;
}

/** All audio that all peer connections of the page have received so far. */
export async function inboundAudio(page: Page): Promise<Inbound> {
  return page.evaluate(async () => {
    const total = {
      packetsReceived: 0,
      packetsLost: 0,
      totalAudioEnergy: 0,
      jitterBufferDelay: 0,
      jitterBufferEmittedCount: 0,
    };
    for (const connection of window.testEar.connections) {
      const report = (await connection.getStats()) as unknown as Map<string, Record<string, unknown>>;
      for (const entry of report.values()) {
        if (entry['type'] !== 'inbound-rtp') continue;
        for (const name of Object.keys(total) as (keyof typeof total)[]) {
          total[name] += Number(entry[name] ?? 0);
        }
      }
    }
    return total;
  });
}
