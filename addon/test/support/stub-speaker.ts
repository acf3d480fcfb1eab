/**
 * A speaker in the house of a stub Core that really fetches what it is told to play, over HTTP, and plays it in real time:
 * its volume and state are in Core, what it heard is kept. A test says what is peculiar about it.
 */
import type { IncomingMessage } from 'node:http';
import { monotonicMs } from '../../src/media/transcoder/monotonic.ts';
import { Player, request } from './player.ts';
import type { StubCore } from './stub-core.ts';
import { CommandError } from './stub-core-commands.ts';
import type { ServiceCall } from './stub-core-home.ts';

export interface SpeakerHabits {
  platform?: string;
  /** From being told until it connects. Default 0. */
  connectMs?: number;
  /** Looks with HEAD, and with a GET that it leaves, before it plays. */
  looksFirst?: boolean;
  neverFetches?: boolean;
  /** Loses the connection after so many bytes, and does not come again. */
  leavesAfterBytes?: number;
  /** What it played before, and goes on to play when told to. */
  music?: string;
}

/** PLAY_MEDIA, VOLUME_SET, VOLUME_MUTE, STOP, PAUSE, SEEK. */
const FEATURES = 512 + 4 + 8 + 4096 + 1 + 2;
/** WAV at 48 kHz mono, and MP3 at 320 kbit/s. */
const BYTES_PER_MS = { wav: 96, mp3: 40 };

export class StubSpeaker {
  readonly entityId: string;
  /** When it was told to play, and when its first sound came: monotonicMs. */
  toldAtMs = 0;
  firstSoundAtMs = 0;
  /** What it has heard of each address it played to the end. */
  readonly heard: { url: string; bytes: Buffer }[] = [];
  readonly #core: StubCore;
  readonly #habits: SpeakerHabits;
  #volume = 0.3;
  #muted = false;
  #state: string;
  #content: string | undefined;
  #player: Player | undefined;
  #ending: NodeJS.Timeout | undefined;

  constructor(core: StubCore, name: string, habits: SpeakerHabits = {}) {
    this.entityId = `media_player.${name}`;
    this.#core = core;
    this.#habits = habits;
    this.#content = habits.music;
    this.#state = habits.music === undefined ? 'idle' : 'playing';
    core.home.players.register(this.entityId, { platform: habits.platform ?? 'acme' });
    this.#tell();
  }

  get state(): { state: string; volume: number; muted: boolean; content: string | undefined } {
    return { state: this.#state, volume: this.#volume, muted: this.#muted, content: this.#content };
  }

  get services(): string[] {
    return this.#core.home.serviceCalls
      .filter(({ data }) => [data['entity_id']].flat().includes(this.entityId))
      .map(({ service }) => service);
  }

  /** Core has restarted and has it again. */
  tell(): void {
    this.#tell();
  }

  async obey({ service, data }: ServiceCall): Promise<void> {
    if (service === 'volume_set') this.#volume = data['volume_level'] as number;
    if (service === 'volume_mute') this.#muted = data['is_volume_muted'] as boolean;
    if (service === 'media_stop') this.#stop();
    if (service === 'play_media') this.#play(String(data['media_content_id']));
    this.#tell();
    await Promise.resolve();
  }

  close(): void {
    clearTimeout(this.#ending);
    this.#player?.leave();
  }

  #play(url: string): void {
    this.close();
    this.#content = url;
    this.#state = 'playing';
    if (!url.startsWith('http') || this.#habits.neverFetches === true) return;
    this.toldAtMs = monotonicMs();
    this.firstSoundAtMs = 0;
    setTimeout(() => void this.#fetch(url).catch(() => this.#stop()), this.#habits.connectMs ?? 0);
  }

  async #fetch(url: string): Promise<void> {
    if (this.#habits.looksFirst === true) {
      await fetch(url, { method: 'HEAD' });
      const looked: IncomingMessage = await request(url, { Range: 'bytes=0-' });
      looked.destroy();
    }
    const response = await request(url);
    if (response.statusCode !== 200) throw new CommandError('home_assistant_error', `${response.statusCode}`);
    const player = new Player(response);
    this.#player = player;
    response.once('data', () => (this.firstSoundAtMs = monotonicMs()));
    const { leavesAfterBytes } = this.#habits;
    if (leavesAfterBytes !== undefined) {
      await player.heard(leavesAfterBytes);
      response.destroy();
      return;
    }
    const bytes = await player.ended;
    if (this.#player !== player) return;
    this.heard.push({ url, bytes });
    const soundMs = bytes.length / (url.endsWith('.wav') ? BYTES_PER_MS.wav : BYTES_PER_MS.mp3);
    this.#ending = setTimeout(() => this.#stop(), Math.max(0, this.firstSoundAtMs + soundMs - monotonicMs()));
  }

  #stop(): void {
    this.close();
    this.#player = undefined;
    this.#state = 'idle';
    this.#content = undefined;
    this.#tell();
  }

  #tell(): void {
    this.#core.home.players.set(this.entityId, this.#state, {
      friendly_name: this.entityId.replace('media_player.', ''),
      supported_features: FEATURES,
      volume_level: this.#volume,
      is_volume_muted: this.#muted,
      ...(this.#content === undefined ? {} : { media_content_id: this.#content, media_content_type: 'music' }),
    });
  }
}
