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
import type { TalkStats } from '../media/transcoder/messages.ts';
import type { StatusSources } from './ports.ts';
import type { Status } from './status.ts';

export interface MetricsOptions {
  relay: Relay;
  sources: StatusSources;
  status: Status;
}

type Labels = Record<string, string>;
type Samples = readonly (readonly [Labels, number])[];

const PREFIX = 'voice_streaming_';
const LOOP_RESOLUTION_MS = 10;

export class Metrics implements Closeable {
  readonly #options: MetricsOptions;
  /** Not prom-client's global one: two servers in one process must not share numbers. */
  readonly #registry = new Registry();
  readonly #loopDelay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });

  constructor(options: MetricsOptions) {
    this.#options = options;
    this.#loopDelay.enable();
    this.#registerProcess();
    this.#registerService();
    this.#registerStreams();
    this.#registerTranscoder();
    this.#registerAnnouncements();
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** One of them, by its name without the prefix. */
  metric(name: string): Promise<string> {
    return this.#registry.getSingleMetricAsString(PREFIX + name);
  }

  /** Fields of the predecessor. */
  json(): Record<string, number | boolean> {
    const { relay, sources, status } = this.#options;
    const { whip, whep } = sources.wish.stats();
    return {
      uptime_seconds: status.uptimeSeconds,
      active_connections: sources.signaling.stats().clients + whip + whep,
      active_streams: relay.live.length,
      total_audio_bytes: sources.listeners.totalBytes,
      webrtc_available: sources.webrtcAvailable(),
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
      // Node records the whole time between two timers, the intended one included; nothing yet is NaN.
      const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - LOOP_RESOLUTION_MS / 1000) || 0;
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
    this.#gauge('clients', 'Signaling connections.', () => [[{}, sources.signaling.stats().clients]]);
    this.#counter('messages_total', 'Signaling messages received.', () => [[{}, sources.signaling.stats().messagesIn]]);
    this.#counter('errors_total', 'Refused signaling requests by error code.', () =>
      Object.entries(sources.signaling.stats().errors).map(([code, count]) => [{ code }, count ?? 0]),
    );
    this.#counter('byes_total', 'Signaling connections ended by the server, by reason.', () =>
      Object.entries(sources.signaling.stats().byes ?? {}).map(([reason, count]) => [{ reason }, count ?? 0]),
    );
    this.#counter('idle_packets_total', 'Packets of senders that were not talking.', () => [
      [{}, sources.signaling.stats().packetsDropped],
    ]);
    this.#gauge('peers', 'WebRTC transports by direction, seen from the client.', () => {
      const { senderPeers, receiverPeers } = sources.signaling.stats();
      const { whip, whep } = sources.wish.stats();
      return [
        [{ direction: 'sender' }, senderPeers + whip],
        [{ direction: 'receiver' }, receiverPeers + whep],
      ];
    });
    const { peers } = sources;
    if (peers) {
      this.#counter('refused_offers_total', 'Offers refused.', () => [[{}, peers.counts().refusedOffers]]);
      this.#counter('refused_datagrams_total', 'UDP traffic that no client takes, by kind.', () => {
        const counts = peers.counts();
        return [
          [{ kind: 'unauthenticated_check' }, counts.unauthenticatedChecks],
          [{ kind: 'stranger' }, counts.strangers],
          [{ kind: 'plaintext_alert' }, counts.plaintextAlerts],
          [{ kind: 'malformed' }, counts.malformed],
          [{ kind: 'oversized' }, counts.oversized],
          [{ kind: 'unproven_keys' }, counts.unprovenKeys],
          [{ kind: 'forged_media' }, counts.forgedMedia],
          [{ kind: 'replayed_media' }, counts.replayedMedia],
          [{ kind: 'malformed_rtcp' }, counts.malformedRtcp],
        ];
      });
    }
    const { breaches } = sources;
    if (breaches) {
      this.#counter('limit_breaches_total', 'How often each limit was reached.', () =>
        Object.entries(breaches.counts()).map(([limit, count]) => [{ limit }, count]),
      );
    }
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
    perStream('stream_packets_stale_total', 'Came too late to be heard live.', (stream) => stream.packetsStale);
    perStream('stream_sink_errors_total', 'Sinks that failed in this talk.', (stream) => stream.sinkErrors);
    this.#gauge('stream_sinks', 'Receivers and decoders attached.', () =>
      this.#publicStreams().map((stream) => [{ stream: stream.id }, stream.sinkCount]),
    );
  }

  #registerTranscoder(): void {
    const { transcoder, listeners, talks } = this.#options.sources;
    const perTalk = (name: string, help: string, read: (talk: TalkStats) => number): void =>
      this.#counter(`transcode_${name}`, help, () =>
        Object.entries(transcoder.stats().streams)
          .filter(([id]) => this.#isPublic(id))
          .map(([stream, talk]) => [{ stream }, read(talk)]),
      );
    perTalk('concealed_frames_total', 'Frames guessed or recovered for HTTP.', (talk) => talk.concealedFrames);
    perTalk('lost_packets_total', 'Packets that came too late for HTTP, or never.', (talk) => talk.lostPackets);
    perTalk('silence_seconds_total', 'Silence put in for a sender that sent nothing.', (talk) => talk.silenceMs / 1000);
    perTalk('dropped_seconds_total', 'Sound dropped as too far ahead of real time.', (talk) => talk.droppedMs / 1000);
    perTalk('decode_seconds_total', 'CPU time of decoding.', (talk) => talk.decodeMs / 1000);
    perTalk('mp3_encode_seconds_total', 'CPU time of encoding MP3.', (talk) => talk.mp3EncodeMs / 1000);
    perTalk('wav_encode_seconds_total', 'CPU time of encoding WAV.', (talk) => talk.wavEncodeMs / 1000);
    this.#gauge('stream_listeners', 'HTTP listeners by stream and format, those of `latest` included.', () =>
      transcoder
        .stats()
        .encoders.filter(({ streamId }) => this.#isPublic(streamId))
        .map(({ streamId, format, listeners }) => [{ stream: streamId, format }, listeners]),
    );
    this.#gauge('listeners', 'HTTP listeners.', () => [[{}, transcoder.stats().listeners]]);
    this.#gauge('programme_listeners', 'HTTP listeners that hear a talk from its first word.', () => [
      [{}, transcoder.stats().programmeListeners],
    ]);
    this.#gauge('encoded_bytes', 'Encoded talks kept for listeners.', () => [[{}, transcoder.stats().encodedBytes]]);
    if (talks) {
      this.#gauge('kept_talks', 'Talks that can be heard from their first word.', () => [[{}, talks.stats().talks]]);
      this.#gauge('kept_talk_bytes', 'Memory of these talks.', () => [[{}, talks.stats().bytes]]);
    }
    this.#counter('listener_bytes_total', 'Bytes given to HTTP listeners.', () => [[{}, listeners.totalBytes]]);
    this.#counter('listeners_dropped_total', 'HTTP listeners ended as too slow.', () => [
      [{}, listeners.droppedListeners],
    ]);
    this.#counter('listeners_refused_total', 'HTTP listeners refused as there were too many.', () => [
      [{}, listeners.refusedListeners],
    ]);
    this.#counter('worker_restarts_total', 'Transcoder workers that failed and were replaced.', () => [
      [{}, transcoder.stats().workerRestarts],
    ]);
    this.#counter('transcoder_packets_dropped_total', 'Packets that found no worker.', () => [
      [{}, transcoder.stats().droppedPackets],
    ]);
  }

  #registerAnnouncements(): void {
    const { announcer } = this.#options.sources;
    if (!announcer) return;
    this.#counter('announcements_total', 'Announcements on speakers.', () => [[{}, announcer.stats().announcements]]);
    this.#counter('announcements_refused_total', 'Announcements refused, as too many were under way.', () => [
      [{}, announcer.stats().refused],
    ]);
    this.#gauge('announcements', 'Announcements under way.', () => [[{}, announcer.stats().underWay]]);
    this.#counter(
      'announcement_speakers_total',
      'Speakers of announcements by how it ended: done, stopped, a fault.',
      () => Object.entries(announcer.stats().endings).map(([kind, count]) => [{ kind }, count]),
    );
  }

  #publicStreams(): Stream[] {
    return this.#options.relay.live.filter((stream) => !stream.private);
  }

  /** Only while live: of a talk whose last words are being encoded nobody knows any more whether it was private. */
  #isPublic(streamId: string): boolean {
    return this.#options.relay.get(streamId)?.private === false;
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

const LABELS = ['stream', 'format', 'code', 'reason', 'direction', 'protocol', 'kind', 'limit', 'quantile'];
