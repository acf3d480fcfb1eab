/**
 * The self-test: chirps go to the server and come back on the first slot, heard by this client alone and muted; both
 * ways are recorded on one clock. No microphone and no loudspeaker take part. Whatever is more important ends it.
 */
import type { Direction } from '@voice-streaming/shared/protocol';
import { CHIRP_PERIOD_MS, findDelayMs, makeChirp, type EchoFailure } from './chirp.ts';
import type { PageTools } from '../page-tools.ts';
import { Emitter } from '../emitter.ts';
import { recordChirps } from './echo-recording.ts';
import type { Session } from '../session.ts';
import type { Trouble } from '../trouble.ts';

export type EchoReason =
  | EchoFailure
  /** One's own talk is running. */
  | 'talking'
  /** Somebody is heard, and would be silent meanwhile. */
  | 'listening'
  /** The server is away. */
  | 'away'
  /** The browser runs no sound: no device, or no leave. */
  | 'noAudio'
  /** Something more important came in between. */
  | 'interrupted';

export type EchoState =
  | { state: 'idle' }
  | { state: 'running' }
  | { state: 'measured'; ms: number; at: number }
  | { state: 'failed'; reason: EchoReason | Trouble; at: number };

type EchoSession = Pick<Session, 'client' | 'sender' | 'receiver' | 'transports' | 'streamId'>;

export interface EchoTestOptions {
  session: EchoSession;
  tools: Pick<PageTools, 'createTransport' | 'troubleOf'>;
  createContext?: () => AudioContext;
  record?: typeof recordChirps;
}

const CHIRPS = 5;
/** All of it; the server ends an echo after ten seconds. */
const LIMIT_MS = 9_500;
const CONTEXT_LIMIT_MS = 2_000;

/** This run was given up for something else: nobody is to be told. */
class GivenUpError extends Error {}

class EchoError extends Error {
  readonly reason: EchoReason;

  constructor(reason: EchoReason) {
    super(reason);
    this.reason = reason;
  }
}

export class EchoTest {
  readonly changed = new Emitter();
  readonly #options: EchoTestOptions;
  #state: EchoState = { state: 'idle' };
  /** Counts runs: what an older one still does is given up. */
  #call = 0;
  /** What was begun and must be ended, in the opposite order. */
  #undo: (() => void)[] = [];
  #onAir: (() => void) | null = null;

  constructor(options: EchoTestOptions) {
    this.#options = options;
  }

  get state(): EchoState {
    return this.#state;
  }

  /** Call it inside a gesture. */
  start(): void {
    if (this.#state.state === 'running') return;
    const { client, sender, receiver, streamId } = this.#options.session;
    if (client.connection.state !== 'ready' || streamId === null) this.#end('away');
    else if (sender.state !== 'idle') this.#end('talking');
    else if (receiver.heard.length > 0) this.#end('listening');
    else void this.#run(++this.#call);
  }

  /** The page is closed; nothing is left behind when this returns. */
  close(): void {
    if (this.#state.state === 'running') this.#end('interrupted');
  }

  async #run(call: number): Promise<void> {
    const still = <T>(value: T): T => {
      if (call !== this.#call) throw new GivenUpError();
      return value;
    };
    this.#set({ state: 'running' });
    try {
      const context = (this.#options.createContext ?? (() => new AudioContext()))();
      this.#undo.push(() => void context.close().catch(() => undefined));
      this.#watch();
      const [from, to] = await Promise.all([this.#open('sender'), this.#open('receiver'), running(context)]).then(
        still,
      );
      const [rtpSender, track] = [from.getSenders()[0], to.getTransceivers()[0]?.receiver.track];
      if (!rtpSender || !track) throw new EchoError('silent');
      const destination = context.createMediaStreamDestination();
      // Chromium sends nothing of a track that nothing flows into, and the server would not say `onAir`.
      const silence = new ConstantSourceNode(context, { offset: 0 });
      silence.connect(destination);
      silence.start();
      await this.#talk(rtpSender, destination.stream.getAudioTracks()[0] ?? null).then(still);
      const chirps = { chirp: makeChirp(context.sampleRate), count: CHIRPS, periodMs: CHIRP_PERIOD_MS };
      const recording = (this.#options.record ?? recordChirps)(context, { destination, track, ...chirps });
      this.#undo.push(() => recording.stop());
      const { sent, back } = await recording.done.then(still);
      const found = findDelayMs(sent, back, context.sampleRate);
      this.#end(typeof found === 'number' ? { state: 'measured', ms: found, at: Date.now() } : found);
    } catch (error) {
      if (call !== this.#call) return;
      // A transport that nobody wants any more.
      if (error instanceof Error && error.name === 'SupersededError') this.#end('interrupted');
      else this.#end(error instanceof EchoError ? error.reason : this.#options.tools.troubleOf(error));
    }
  }

  /** A running transport, or one of our own where the card needs none: sound off, or a card that only speaks. */
  #open(direction: Direction): Promise<RTCPeerConnection> {
    const { client, transports } = this.#options.session;
    if (transports[direction].isWanted) return transports[direction].whenOpen();
    const own = this.#options.tools.createTransport({
      direction,
      signaling: client,
      prepare: (peer) =>
        void peer.addTransceiver('audio', { direction: direction === 'sender' ? 'sendonly' : 'recvonly' }),
    });
    this.#undo.push(() => own.close());
    own.setWanted(true);
    own.setOnline(true);
    return own.whenOpen();
  }

  /** Resolves once the server gives the chirps' track back. */
  async #talk(rtpSender: RTCRtpSender, track: MediaStreamTrack | null): Promise<void> {
    const { client } = this.#options.session;
    const onAir = new Promise<void>((resolve) => (this.#onAir = resolve));
    // Sent at once, and so before the startTalk of a press that came in between.
    this.#undo.push(() => {
      client.request('stopTalk', {}).catch(() => undefined);
      rtpSender.replaceTrack(null).catch(() => undefined);
      track?.stop();
    });
    await Promise.all([client.request('startTalk', { echo: true }), rtpSender.replaceTrack(track), onAir]);
  }

  #watch(): void {
    const { client, sender, receiver, transports } = this.#options.session;
    const interrupted = (): void => this.#end('interrupted');
    const limit = setTimeout(() => this.#end('noAudio'), LIMIT_MS);
    const mute = (): void => receiver.setMuted(true);
    mute();
    this.#undo.push(
      () => receiver.setMuted(sender.mutes),
      () => clearTimeout(limit),
      sender.changed.subscribe(() => (sender.state === 'idle' ? mute() : interrupted())),
      receiver.changed.subscribe(() => {
        if (receiver.heard.length > 0) interrupted();
      }),
      client.changed.subscribe(interrupted),
      transports.sender.lost.subscribe(interrupted),
      transports.receiver.lost.subscribe(interrupted),
      client.events.subscribe(({ type }) => {
        if (type === 'onAir') this.#onAir?.();
        if (type === 'talkEnded') interrupted();
      }),
    );
  }

  #end(result: EchoReason | Trouble | EchoState): void {
    this.#call += 1;
    this.#onAir = null;
    for (const undo of this.#undo.splice(0).reverse()) undo();
    const done = typeof result === 'object' && 'state' in result;
    this.#set(done ? result : { state: 'failed', reason: result, at: Date.now() });
  }

  #set(state: EchoState): void {
    this.#state = state;
    this.changed.emit();
  }
}

async function running(context: AudioContext): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CONTEXT_LIMIT_MS)));
  await Promise.race([context.resume(), late]).finally(() => clearTimeout(timer));
  if (context.state !== 'running') throw new EchoError('noAudio');
}
