import type { House, HouseErrorCode, HousePlayer } from '../../src/speakers/ports.ts';

export interface HouseCall {
  service: string;
  entityId: string;
  data: Readonly<Record<string, unknown>>;
}

/** PLAY_MEDIA, VOLUME_SET, VOLUME_MUTE, STOP, PAUSE, SEEK. */
export const PLAIN_FEATURES = 512 + 4 + 8 + 4096 + 1 + 2;
export const ANNOUNCE_FEATURE = 1_048_576;

/** Home Assistant with players that do at once what they are told; a test says which do not. */
export class FakeHouse implements House {
  readonly calls: HouseCall[] = [];
  readonly fired: { type: string; data: Readonly<Record<string, unknown>> }[] = [];
  /** Before a call is done: throw to refuse it, wait to be slow. */
  onCall: (call: HouseCall) => void | Promise<void> = () => undefined;
  /** A player was told to play this. */
  onPlay: (entityId: string, url: string) => void = () => undefined;
  readonly #players = new Map<string, HousePlayer>();
  readonly #playerCallbacks = new Set<(entityId: string) => void>();
  readonly #availableCallbacks = new Set<() => void>();
  #available = true;

  get available(): boolean {
    return this.#available;
  }

  set available(available: boolean) {
    this.#available = available;
    for (const callback of [...this.#availableCallbacks]) callback();
  }

  players(): readonly HousePlayer[] {
    return [...this.#players.values()];
  }

  get(entityId: string): HousePlayer {
    const player = this.#players.get(entityId);
    if (!player) throw new Error(`no ${entityId}`);
    return player;
  }

  add(entityId: string, more: Partial<HousePlayer> = {}): this {
    const attributes = { volume_level: 0.3, is_volume_muted: false, ...more.attributes };
    const name = entityId.replace('media_player.', '');
    const nothing = { area: null, platform: 'acme', manufacturer: null, model: null, state: 'idle' };
    const player = { entityId, name, supportedFeatures: PLAIN_FEATURES, ...nothing, ...more, attributes };
    this.#players.set(entityId, player);
    this.#tell(entityId);
    return this;
  }

  remove(entityId: string): void {
    this.#players.delete(entityId);
    this.#tell(entityId);
  }

  set(entityId: string, state: string, attributes: Record<string, unknown> = {}): void {
    const player = this.get(entityId);
    this.#players.set(entityId, { ...player, state, attributes: { ...player.attributes, ...attributes } });
    this.#tell(entityId);
  }

  onPlayersChanged(callback: (entityId: string) => void): () => void {
    this.#playerCallbacks.add(callback);
    return () => this.#playerCallbacks.delete(callback);
  }

  onAvailableChanged(callback: () => void): () => void {
    this.#availableCallbacks.add(callback);
    return () => this.#availableCallbacks.delete(callback);
  }

  async callService(service: string, entityId: string, data: Readonly<Record<string, unknown>>): Promise<void> {
    const call = { service: service.replace('media_player.', ''), entityId, data };
    if (!this.#available) throw houseError('unavailable', 'Home Assistant is away.');
    this.calls.push(call);
    await this.onCall(call);
    this.#obey(call);
  }

  fireEvent(type: string, data: Readonly<Record<string, unknown>>): Promise<void> {
    this.fired.push({ type, data });
    return Promise.resolve();
  }

  /** Names of the services called on it, in order. */
  services(entityId: string): string[] {
    return this.calls.filter((call) => call.entityId === entityId).map(({ service }) => service);
  }

  /** Callbacks that nobody has taken back. */
  get subscriptions(): number {
    return this.#playerCallbacks.size + this.#availableCallbacks.size;
  }

  #obey({ service, entityId, data }: HouseCall): void {
    if (service === 'volume_set') this.set(entityId, this.get(entityId).state, { volume_level: data['volume_level'] });
    if (service === 'volume_mute') {
      this.set(entityId, this.get(entityId).state, { is_volume_muted: data['is_volume_muted'] });
    }
    if (service === 'media_stop') this.set(entityId, 'idle', { media_content_id: undefined });
    if (service === 'turn_on') this.set(entityId, 'idle');
    if (service === 'turn_off') this.set(entityId, 'off');
    if (service === 'play_media') {
      const url = String(data['media_content_id']);
      if (data['announce'] !== true) this.set(entityId, 'playing', { media_content_id: url });
      this.onPlay(entityId, url);
    }
  }

  #tell(entityId: string): void {
    for (const callback of [...this.#playerCallbacks]) callback(entityId);
  }
}

export function houseError(code: HouseErrorCode, message: string): Error {
  return Object.assign(new Error(message), { code });
}
