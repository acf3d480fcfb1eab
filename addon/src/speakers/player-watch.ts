/** Waits for what Home Assistant says of one player, and calls its services though Core may be restarting. */
import { houseErrorCode, type House, type HousePlayer } from './ports.ts';

export const FEATURES = {
  pause: 1,
  seek: 2,
  volumeSet: 4,
  volumeMute: 8,
  turnOn: 128,
  turnOff: 256,
  playMedia: 512,
  selectSource: 2048,
  stop: 4096,
  announce: 1_048_576,
} as const;

const SILENT_STATES = ['idle', 'off', 'standby', 'paused', 'stopped'];

export function can(player: HousePlayer | undefined, feature: keyof typeof FEATURES): boolean {
  return player !== undefined && (player.supportedFeatures & FEATURES[feature]) !== 0;
}

/** It can be asked to do something. */
export function isReachable(player: HousePlayer | undefined): player is HousePlayer {
  return player !== undefined && player.state !== 'unavailable';
}

export function isPlaying({ state }: HousePlayer): boolean {
  return state === 'playing' || state === 'buffering';
}

/** It says that it plays nothing; an `on` or `unknown` says neither. */
export function isSilent({ state }: HousePlayer): boolean {
  return SILENT_STATES.includes(state);
}

export class PlayerWatch {
  readonly #house: House;
  #entityId: string;
  #registryId: string | null = null;

  constructor(house: House, entityId: string) {
    this.#house = house;
    this.#entityId = entityId;
    this.#look();
  }

  get now(): HousePlayer | undefined {
    return this.#look();
  }

  /** Called at each change of this player, and when Core comes or goes. Returns its own unsubscribe function. */
  onChange(callback: () => void): () => void {
    const unsubscribe = [
      this.#house.onPlayersChanged((entityId) => {
        const before = this.#entityId;
        this.#look();
        if (entityId === before || entityId === this.#entityId) callback();
      }),
      this.#house.onAvailableChanged(callback),
    ];
    return () => unsubscribe.forEach((each) => each());
  }

  /** True as soon as it holds, false after `ms` or at `abort`. */
  until(holds: () => boolean, ms: number, abort?: AbortSignal): Promise<boolean> {
    if (holds()) return Promise.resolve(true);
    if (ms <= 0 || abort?.aborted === true) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (held: boolean): void => {
        clearTimeout(timer);
        unsubscribe();
        abort?.removeEventListener('abort', giveUp);
        resolve(held);
      };
      const giveUp = (): void => settle(false);
      const timer = setTimeout(giveUp, ms);
      const unsubscribe = this.onChange(() => {
        if (holds()) settle(true);
      });
      abort?.addEventListener('abort', giveUp);
    });
  }

  /** Core is there and the player is, too. */
  isReachable(): boolean {
    return this.#house.available && isReachable(this.now);
  }

  /** By its name, else by what it keeps when it is renamed. */
  #look(): HousePlayer | undefined {
    const players = this.#house.players();
    const player =
      players.find(({ entityId }) => entityId === this.#entityId) ??
      players.find(({ registryId = null }) => registryId !== null && registryId === this.#registryId);
    if (player) this.#entityId = player.entityId;
    this.#registryId = player?.registryId ?? this.#registryId;
    return player;
  }

  /** Rejects with HouseError. `service` without a domain is the media player's own. */
  call(service: string, data: Readonly<Record<string, unknown>> = {}): Promise<void> {
    return this.#house.callService(service.includes('.') ? service : `media_player.${service}`, this.#entityId, data);
  }

  /** As `call`, and goes on after `patienceMs` or when it is refused; whether it was done. Never rejects. */
  async attempt(service: string, data: Readonly<Record<string, unknown>>, patienceMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), patienceMs);
    });
    const done = this.call(service, data).then(
      () => true,
      () => false,
    );
    const did = await Promise.race([done, late]);
    clearTimeout(timer);
    return did;
  }

  /**
   * As `call`, and once more when Core, which may be restarting, is back with this player; for `patienceMs` at most.
   * Rejects with an Error whose message is for a person.
   */
  async insist(
    service: string,
    data: Readonly<Record<string, unknown>>,
    patienceMs: number,
    abort?: AbortSignal,
  ): Promise<void> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const reached = await this.until(() => this.isReachable(), deadline - performance.now(), abort);
      if (!reached) throw new Error('Home Assistant, or the player, did not come back');
      try {
        await this.call(service, data);
        return;
      } catch (error) {
        if (houseErrorCode(error) !== 'unavailable' || performance.now() >= deadline) throw error;
        // Core is gone but may not have told yet: this is no busy loop.
        await this.until(() => !this.isReachable(), Math.min(RETRY_MS, deadline - performance.now()), abort);
      }
    }
  }
}

const RETRY_MS = 1_000;
