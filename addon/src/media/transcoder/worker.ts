/**
 * The transcoder's worker thread: all talks that somebody plays over HTTP. It is bundled to a file of its own; whatever
 * goes wrong here ends the thread, and the main thread starts another one.
 */
import { parentPort } from 'node:worker_threads';
import { loadLibopus } from 'libopus-wasm';
import { EncodedSound } from './encoded-sound.ts';
import type { AudioFormat } from './formats.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { monotonicMs } from './monotonic.ts';
import { OpusDecoder } from './opus-decoder.ts';
import { ReplayedTalk } from './replayed-talk.ts';
import { Slices } from './slices.ts';
import { TalkTranscoder } from './talk-transcoder.ts';
import { warmUp } from './warm-up.ts';

const TICK_MS = 20;
const STATS_MS = 1000;

const port = parentPort;
if (!port) throw new Error('This file is the transcoder worker; it is started by the add-on.');

const talks = new Map<number, TalkTranscoder>();
/** Recorded talks and sounds. */
const slices = new Slices<ReplayedTalk | EncodedSound>();
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
  startTicking();
  giveDecoder(transcoder, () => talks.get(talk) === transcoder);
  return transcoder;
}

function replay(talk: number, format: AudioFormat): void {
  const replayed = new ReplayedTalk({
    format,
    now: monotonicMs,
    onChunk: (bytes) => say({ type: 'chunk', talk, format, bytes }, [bytes.buffer]),
    onEnded: () => close(talk),
  });
  slices.add(talk, replayed);
  startTicking();
  giveDecoder(
    replayed,
    () => slices.get(talk) === replayed,
    () => slices.wants(talk),
  );
}

function encode(talk: number, format: AudioFormat, pcm: Int16Array): void {
  const onChunk = (bytes: Uint8Array<ArrayBuffer>): void => say({ type: 'chunk', talk, format, bytes }, [bytes.buffer]);
  slices.add(talk, new EncodedSound({ format, pcm, onChunk, onEnded: () => close(talk) }));
}

function giveDecoder(to: { start(decoder: OpusDecoder): void }, isWanted: () => boolean, then?: () => void): void {
  // A rejection is unhandled on purpose: without a decoder this thread is of no use.
  void OpusDecoder.create().then((decoder) => {
    if (!isWanted()) {
      decoder.close();
      return;
    }
    to.start(decoder);
    then?.();
  });
}

/** Behind the messages that wait: a thread that was held up must not take that for a silent sender. */
function startTicking(): void {
  ticking ??= setInterval(() => setImmediate(tick), TICK_MS);
}

function close(talk: number): void {
  const open = talks.get(talk) ?? slices.get(talk);
  if (!open) return;
  say({ type: 'ended', talk, stats: open.stats() });
  slices.delete(talk);
  if (talks.delete(talk)) open.close();
  if (talks.size + slices.size > 0) return;
  clearInterval(ticking);
  ticking = undefined;
}

function tick(): void {
  for (const transcoder of talks.values()) transcoder.tick();
  for (const [talk] of slices.entries()) slices.wants(talk);
  const now = performance.now();
  if (now - statsAtMs < STATS_MS) return;
  statsAtMs = now;
  for (const [talk, open] of [...talks, ...slices.entries()]) say({ type: 'stats', talk, stats: open.stats() });
}

function replayedOf(talk: number): ReplayedTalk | undefined {
  const job = slices.get(talk);
  return job instanceof ReplayedTalk ? job : undefined;
}

function end(talk: number): void {
  const replayed = replayedOf(talk);
  if (replayed) {
    replayed.end();
    slices.wants(talk);
    return;
  }
  talks.get(talk)?.finish();
  close(talk);
}

// Messages wait until somebody listens to them: by then decoders are made within a microtask.
await loadLibopus();
port.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'packets':
      for (const packet of message.packets) talks.get(message.talk)?.write(packet);
      break;
    case 'formats':
      if (message.formats.length === 0) close(message.talk);
      else (talks.get(message.talk) ?? open(message.talk)).setFormats(message.formats);
      break;
    case 'replay':
      replay(message.talk, message.format);
      break;
    case 'packed':
      replayedOf(message.talk)?.add(message.bytes);
      slices.wants(message.talk);
      break;
    case 'encode':
      encode(message.talk, message.format, message.pcm);
      break;
    case 'end':
      end(message.talk);
      break;
  }
});
warmUp(() => talks.size + slices.size > 0);
