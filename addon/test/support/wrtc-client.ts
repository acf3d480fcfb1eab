/** An independent WebRTC stack, libwebrtc in Node, as a client of WHIP and WHEP: nothing of ours is in it. */
import wrtc from '@roamhq/wrtc';
import { concat, SAMPLE_RATE_HZ, toInt16 } from './pcm.ts';

const FRAME_MS = 10;
const FRAME_SAMPLES = (SAMPLE_RATE_HZ * FRAME_MS) / 1000;

/** One WHIP or WHEP session. */
export interface WrtcClient {
  /** What the server called the session: where DELETE goes to. */
  location: URL;
  connection: RTCPeerConnection;
  close(): void;
}

export interface WrtcOptions {
  token?: string;
  /** The one candidate of the answer that is not thrown away: the way the connection has to take. */
  onlyTo?: string;
}

/** Offers what `prepare` put on the connection; throws with the server's words when it is refused. */
async function connect(
  url: string,
  { token, onlyTo }: WrtcOptions,
  prepare: (connection: RTCPeerConnection) => void,
): Promise<WrtcClient> {
  const connection = new wrtc.RTCPeerConnection();
  try {
    prepare(connection);
    await connection.setLocalDescription(await connection.createOffer());
    const body = connection.localDescription?.sdp ?? '';
    const headers = {
      'content-type': 'application/sdp',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const response = await fetch(url, { method: 'POST', headers, body });
    const answer = await response.text();
    if (response.status !== 201) throw new Error(`${url} said ${response.status}: ${answer}`);
    const sdp = onlyTo === undefined ? answer : withoutOtherCandidates(answer, onlyTo);
    await connection.setRemoteDescription({ type: 'answer', sdp });
    const location = new URL(response.headers.get('location') ?? '', url);
    return { location, connection, close: () => connection.close() };
  } catch (error) {
    connection.close();
    throw error;
  }
}

function withoutOtherCandidates(sdp: string, address: string): string {
  const lines = sdp.split('\r\n');
  const isCandidate = (line: string): boolean => line.startsWith('a=candidate:');
  const isOther = (line: string): boolean => isCandidate(line) && line.split(' ')[4] !== address;
  const left = lines.filter((line) => !isOther(line));
  if (!left.some(isCandidate)) throw new Error(`The answer has no candidate ${address}:\n${sdp}`);
  return left.join('\r\n');
}

export interface WrtcSpeaker extends WrtcClient {
  /** Says all of it in real time, from its start; silence before and after. */
  say(pcm: Float32Array): void;
}

/** Speaks over WHIP. */
export async function connectSpeaker(url: string, options: WrtcOptions = {}): Promise<WrtcSpeaker> {
  const source = new wrtc.nonstandard.RTCAudioSource();
  const track = source.createTrack();
  const client = await connect(url, options, (connection) => {
    connection.addTransceiver(track, { direction: 'sendonly' });
  });
  let samples = new Int16Array(0);
  let at = 0;
  let sentFrames = 0;
  const startedAt = performance.now();
  // Late timers are made up for, so that the voice keeps real time.
  const timer = setInterval(() => {
    for (; sentFrames * FRAME_MS < performance.now() - startedAt; sentFrames++, at += FRAME_SAMPLES) {
      const frame = new Int16Array(FRAME_SAMPLES);
      frame.set(samples.subarray(at, at + FRAME_SAMPLES));
      source.onData({ samples: frame, sampleRate: SAMPLE_RATE_HZ });
    }
  }, FRAME_MS);
  return {
    ...client,
    say: (pcm) => {
      samples = toInt16(pcm);
      at = 0;
    },
    close: () => {
      clearInterval(timer);
      track.stop();
      client.close();
    },
  };
}

export interface WrtcListener extends WrtcClient {
  /** Resolves with all that came, silence and all, once there is so much of it. */
  hear(durationMs: number): Promise<Float32Array>;
}

/** Hears over WHEP. */
export async function connectListener(url: string, options: WrtcOptions = {}): Promise<WrtcListener> {
  let sink: InstanceType<typeof wrtc.nonstandard.RTCAudioSink> | undefined;
  const parts: Float32Array[] = [];
  let wanted: { samples: number; resolve: (pcm: Float32Array) => void } | undefined;
  const client = await connect(url, options, (connection) => {
    const { receiver } = connection.addTransceiver('audio', { direction: 'recvonly' });
    sink = new wrtc.nonstandard.RTCAudioSink(receiver.track);
    sink.ondata = ((data: { samples: Int16Array; sampleRate: number; channelCount?: number }) => {
      parts.push(toMono(data.samples, data.sampleRate, data.channelCount ?? 1));
      const heard = parts.reduce((sum, part) => sum + part.length, 0);
      if (wanted && heard >= wanted.samples) wanted.resolve(concat(parts.splice(0)));
    }) as never;
  });
  return {
    ...client,
    hear: (durationMs) => {
      parts.length = 0;
      return new Promise((resolve) => (wanted = { samples: (durationMs / 1000) * SAMPLE_RATE_HZ, resolve }));
    },
    close: () => {
      sink?.stop();
      client.close();
    },
  };
}

/** First channel, at 48 kHz; libwebrtc gives 48 kHz but for its very first frames, which are silence. */
function toMono(samples: Int16Array, sampleRate: number, channelCount: number): Float32Array {
  const frames = samples.length / channelCount;
  const length = Math.round((frames * SAMPLE_RATE_HZ) / sampleRate);
  return Float32Array.from(
    { length },
    (_, i) => (samples[Math.floor((i * frames) / length) * channelCount] ?? 0) / 32_768,
  );
}
