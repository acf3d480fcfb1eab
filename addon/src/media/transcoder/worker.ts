/**
 * The transcoder's worker thread: all talks that somebody plays over HTTP. It is bundled to a file of its own; whatever
 * goes wrong here ends the thread, and the main thread starts another one.
 */
import { parentPort } from 'node:worker_threads';
import { loadLibopus } from 'libopus-wasm';
import type { FromWorker, ToWorker } from './messages.ts';
import { monotonicMs } from './monotonic.ts';
import { OpusDecoder } from './opus-decoder.ts';
import { TalkTranscoder } from './talk-transcoder.ts';
import { warmUp } from './warm-up.ts';

const TICK_MS = 20;
const STATS_MS = 1000;

const port = parentPort;
if (!port) throw new Error('This file is the transcoder worker; it is started by the add-on.');

const talks = new Map<number, TalkTranscoder>();
let ticking: NodeJS.Timeout | undefined;
let statsAtMs = 0;

function say(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

function open(talk: number): TalkTranscoder {
  const transcoder = new TalkTranscoder({
    now: monotonicMs,
    onChunk: (format, bytes) => say({ type: 'chunk', talk, format, bytes }, [bytes.buffer]),
  });
  talks.set(talk, transcoder);
  // Behind the messages that wait: a thread that was held up must not take that for a silent sender.
  ticking ??= setInterval(() => setImmediate(tick), TICK_MS);
  // A rejection is unhandled on purpose: without a decoder this thread is of no use.
  void OpusDecoder.create().then((decoder) => {
    if (talks.get(talk) === transcoder) transcoder.start(decoder);
    else decoder.close();
  });
  return transcoder;
}

function close(talk: number): void {
  const transcoder = talks.get(talk);
  if (!transcoder) return;
  say({ type: 'ended', talk, stats: transcoder.stats() });
  transcoder.close();
  talks.delete(talk);
  if (talks.size > 0) return;
  clearInterval(ticking);
  ticking = undefined;
}

function tick(): void {
  for (const transcoder of talks.values()) transcoder.tick();
  const now = performance.now();
  if (now - statsAtMs < STATS_MS) return;
  statsAtMs = now;
  for (const [talk, transcoder] of talks) say({ type: 'stats', talk, stats: transcoder.stats() });
}

// Messages wait until somebody listens to them: by then decoders are made within a microtask.
await loadLibopus();
port.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'packet':
      talks.get(message.talk)?.write(message.packet);
      break;
    case 'formats':
      if (message.formats.length === 0) close(message.talk);
      else (talks.get(message.talk) ?? open(message.talk)).setFormats(message.formats);
      break;
    case 'end':
      talks.get(message.talk)?.finish();
      close(message.talk);
      break;
  }
});
warmUp(() => talks.size > 0);
