/** Announcements whole: a stub Home Assistant with speakers that really fetch, the real worker, voices of real Opus. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Announcement } from '@voice-streaming/shared/protocol';
import express from 'express';
import { vi } from 'vitest';
import { ListenerCounters } from '../../src/http/stream-listener.ts';
import { createStreamRoutes } from '../../src/http/stream-routes.ts';
import { FORMAT_EXTENSION } from '../../src/media/transcoder/formats.ts';
import { TalkStore } from '../../src/media/talk-store.ts';
import { Transcoder } from '../../src/media/transcoder/transcoder.ts';
import type { Announcer } from '../../src/speakers/announcer.ts';
import { openAnnouncer, type OpenAnnouncerOptions, type OpenedAnnouncer } from '../../src/speakers/open-announcer.ts';
import { houseRig, type HouseRig } from './house-rig.ts';
import { encodeOpus, OpusVoice } from './opus-voice.ts';
import { decodeAudio } from './pcm.ts';
import { quietLog, type QuietLog } from './quiet-log.ts';
import { StubSpeaker, type SpeakerHabits } from './stub-speaker.ts';

const WORKER_URL = new URL('../../dist/transcoder-worker.js', import.meta.url);

export class SpeakersRig {
  readonly house: HouseRig;
  readonly log: QuietLog;
  readonly announcer: Announcer;
  readonly folder: string;
  /** `http://127.0.0.1:port` of what speakers fetch from. */
  readonly url: string;
  readonly #opened: OpenedAnnouncer;
  readonly #talks: TalkStore;
  readonly #transcoder: Transcoder;
  readonly #server: Server;
  readonly #speakers = new Map<string, StubSpeaker>();

  private constructor(
    house: HouseRig,
    folder: string,
    log: QuietLog,
    parts: { opened: OpenedAnnouncer; talks: TalkStore; transcoder: Transcoder; server: Server },
  ) {
    this.house = house;
    this.folder = folder;
    this.log = log;
    this.announcer = parts.opened.announcer;
    this.#opened = parts.opened;
    this.url = `http://127.0.0.1:${(parts.server.address() as AddressInfo).port}`;
    this.#talks = parts.talks;
    this.#transcoder = parts.transcoder;
    this.#server = parts.server;
    house.stub.core.home.serve = async (call) => {
      for (const entityId of [call.data['entity_id']].flat()) await this.#speakers.get(String(entityId))?.obey(call);
    };
  }

  static async start(options: Partial<OpenAnnouncerOptions> = {}): Promise<SpeakersRig> {
    const house = await houseRig({ requestTimeoutMs: 20_000 });
    const folder = await mkdtemp(join(tmpdir(), 'speakers-'));
    const log = quietLog();
    const talks = new TalkStore({ log, relay: house.relay });
    const transcoder = new Transcoder({ log, relay: house.relay, workerUrl: WORKER_URL, idleMs: 0 });
    const app = express();
    const server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const opened = await openAnnouncer({
      log,
      house: house.house.players,
      talks,
      urls: { announcementUrl: (playId, format) => `${base}/announcement/${playId}.${FORMAT_EXTENSION[format]}` },
      dataDir: folder,
      chimeFolder: join(folder, 'chimes'),
      options: { chime: 'none', volume: undefined, maxSeconds: 120, overrides: [] },
      ...options,
    });
    const counters = new ListenerCounters();
    const plays = opened.announcer;
    app.use(createStreamRoutes({ transcoder, relay: house.relay, talks, plays, log, counters }));
    return new SpeakersRig(house, folder, log, { opened, talks, transcoder, server });
  }

  /** Resolved when the add-on sees it. */
  async speaker(name: string, habits?: SpeakerHabits): Promise<StubSpeaker> {
    const speaker = new StubSpeaker(this.house.stub.core, name, habits);
    this.#speakers.set(speaker.entityId, speaker);
    const { players } = this.house.house;
    await this.eventually(() => {
      const known = players.players().find(({ entityId }) => entityId === speaker.entityId);
      if (known?.platform !== (habits?.platform ?? 'acme')) throw new Error(`${speaker.entityId} is not there`);
    });
    return speaker;
  }

  announce(targets: readonly StubSpeaker[], more: Record<string, unknown> = {}): Announcement {
    return this.announcer.announceFromEvent({ targets: targets.map(({ entityId }) => entityId), ...more });
  }

  now(id: string): Announcement {
    return this.announcer.get({ user: { name: null, isAdmin: true } }, id);
  }

  over(id: string): Promise<Announcement> {
    return this.eventually(() => {
      const announcement = this.now(id);
      if (!announcement.over) throw new Error(`not over: ${JSON.stringify(announcement)}`);
      return announcement;
    });
  }

  /** Says it in real time, and hangs up. */
  async say(pcm: Float32Array): Promise<void> {
    const packets = await encodeOpus(pcm);
    const stream = this.house.relay.start({ id: 'kitchen', name: 'Kitchen' });
    await new OpusVoice({ stream, packets }).speak();
    this.house.relay.end(stream, 'stopped');
  }

  /** What a speaker heard last, as samples. */
  async heardBy(speaker: StubSpeaker): Promise<Float32Array> {
    const last = speaker.heard.at(-1);
    if (!last) throw new Error(`${speaker.entityId} heard nothing`);
    const file = join(this.folder, `${speaker.entityId}.${last.url.endsWith('.wav') ? 'wav' : 'mp3'}`);
    await writeFile(file, last.bytes);
    return decodeAudio(file);
  }

  eventually<T>(check: () => T): Promise<T> {
    return vi.waitFor(check, { timeout: 40_000, interval: 10 });
  }

  async close(): Promise<void> {
    await this.#opened.close();
    for (const speaker of this.#speakers.values()) speaker.close();
    await this.#talks.close();
    await this.#transcoder.close();
    await this.house.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.folder, { recursive: true });
  }
}
