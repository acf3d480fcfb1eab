/**
 * Status: what /health and /stream/status say. Both are open on every door, so they hold counts; ids of live streams
 * only where whoever asks could listen anyway, and never a private one or a key.
 */
import type { Check } from '@voice-streaming/shared/protocol';
import type { RequestHandler } from 'express';
import type { Log } from '../log.ts';
import type { Relay } from '../media/relay.ts';
import type { StatusSources } from './ports.ts';

/** Field names are the predecessor's. */
export interface Health {
  /** `degraded`: running, but no WebRTC, no media server, nothing that makes MP3 and WAV for those who wait, or held up. */
  status: 'healthy' | 'degraded';
  webrtc_available: boolean;
  audio_server_running: boolean;
  active_streams: number;
  connected_clients: number;
  uptime_seconds: number;
  /** Sentences for a person, while degraded. */
  reasons?: string[];
}

export interface StreamStatus {
  active_streams: number;
  /** HTTP listeners of all streams, `latest` included. */
  listeners: number;
  /** Left out where ids are not for everybody. */
  streams?: { id: string; name: string; since: number; listeners: number }[];
}

export interface StatusOptions {
  relay: Relay;
  sources: StatusSources;
  /** Told when /health begins to fail, and why: a watchdog restarts us, and only the log says what for. */
  log?: Log;
  /** So long players may wait for a worker that is being restarted. Default 30 s. */
  maxWorkerGapMs?: number;
  /** Of ten seconds, so long may nothing get its turn. Default 5 s. */
  maxBlockedMs?: number;
  now?: () => number;
}

const NO_WEBRTC = 'There is no address or no free UDP port to offer to browsers: look at the option udp_ports.';
const noUdp = (trouble: string): string =>
  `Voice cannot come or go, as UDP does not work on this machine: ${trouble}. Look at its firewall and the option udp_ports.`;
const HELD_UP = 'More than half of the last ten seconds nothing got its turn: voice comes in pieces, or not at all.';
const NO_MEDIA = 'The server for speakers does not listen: its port is taken.';
const NO_WORKER = 'What makes MP3 and WAV does not come back.';

export class Status {
  readonly #options: StatusOptions;
  readonly #startedAtMs = performance.now();
  #noWorkerSinceMs: number | undefined;
  /** What the last try showed. */
  #udpTrouble: string | undefined;
  #toldReasons = '';

  constructor(options: StatusOptions) {
    this.#options = options;
  }

  get uptimeSeconds(): number {
    return Math.round((performance.now() - this.#startedAtMs) / 100) / 10;
  }

  health(): Health {
    const { sources, relay } = this.#options;
    const webrtcAvailable = sources.webrtcAvailable() && this.#udpTrouble === undefined;
    const audioServerRunning = sources.audioServerRunning();
    const reasons = [
      ...this.#webrtcReasons(),
      ...(audioServerRunning ? [] : [NO_MEDIA]),
      ...(this.#isWorkerGone() ? [NO_WORKER] : []),
      ...((sources.blockedMs?.() ?? 0) > (this.#options.maxBlockedMs ?? 5_000) ? [HELD_UP] : []),
    ];
    return {
      status: reasons.length === 0 ? 'healthy' : 'degraded',
      webrtc_available: webrtcAvailable,
      audio_server_running: audioServerRunning,
      active_streams: relay.live.filter((stream) => !stream.private).length,
      connected_clients: sources.signaling.stats().clients,
      uptime_seconds: this.uptimeSeconds,
      ...(reasons.length > 0 && { reasons }),
    };
  }

  /** The same for a person who looks for a fault. */
  checks(): Check[] {
    const { sources } = this.#options;
    const [noWebrtc] = this.#webrtcReasons();
    const noMedia = sources.audioServerRunning()
      ? "Port 8081 is blank in the add-on's network settings: no speaker can play a URL."
      : NO_MEDIA;
    const isMediaOpen = sources.audioServerRunning() && (sources.audioServerReachable?.() ?? true);
    return [
      noWebrtc === undefined ? { check: 'webrtc', state: 'ok' } : { check: 'webrtc', state: 'failed', why: noWebrtc },
      isMediaOpen ? { check: 'media', state: 'ok' } : { check: 'media', state: 'failed', why: noMedia },
    ];
  }

  streams(withIds: boolean): StreamStatus {
    const transcoded = this.#options.sources.transcoder.stats();
    const streams = this.#options.relay.live.filter((stream) => !stream.private);
    return {
      active_streams: streams.length,
      listeners: transcoded.listeners,
      ...(withIds && {
        streams: streams.map(({ id, name, startedAtMs }) => ({
          id,
          name,
          since: startedAtMs,
          listeners: transcoded.encoders
            .filter((encoder) => encoder.streamId === id)
            .reduce((sum, encoder) => sum + encoder.listeners, 0),
        })),
      }),
    };
  }

  /** 503 while degraded: what watchdogs and HEALTHCHECK look at. */
  healthHandler(): RequestHandler {
    return async (_request, response) => {
      this.#udpTrouble = await this.#options.sources.udpTrouble?.();
      const health = this.health();
      this.#tell(health.reasons ?? []);
      response.status(health.status === 'healthy' ? 200 : 503);
      response.set('Cache-Control', 'no-store').json(health);
    };
  }

  #webrtcReasons(): string[] {
    if (this.#udpTrouble !== undefined) return [noUdp(this.#udpTrouble)];
    return this.#options.sources.webrtcAvailable() ? [] : [NO_WEBRTC];
  }

  /** Restarts of it are no fault; that nobody waits for it is none either. */
  #isWorkerGone(): boolean {
    const { sources, maxWorkerGapMs = 30_000, now = () => performance.now() } = this.#options;
    const { listeners, workerRunning } = sources.transcoder.stats();
    if (workerRunning || listeners === 0) {
      this.#noWorkerSinceMs = undefined;
      return false;
    }
    this.#noWorkerSinceMs ??= now();
    return now() - this.#noWorkerSinceMs >= maxWorkerGapMs;
  }

  #tell(reasons: readonly string[]): void {
    const { log } = this.#options;
    const told = reasons.join(' ');
    if (told === this.#toldReasons) return;
    this.#toldReasons = told;
    if (told === '') log?.info('/health is well again');
    else log?.error(`/health fails, a watchdog may restart this server: ${told}`);
  }

  streamsHandler(withIds: boolean): RequestHandler {
    return (_request, response) => {
      response.set('Cache-Control', 'no-store').json(this.streams(withIds));
    };
  }
}
