/** Talk: what one session says. It holds at most one running stream, in the relay or, for an echo, outside of it. */
import { RequestError } from '@voice-streaming/shared/errors';
import type { TalkEndReason } from '@voice-streaming/shared/protocol';
import type { Closeable } from '../closeable.ts';
import type { AudioPacket } from '../media/audio-packet.ts';
import type { StreamListener } from '../media/ports.ts';
import { RelayFullError, StreamBusyError, type Relay } from '../media/relay.ts';
import { Stream } from '../media/stream.ts';
import type { Device } from './device-registry.ts';

export interface TalkOptions {
  relay: Relay;
  /** Streams begun by sessions: those of one device key may be taken over by it. Shared by all sessions. */
  sessionStreams: WeakSet<Stream>;
  maxEchoMs: number;
  /** 0: no limit. */
  maxTalkMs: number;
  /** Puts an echo on this session's own receiver, or takes it off. */
  setEcho: (stream: Stream | undefined) => void;
  onAir: (talkId: string) => void;
  /** Over, and not by `stop()`. */
  onEnded: (talkId: string, reason: TalkEndReason) => void;
}

export interface TalkKind {
  private: boolean;
  echo: boolean;
  monitor: boolean;
  /** The name of the person, null when the door told none. */
  user: string | null;
}

export class Talk implements Closeable, StreamListener {
  readonly #options: TalkOptions;
  readonly #unsubscribe: () => void;
  #stream: Stream | undefined;
  #isEcho = false;
  #echoTimer: NodeJS.Timeout | undefined;

  constructor(options: TalkOptions) {
    this.#options = options;
    this.#unsubscribe = options.relay.subscribe(this);
  }

  get isEcho(): boolean {
    return this.#stream !== undefined && this.#isEcho;
  }

  /** Begins; a running talk of this session, or of this device in another one, is taken over. Throws RequestError. */
  start(device: Device, kind: TalkKind): Stream {
    const stream = kind.echo ? this.#startEcho(device) : this.#startLive(device, kind);
    this.#stream = stream;
    this.#isEcho = kind.echo;
    return stream;
  }

  /** `onAir` may be said from now on: the client knows its talkId. */
  announceOnAir(stream: Stream): void {
    if (this.#stream !== stream) return;
    if (stream.packetsIn > 0) this.#options.onAir(stream.talkId);
    else stream.onFirstPacket = () => this.#options.onAir(stream.talkId);
  }

  /** False when no talk is running: the packet goes nowhere. */
  write(packet: AudioPacket): boolean {
    if (!this.#stream) return false;
    this.#stream.write(packet);
    return true;
  }

  stop(): void {
    if (!this.#stream) throw new RequestError('not_talking', 'No talk of yours is running.');
    this.end('stopped');
  }

  /** Ends the running talk, if any. */
  end(reason: TalkEndReason): void {
    const stream = this.#stream;
    if (!stream) return;
    if (!this.#isEcho) {
      this.#options.relay.end(stream, reason);
      return;
    }
    stream.end();
    this.#options.setEcho(undefined);
    this.#ended(stream, reason);
  }

  streamStarted(): void {
    // Only the end of the own stream matters here.
  }

  streamEnded(stream: Stream, reason: TalkEndReason): void {
    if (stream === this.#stream) this.#ended(stream, reason);
  }

  close(): Promise<void> {
    this.end('disconnected');
    this.#unsubscribe();
    return Promise.resolve();
  }

  #startLive(device: Device, kind: TalkKind): Stream {
    const { relay, sessionStreams, maxTalkMs } = this.#options;
    const running = relay.get(device.id);
    if (running && !sessionStreams.has(running)) {
      throw new RequestError('stream_busy', `Another client speaks as "${device.id}" just now.`);
    }
    this.end('takenOver');
    if (running) relay.end(running, 'takenOver');
    try {
      const { private: isPrivate, monitor, user } = kind;
      const limit = monitor ? {} : { maxTalkMs };
      const stream = relay.start({ id: device.id, name: device.name, private: isPrivate, monitor, user, ...limit });
      sessionStreams.add(stream);
      return stream;
    } catch (error) {
      if (error instanceof RelayFullError) {
        throw new RequestError('server_full', error.message, { cause: error, limit: 'streams' });
      }
      if (error instanceof StreamBusyError) throw new RequestError('stream_busy', error.message, { cause: error });
      throw error;
    }
  }

  #startEcho(device: Device): Stream {
    const stream = new Stream({ id: device.id, name: device.name, private: true });
    this.end('takenOver');
    this.#options.setEcho(stream);
    this.#echoTimer = setTimeout(() => this.end('echoOver'), this.#options.maxEchoMs);
    return stream;
  }

  #ended(stream: Stream, reason: TalkEndReason): void {
    this.#stream = undefined;
    clearTimeout(this.#echoTimer);
    if (reason !== 'stopped') this.#options.onEnded(stream.talkId, reason);
  }
}
