/** Plays chirps into a track and records them beside what comes back: two channels of one recorder, so one clock. */

export interface ChirpPlan {
  destination: MediaStreamAudioDestinationNode;
  /** What comes back. */
  track: MediaStreamTrack;
  chirp: Float32Array<ArrayBuffer>;
  count: number;
  periodMs: number;
}

export interface EchoRecording {
  done: Promise<{ sent: Float32Array; back: Float32Array }>;
  stop: () => void;
}

/** The jitter buffer finds its size meanwhile. */
const SETTLE_MS = 500;
const BLOCK_SAMPLES = 4096;

export function recordChirps(context: AudioContext, plan: ChirpPlan): EchoRecording {
  const { destination, track, chirp, count, periodMs } = plan;
  const stream = new MediaStream([track]);
  // Chromium: a remote stream is silent in Web Audio until an element has it; a muted one is enough.
  const element = new Audio();
  element.muted = true;
  element.srcObject = stream;
  element.play().catch(() => undefined);

  const buffer = context.createBuffer(1, chirp.length, context.sampleRate);
  buffer.copyToChannel(chirp, 0);
  const both = context.createChannelMerger(2);
  const source = context.createMediaStreamSource(stream);
  source.connect(both, 0, 1);
  const startAt = context.currentTime + SETTLE_MS / 1000;
  for (let i = 0; i < count; i += 1) {
    const player = context.createBufferSource();
    player.buffer = buffer;
    player.connect(destination);
    player.connect(both, 0, 0);
    player.start(startAt + (i * periodMs) / 1000);
  }

  // Deprecated, but an AudioWorklet wants a secure page and a script of its own.
  /* eslint-disable @typescript-eslint/no-deprecated */
  const recorder = context.createScriptProcessor(BLOCK_SAMPLES, 2, 1);
  const total = Math.ceil(((SETTLE_MS + count * periodMs + 100) / 1000) * context.sampleRate);
  const [sent, back] = [new Float32Array(total), new Float32Array(total)];
  let at = 0;
  const done = new Promise<{ sent: Float32Array; back: Float32Array }>((resolve) => {
    recorder.onaudioprocess = ({ inputBuffer }) => {
      const room = Math.min(inputBuffer.length, total - at);
      sent.set(inputBuffer.getChannelData(0).subarray(0, room), at);
      back.set(inputBuffer.getChannelData(1).subarray(0, room), at);
      at += room;
      if (at === total) resolve({ sent, back });
    };
  });
  both.connect(recorder);
  // It runs only towards an end; what it puts out is silence.
  recorder.connect(context.destination);
  return {
    done,
    stop: () => {
      recorder.onaudioprocess = null;
      recorder.disconnect();
      source.disconnect();
      element.pause();
      element.srcObject = null;
    },
  };
  /* eslint-enable @typescript-eslint/no-deprecated */
}
