/**
 * Status: what /health and /stream/status say. Both are open on every door, so they hold counts; ids of live streams
 * only where whoever asks could listen anyway, and never a private one or a key.
 */
import type { Check } from '@voice-streaming/shared/protocol';
import type { RequestHandler } from 'express';
import type { Relay } from '../media/relay.ts';
import type { StatusSources } from './ports.ts';

/** Field names are the predecessor's. */
export interface Health {
  /** `degraded`: running, but no WebRTC or no media server. */
  status: 'healthy' | 'degraded';
  webrtc_available: boolean;
  audio_server_running: boolean;
  active_streams: number;
  connected_clients: number;
  uptime_seconds: number;
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
}

export class Status {
  readonly #options: StatusOptions;
  readonly #startedAtMs = performance.now();

  constructor(options: StatusOptions) {
    this.#options = options;
  }

  get uptimeSeconds(): number {
    return Math.round((performance.now() - this.#startedAtMs) / 100) / 10;
  }

  health(): Health {
    const { sources, relay } = this.#options;
    const webrtcAvailable = sources.webrtcAvailable();
    const audioServerRunning = sources.audioServerRunning();
    return {
      status: webrtcAvailable && audioServerRunning ? 'healthy' : 'degraded',
      webrtc_available: webrtcAvailable,
      audio_server_running: audioServerRunning,
      active_streams: relay.live.filter((stream) => !stream.private).length,
      connected_clients: sources.signaling.stats().clients,
      uptime_seconds: this.uptimeSeconds,
    };
  }

  /** The same for a person who looks for a fault. */
  checks(): Check[] {
    const { sources } = this.#options;
    const noWebRtc = 'There is no address or no free UDP port to offer to browsers: look at the option udp_ports.';
    const noMedia = sources.audioServerRunning()
      ? "Port 8081 is blank in the add-on's network settings: no speaker can play a URL."
      : 'The server for speakers does not listen: its port is taken.';
    const isMediaOpen = sources.audioServerRunning() && (sources.audioServerReachable?.() ?? true);
    return [
      sources.webrtcAvailable()
        ? { check: 'webrtc', state: 'ok' }
        : { check: 'webrtc', state: 'failed', why: noWebRtc },
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
    return (_request, response) => {
      const health = this.health();
      response.status(health.status === 'healthy' ? 200 : 503);
      response.set('Cache-Control', 'no-store').json(health);
    };
  }

  streamsHandler(withIds: boolean): RequestHandler {
    return (_request, response) => {
      response.set('Cache-Control', 'no-store').json(this.streams(withIds));
    };
  }
}
