/**
 * The browser's end: `window.bench` on a page, with an ear that tells the first sample of each sound, and the protocol
 * without the card. All times are Unix epoch milliseconds, the one clock that pages and audio threads share.
 */
import type { BrowserContext, Page } from 'playwright-core';

export interface Ear {
  /** When each sound began, after a silence. */
  onsetsAtMs: number[];
  close(): void;
}

export interface PressRecord {
  pressedAtMs: number;
  microphoneAskedAtMs: number;
  microphoneOpenAtMs: number;
  /** First sound on the microphone's own track. */
  spokenAtMs: number;
}

export interface DirectJoin {
  /** From the beginning of createOffer. */
  fromRequestMs: number;
  connectedMs: number;
}

export interface Join extends DirectJoin {
  fromSocketMs: number;
  /** From the request until the answer was there. */
  answeredMs: number;
}

export interface BenchPage {
  prepare(): Promise<void>;
  ear(track: MediaStreamTrack): Ear;
  /** A cold join of `latest`, until it is heard; then gone again. */
  join(): Promise<Join>;
  /** The same without a server: a second connection of this page says a tone. What the browser alone takes. */
  joinDirectly(): Promise<DirectJoin>;
  microphone(): Promise<MediaStreamTrack>;
  connect(): Promise<Signaling>;
  /** Kept between calls from outside. */
  ears: Record<string, Ear>;
  peers: Record<string, RTCPeerConnection>;
  sockets: Record<string, Signaling>;
  tracks: Record<string, MediaStreamTrack>;
  lastPress: Partial<PressRecord>;
}

export interface Signaling {
  request(type: string, args: unknown): Promise<Record<string, string>>;
  close(): void;
}

declare global {
  interface Window {
    bench: BenchPage;
  }
}

/** A page of the server's origin with nothing on it: the loopback rule holds, and no policy is in the way. */
export async function openBlankPage(context: BrowserContext, origin: string): Promise<Page> {
  const page = await context.newPage();
  const url = new URL('/bench', origin).href;
  await page.route(url, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>bench' }));
  await page.goto(url);
  await page.evaluate(() => window.bench.prepare());
  return page;
}

export async function giveBench(context: BrowserContext): Promise<void> {
  await context.addInitScript(install);
}

/** Runs in the page: it must use nothing from outside. */
function install(): void {
  const worklet = `
    const THRESHOLD = 0.03, QUIET_SAMPLES = 48 * 150;
    registerProcessor('ear', class extends AudioWorkletProcessor {
      blocks = 0; offsetMs = 0; lastLoud = -Infinity;
      process([[samples]]) {
        // Blocks are made in bursts; the mean of a second tells when each is really due.
        const dueMs = Date.now() - currentFrame / 48;
        this.blocks += 1;
        this.offsetMs += (dueMs - this.offsetMs) * Math.max(1 / this.blocks, 0.003);
        if (samples) for (let i = 0; i < samples.length; i += 1) {
          if (Math.abs(samples[i]) < THRESHOLD) continue;
          const frame = currentFrame + i;
          if (frame - this.lastLoud > QUIET_SAMPLES) this.port.postMessage(this.offsetMs + frame / 48);
          this.lastLoud = frame;
        }
        return true;
      }
    });`;
  const now = (): number => performance.timeOrigin + performance.now();
  let audio: AudioContext;
  let tone: MediaStreamAudioDestinationNode;

  /** Calls back at the beginning of each sound of the track. */
  const listen = (track: MediaStreamTrack, onset: (atMs: number) => void): (() => void) => {
    const stream = new MediaStream([track]);
    // Chromium gives Web Audio a remote track's sound only while an element plays it too.
    const element = new Audio();
    element.muted = true;
    element.srcObject = stream;
    void element.play();
    const source = audio.createMediaStreamSource(stream);
    const ear = new AudioWorkletNode(audio, 'ear');
    ear.port.onmessage = ({ data }) => onset(data as number);
    source.connect(ear).connect(audio.destination);
    return () => {
      source.disconnect();
      ear.disconnect();
      ear.port.close();
      element.srcObject = null;
    };
  };

  const connect = (): Promise<Signaling> =>
    new Promise((resolve, reject) => {
      const url = new URL('/ws', location.href);
      url.protocol = 'ws:';
      const socket = new WebSocket(url);
      const pending = new Map<number, (message: Record<string, unknown>) => void>();
      let requests = 0;
      const signaling: Signaling = {
        request: (type, args) =>
          new Promise((done, refused) => {
            const id = ++requests;
            pending.set(id, (message) => {
              if (message['type'] === 'result') done(message['result'] as Record<string, string>);
              else refused(new Error(String(message['message'])));
            });
            socket.send(JSON.stringify({ id, type, args }));
          }),
        close: () => socket.close(),
      };
      socket.onerror = () => reject(new Error('the WebSocket failed'));
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data as string) as Record<string, unknown>;
        if (message['type'] === 'hello') resolve(signaling);
        else pending.get(message['id'] as number)?.(message);
      };
    });

  const join = async (): Promise<Join> => {
    const startedAtMs = now();
    const signaling = await connect();
    const requestedAtMs = now();
    const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
    const { receiver } = peer.addTransceiver('audio', { direction: 'recvonly' });
    let connectedAtMs = Number.NaN;
    peer.onconnectionstatechange = () => {
      if (peer.connectionState === 'connected') connectedAtMs = now();
    };
    let close = (): void => undefined;
    const heard = new Promise<number>((resolve, reject) => {
      close = listen(receiver.track, resolve);
      setTimeout(() => reject(new Error('nothing was heard within 5 s')), 5000);
    });
    await peer.setLocalDescription(await peer.createOffer());
    const [{ answer }] = await Promise.all([
      signaling.request('connectReceiver', { offer: peer.localDescription?.sdp }),
      signaling.request('listen', { to: 'latest' }),
    ]);
    const answeredAtMs = now();
    await peer.setRemoteDescription({ type: 'answer', sdp: answer ?? '' });
    const heardAtMs = await heard;
    close();
    peer.close();
    signaling.close();
    return {
      fromSocketMs: heardAtMs - startedAtMs,
      fromRequestMs: heardAtMs - requestedAtMs,
      answeredMs: answeredAtMs - requestedAtMs,
      connectedMs: connectedAtMs - requestedAtMs,
    };
  };

  const joinDirectly = async (): Promise<DirectJoin> => {
    const requestedAtMs = now();
    const [peer, speaker] = [new RTCPeerConnection({ iceServers: [] }), new RTCPeerConnection({ iceServers: [] })];
    peer.onicecandidate = ({ candidate }) => void speaker.addIceCandidate(candidate ?? undefined);
    speaker.onicecandidate = ({ candidate }) => void peer.addIceCandidate(candidate ?? undefined);
    const { receiver } = peer.addTransceiver('audio', { direction: 'recvonly' });
    let connectedAtMs = Number.NaN;
    peer.onconnectionstatechange = () => {
      if (peer.connectionState === 'connected') connectedAtMs = now();
    };
    let close = (): void => undefined;
    const heard = new Promise<number>((resolve, reject) => {
      close = listen(receiver.track, resolve);
      setTimeout(() => reject(new Error('nothing was heard within 5 s')), 5000);
    });
    const offer = await peer.createOffer();
    await Promise.all([peer.setLocalDescription(offer), speaker.setRemoteDescription(offer)]);
    const [transceiver] = speaker.getTransceivers();
    transceiver!.direction = 'sendonly';
    await transceiver!.sender.replaceTrack(tone.stream.getAudioTracks()[0]!);
    const answer = await speaker.createAnswer();
    await Promise.all([speaker.setLocalDescription(answer), peer.setRemoteDescription(answer)]);
    const heardAtMs = await heard;
    close();
    peer.close();
    speaker.close();
    return { fromRequestMs: heardAtMs - requestedAtMs, connectedMs: connectedAtMs - requestedAtMs };
  };

  window.bench = {
    prepare: async () => {
      audio = new AudioContext({ sampleRate: 48_000, latencyHint: 'interactive' });
      await audio.audioWorklet.addModule(URL.createObjectURL(new Blob([worklet], { type: 'text/javascript' })));
      await audio.resume();
      tone = audio.createMediaStreamDestination();
      const oscillator = audio.createOscillator();
      oscillator.frequency.value = 1000;
      oscillator.connect(tone);
      oscillator.start();
    },
    ear: (track) => {
      const onsetsAtMs: number[] = [];
      return { onsetsAtMs, close: listen(track, (atMs) => onsetsAtMs.push(atMs)) };
    },
    join,
    joinDirectly,
    microphone: async () => {
      const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      const stream = await navigator.mediaDevices.getUserMedia({ audio: plain });
      return stream.getAudioTracks()[0]!;
    },
    connect,
    ears: {},
    peers: {},
    sockets: {},
    tracks: {},
    lastPress: {},
  };
}
