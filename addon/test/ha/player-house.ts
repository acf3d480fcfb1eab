/** The house with the real Home Assistant, real players in it, and a tablet that speaks. */
import type { Announcement, Requests } from '@voice-streaming/shared/protocol';
import { expect, vi } from 'vitest';
import type { TestServer } from '../support/server.ts';
import { startMpd } from './mpd.ts';
import { serveMusic, type Music } from './music.ts';
import type { RealPlayer } from './player-process.ts';
import { RealHouse } from './real-house.ts';
import { startRenderer } from './renderer.ts';
import type { SoundPipe } from './sound-pipe.ts';
import { Tablet } from './tablet.ts';
import { startVlc, VLC_PASSWORD } from './vlc.ts';

export type Platform = 'mpd' | 'dlna_dmr' | 'vlc_telnet';

export interface State {
  entity_id: string;
  state: string;
  attributes: Record<string, unknown>;
}

interface Installed {
  player: RealPlayer;
  /** To the steps of its config flow. */
  answers: Record<string, Record<string, unknown>>;
}

const LAN_ADDRESS = '192.168.1.5';
const PATIENCE = { timeout: 20_000, interval: 50 };

const INSTALL: Record<Platform, () => Promise<Installed>> = {
  mpd: async () => {
    const player = await startMpd();
    return { player, answers: { user: { host: player.host, port: player.port } } };
  },
  dlna_dmr: async () => {
    const player = await startRenderer();
    // The first step is there only if it has been discovered by then.
    return { player, answers: { user: {}, manual: { url: player.descriptionUrl } } };
  },
  vlc_telnet: async () => {
    const player = await startVlc();
    return { player, answers: { user: { host: player.host, port: player.port, password: VLC_PASSWORD } } };
  },
};

export class PlayerHouse {
  readonly house: RealHouse;
  readonly addon: TestServer;
  readonly tablet: Tablet;
  readonly music: Music;
  /** Entity ids. */
  readonly ids: Partial<Record<Platform, string>>;
  readonly #players: Partial<Record<Platform, RealPlayer>>;
  readonly #open: (() => Promise<unknown>)[];

  private constructor(
    parts: Pick<PlayerHouse, 'house' | 'addon' | 'tablet' | 'music' | 'ids'>,
    more: {
      players: Partial<Record<Platform, RealPlayer>>;
      open: (() => Promise<unknown>)[];
    },
  ) {
    this.house = parts.house;
    this.addon = parts.addon;
    this.tablet = parts.tablet;
    this.music = parts.music;
    this.ids = parts.ids;
    this.#players = more.players;
    this.#open = more.open;
  }

  static async build(platforms: readonly Platform[]): Promise<PlayerHouse> {
    /** The last one first. */
    const open: (() => Promise<unknown>)[] = [];
    try {
      const house = await RealHouse.build();
      open.unshift(() => house.close());
      const music = await serveMusic(LAN_ADDRESS);
      open.unshift(() => music.close());
      const players: Partial<Record<Platform, RealPlayer>> = {};
      for (const platform of platforms) {
        const { player, answers } = await INSTALL[platform]();
        open.unshift(() => player.close());
        players[platform] = player;
        await house.addIntegration(platform, answers);
      }
      const ids = await entityIds(house, platforms);
      const addon = await house.startAddon();
      await house.cardInstalled();
      const tablet = await Tablet.open(house, house.ada, 'Kitchen tablet');
      open.unshift(() => tablet.close());
      return new PlayerHouse({ house, addon, tablet, music, ids }, { players, open });
    } catch (error) {
      for (const close of open) await close();
      throw error;
    }
  }

  player(platform: Platform): RealPlayer {
    const player = this.#players[platform];
    if (!player) throw new Error(`${platform} is not in this house`);
    return player;
  }

  sound(platform: Platform): SoundPipe {
    return this.player(platform).sound;
  }

  /** All that was heard so far. */
  forget(): void {
    for (const { sound } of Object.values(this.#players)) sound.forget();
  }

  state(platform: Platform): Promise<State> {
    return this.house.get<State>(`/api/states/${this.ids[platform]}`);
  }

  call(platform: Platform, service: string, data: Record<string, unknown> = {}): Promise<unknown> {
    return this.house.post(`/api/services/media_player/${service}`, { entity_id: this.ids[platform], ...data });
  }

  /** As the tablet's card does at the press. */
  async announce(
    platforms: readonly Platform[],
    more: Partial<Requests['announce']['args']> = {},
  ): Promise<Announcement> {
    const targets = platforms.map((platform) => this.ids[platform] ?? '');
    return (await this.tablet.signaling.get('announce', { targets, ...more })).announcement;
  }

  /** What the tablet was last told of it. */
  told(id: string): Announcement | undefined {
    const told = this.tablet.signaling.all('announcement').map(({ announcement }) => announcement);
    return told.findLast((announcement) => announcement.id === id);
  }

  async close(): Promise<void> {
    for (const close of this.#open) await close();
  }
}

async function entityIds(house: RealHouse, platforms: readonly Platform[]): Promise<Partial<Record<Platform, string>>> {
  return vi.waitFor(async () => {
    const list = await house.ask<{ entity_id: string; platform: string }[]>({ type: 'config/entity_registry/list' });
    const players = list.filter(({ entity_id: id }) => id.startsWith('media_player.'));
    const ids = Object.fromEntries(players.map(({ entity_id: id, platform }) => [platform, id]));
    expect(Object.keys(ids)).toEqual(expect.arrayContaining([...platforms]));
    return ids;
  }, PATIENCE);
}
