/** What a test needs of an open microphone: how loud it is now, and a few seconds of it. Nothing leaves the browser. */
export interface MicrophoneTap {
  /** Of the last 40 ms or so. */
  readDbfs(): number;
  /** Rejects where the browser cannot record. */
  record(ms: number): Promise<Blob>;
  close(): void;
}

const SAMPLES = 2_048;
const SILENCE_DBFS = -127;

/** Call it inside a gesture, or Web Audio stands still. */
export function tapMicrophone(track: MediaStreamTrack): MicrophoneTap {
  const stream = new MediaStream([track]);
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = SAMPLES;
  context.createMediaStreamSource(stream).connect(analyser);
  context.resume().catch(() => undefined);
  const samples = new Float32Array(SAMPLES);
  return {
    readDbfs: () => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / SAMPLES;
      return power === 0 ? SILENCE_DBFS : 10 * Math.log10(power);
    },
    record: (ms) => recordFor(stream, ms),
    close: () => void context.close().catch(() => undefined),
  };
}

function recordFor(stream: MediaStream, ms: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const recorder = new MediaRecorder(stream);
    const parts: Blob[] = [];
    recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
    recorder.addEventListener('stop', () => resolve(new Blob(parts, { type: recorder.mimeType })));
    recorder.addEventListener('error', () => reject(new Error('The browser does not record.')));
    recorder.start();
    setTimeout(() => {
      if (recorder.state !== 'inactive') recorder.stop();
    }, ms);
  });
}
