/**
 * Metrics: /metrics as Prometheus text, or as the predecessor's JSON for who asks. Numbers are fetched when scraped, so
 * nothing here runs on the packet path; labels are the live streams that are not private, so their number is bounded.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { RequestHandler } from 'express';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Closeable } from '../closeable.ts';
import type { Relay } from '../media/relay.ts';
import type { Stream } from '../media/stream.ts';
import type { EncoderStats, StatusSources } from './ports.ts';
import type { Status } from './status.ts';

export interface MetricsOptions {
  relay: Relay;
  sources: StatusSources;
  status: Status;
}

type Labels = Record<string, string>;
type Samples = readonly (readonly [Labels, number])[];

const PREFIX = 'voice_streaming_';
const NANOSECONDS_PER_SECOND = 1e9;

export class Metrics implements Closeable {
  readonly #options: MetricsOptions;
  /** Not prom-client's global one: two servers in one process must not share numbers. */
  readonly #registry = new Registry();
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 10 });

  constructor(options: MetricsOptions) {
    this.#options = options;
    this.#loopDelay.enable();
    this.#registerProcess();
    this.#registerService();
    this.#registerStreams();
    this.#registerEncoders();
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Fields of the predecessor. */
  json(): Record<string, number | boolean> {
    const { relay, sources, status } = this.#options;
    const { whip, whep } = sources.wish.stats();
    return {
      uptime_seconds: status.uptimeSeconds,
      active_connections: sources.signaling.stats().sessions + whip + whep,
      active_streams: relay.live.length,
      total_audio_bytes: sources.audio.stats().totalBytes,
      webrtc_available: sources.peers.stats().available,
    };
  }

  handler(): RequestHandler {
    return async (request, response) => {
      response.set('Cache-Control', 'no-store').vary('Accept');
      const wantsJson = request.query['format'] === 'json' || request.get('accept')?.startsWith('application/json');
      if (wantsJson === true) response.json(this.json());
      else response.set('Content-Type', this.#registry.contentType).send(await this.text());
    };
  }

  close(): Promise<void> {
    this.#loopDelay.disable();
    this.#registry.clear();
    return Promise.resolve();
  }

  #registerProcess(): void {
    const { status } = this.#options;
    this.#gauge('uptime_seconds', 'Time since the start.', () => [[{}, status.uptimeSeconds]]);
    this.#gauge('resident_memory_bytes', 'Memory of the process.', () => [[{}, process.memoryUsage.rss()]]);
    this.#counter('cpu_seconds_total', 'CPU time of the process.', () => {
      const { user, system } = process.cpuUsage();
      return [[{}, (user + system) / 1e6]];
    });
    this.#gauge('event_loop_delay_seconds', 'Lateness of timers since the last scrape.', () => {
      const delay = this.#loopDelay;
      const seconds = (nanoseconds: number): number =>
        Number.isFinite(nanoseconds) ? nanoseconds / NANOSECONDS_PER_SECOND : 0;
      const samples: Samples = [
        [{ quantile: '0.5' }, seconds(delay.percentile(50))],
        [{ quantile: '0.99' }, seconds(delay.percentile(99))],
        [{ quantile: '1' }, seconds(delay.max)],
      ];
      delay.reset();
      return samples;
    });
  }

  #registerService(): void {
    const { relay, sources } = this.#options;
    this.#gauge('sessions', 'Connected signaling sessions.', () => [[{}, sources.signaling.stats().sessions]]);
    this.#counter('errors_total', 'Refused requests by error code.', () =>
      Object.entries(sources.signaling.stats().errors).map(([code, count]) => [{ code }, count]),
    );
    this.#gauge('peers', 'WebRTC transports by direction, seen from the client.', () => {
      const { senders, receivers } = sources.peers.stats();
      return [
        [{ direction: 'sender' }, senders],
        [{ direction: 'receiver' }, receivers],
      ];
    });
    this.#gauge('wish_sessions', 'WHIP and WHEP sessions.', () =>
      Object.entries(sources.wish.stats()).map(([protocol, count]) => [{ protocol }, count]),
    );
    this.#gauge('streams', 'Live streams, private ones included.', () => [[{}, relay.live.length]]);
    this.#counter('talks_total', 'Talks begun.', () => [[{}, relay.talksStarted]]);
  }

  #registerStreams(): void {
    const perStream = (name: string, help: string, read: (stream: Stream) => number): void =>
      this.#counter(name, help, () => this.#publicStreams().map((stream) => [{ stream: stream.id }, read(stream)]));
    perStream('stream_packets_in_total', 'Packets received in this talk.', (stream) => stream.packetsIn);
    perStream('stream_packets_out_total', 'Packets handed to sinks in this talk.', (stream) => stream.packetsOut);
    perStream('stream_bytes_in_total', 'Opus bytes received in this talk.', (stream) => stream.bytesIn);
    perStream('stream_packets_lost_total', 'Sequence numbers never seen in this talk.', (stream) => stream.packetsLost);
    perStream('stream_sink_errors_total', 'Sinks that failed in this talk.', (stream) => stream.sinkErrors);
    this.#gauge('stream_sinks', 'Receivers and decoders attached.', () =>
      this.#publicStreams().map((stream) => [{ stream: stream.id }, stream.sinkCount]),
    );
  }

  #registerEncoders(): void {
    const { audio } = this.#options.sources;
    const perEncoder = (read: (encoder: EncoderStats) => number) => (): Samples =>
      audio
        .stats()
        .encoders.filter((encoder) => this.#isPublic(encoder.streamId))
        .map((encoder) => [{ stream: encoder.streamId, format: encoder.format }, read(encoder)]);
    this.#gauge(
      'listeners',
      'HTTP listeners.',
      perEncoder((encoder) => encoder.listeners),
    );
    this.#counter(
      'concealed_packets_total',
      'Missing packets filled in for HTTP listeners.',
      perEncoder((encoder) => encoder.concealed),
    );
    this.#counter(
      'encode_seconds_total',
      'CPU time of decoding and encoding.',
      perEncoder((encoder) => encoder.encodeMs / 1000),
    );
    this.#counter('audio_bytes_total', 'Bytes written to HTTP listeners.', () => [[{}, audio.stats().totalBytes]]);
    this.#counter('dropped_listeners_total', 'HTTP listeners ended for being too slow.', () => [
      [{}, audio.stats().droppedListeners],
    ]);
  }

  #publicStreams(): Stream[] {
    return this.#options.relay.live.filter((stream) => !stream.private);
  }

  #isPublic(streamId: string): boolean {
    return this.#options.relay.get(streamId)?.private !== true;
  }

  #gauge(name: string, help: string, read: () => Samples): void {
    new Gauge({
      name: PREFIX + name,
      help,
      labelNames: LABELS,
      registers: [this.#registry],
      collect(): void {
        this.reset();
        for (const [labels, value] of read()) this.set(labels, value);
      },
    });
  }

  /** prom-client counts itself; here others have counted, so it starts from nothing at each scrape. */
  #counter(name: string, help: string, read: () => Samples): void {
    new Counter({
      name: PREFIX + name,
      help,
      labelNames: LABELS,
      registers: [this.#registry],
      collect(): void {
        this.reset();
        for (const [labels, value] of read()) this.inc(labels, value);
      },
    });
  }
}

const LABELS = ['stream', 'format', 'code', 'direction', 'protocol', 'quantile'];
