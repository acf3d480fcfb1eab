/**
 * Players: Home Assistant's media players, live, and a way to call their services. Nothing of a house but its media players
 * comes over the wire. While Core is away what was last known stays, and `available` is false; when it is back all is asked anew.
 */
import * as v from 'valibot';
import type { Closeable } from '../closeable.ts';
import type { Log } from '../log.ts';
import { Complaint } from './complaint.ts';
import { CoreError, type Core } from './core.ts';
import { entitiesEvent, EntityStates } from './entity-states.ts';
import { PlayerRegistry } from './player-registry.ts';
import { retry } from './retry.ts';

export interface PlayersOptions {
  log: Log;
  core: Pick<Core, 'connected' | 'request' | 'subscribe' | 'onConnected' | 'onDisconnected'>;
  /** Further ones are not known. Default 500. */
  maxPlayers?: number;
  /** A service may wait for its speaker to wake up. Default 20 s. */
  serviceTimeoutMs?: number;
  /** Services and events that Core has not answered yet. Default 256. */
  maxPending?: number;
  /** Registries change in bursts; this long after the last change they are asked. Default 500 ms. */
  settleMs?: number;
  /** Between tries, doubling. Default 1 s to 60 s. */
  firstPauseMs?: number;
  longestPauseMs?: number;
}

export interface Player {
  readonly entityId: string;
  readonly name: string;
  readonly area: string | null;
  readonly registryId: string | null;
  readonly platform: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly supportedFeatures: number;
}

/** A service call that did not work. */
export class HouseError extends Error {
  /** `unavailable`: Core is away, or left before it answered. `refused`: it said no, in its own words. `timeout`: it never answered. */
  readonly code: 'unavailable' | 'refused' | 'timeout';

  constructor(code: HouseError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HouseError';
    this.code = code;
  }
}

const DOMAIN = 'media_player';
const isPlayer = (entityId: string): boolean => entityId.startsWith(`${DOMAIN}.`);

export class Players implements Closeable {
  readonly #options: PlayersOptions;
  readonly #log: Log;
  readonly #complaint: Complaint;
  readonly #registry: PlayerRegistry;
  readonly #playerCallbacks = new Set<(entityId: string) => void>();
  readonly #availableCallbacks = new Set<() => void>();
  #states: EntityStates;
  #players = new Map<string, Player>();
  /** Of this connection; aborted when it ends. */
  #connection = new AbortController();
  #isAvailable = false;
  /** Told once. */
  #isTooMany = false;
  #settling: NodeJS.Timeout | undefined;
  #pending = 0;
  #unsubscribe: (() => void)[] = [];

  constructor(options: PlayersOptions) {
    this.#options = options;
    this.#log = options.log.child('players');
    this.#complaint = new Complaint(this.#log);
    this.#registry = new PlayerRegistry(options.core);
    this.#states = new EntityStates(options.maxPlayers ?? 500);
  }

  get available(): boolean {
    return this.#isAvailable;
  }

  start(): void {
    const { core } = this.#options;
    this.#unsubscribe = [core.onConnected(() => this.#connected()), core.onDisconnected(() => this.#disconnected())];
    if (core.connected) this.#connected();
  }

  players(): readonly Player[] {
    return [...this.#players.values()];
  }

  onPlayersChanged(callback: (entityId: string) => void): () => void {
    this.#playerCallbacks.add(callback);
    return () => this.#playerCallbacks.delete(callback);
  }

  onAvailableChanged(callback: () => void): () => void {
    this.#availableCallbacks.add(callback);
    return () => this.#availableCallbacks.delete(callback);
  }

  async callService(name: string, entityId: string, data: Readonly<Record<string, unknown>>): Promise<void> {
    const [domain, service] = name.split('.');
    const target = { entity_id: entityId };
    await this.#ask(name, { type: 'call_service', domain, service, service_data: data, target });
  }

  async fireEvent(type: string, data: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#ask(`the event ${type}`, { type: 'fire_event', event_type: type, event_data: data });
  }

  close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#connection.abort();
    clearTimeout(this.#settling);
    return Promise.resolve();
  }

  async #ask(what: string, message: { type: string; [key: string]: unknown }): Promise<void> {
    const { core, maxPending = 256, serviceTimeoutMs = 20_000 } = this.#options;
    if (this.#pending >= maxPending) {
      throw new HouseError('unavailable', 'Home Assistant has not answered what it was asked before.');
    }
    this.#pending += 1;
    try {
      await core.request(message, v.unknown(), serviceTimeoutMs);
    } catch (error) {
      throw houseError(error, what);
    } finally {
      this.#pending -= 1;
    }
  }

  #connected(): void {
    this.#connection.abort();
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    const subscriptions = [
      ...this.#registry.watches(isPlayer, () => this.#lookSoon(signal)),
      () => this.#subscribe(signal),
    ];
    const onFailure = (error: unknown): void => this.#complaint.say(`The media players are not known: ${say(error)}`);
    for (const each of subscriptions) {
      // Rejects only when this connection, or all of it, ends.
      retry(each, { ...this.#options, signal, onFailure }).catch(() => undefined);
    }
  }

  #disconnected(): void {
    this.#connection.abort();
    clearTimeout(this.#settling);
    this.#setAvailable(false);
  }

  async #subscribe(signal: AbortSignal): Promise<void> {
    const { core, maxPlayers = 500 } = this.#options;
    const states = new EntityStates(maxPlayers);
    let isFirst = true;
    const message = { type: 'subscribe_entities', include: { domains: [DOMAIN] } };
    await core.subscribe(message, entitiesEvent, (event) => {
      if (signal.aborted) return;
      const { changed, refused } = states.apply(event);
      if (refused > 0) this.#tellOfTooMany(maxPlayers);
      if (isFirst) {
        isFirst = false;
        this.#states = states;
        void this.#look(signal, [...changed, ...this.#players.keys()]);
        return;
      }
      if (changed.some((id) => !this.#players.has(id))) this.#lookSoon(signal);
      this.#refresh(changed);
    });
  }

  #lookSoon(signal: AbortSignal, afterMs = this.#options.settleMs ?? 500): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.#look(signal, []), afterMs);
  }

  /** Asks the registries, tells what has changed. Never rejects. */
  async #look(signal: AbortSignal, alsoChanged: readonly string[]): Promise<void> {
    let changed: string[] = [];
    try {
      changed = await this.#registry.look(this.#states.ids);
      if (signal.aborted) return;
      this.#complaint.settle('The media players are known again.');
    } catch (error) {
      if (signal.aborted) return;
      this.#complaint.say(`Makers and rooms of the media players are not known: ${say(error)}`);
      this.#lookSoon(signal, this.#options.longestPauseMs ?? 60_000);
    }
    this.#refresh([...new Set([...alsoChanged, ...changed])]);
    this.#setAvailable(true);
  }

  /** Makes these players anew and tells of those that differ. */
  #refresh(entityIds: readonly string[]): void {
    for (const id of entityIds) {
      const before = this.#players.get(id);
      const now = this.#describe(id);
      if (now) this.#players.set(id, now);
      else this.#players.delete(id);
      if (JSON.stringify(before) !== JSON.stringify(now)) this.#tell(this.#playerCallbacks, id);
    }
  }

  #describe(entityId: string): Player | undefined {
    const known = this.#states.get(entityId);
    if (!known) return undefined;
    const { state, attributes } = known;
    const { friendly_name: name, supported_features: features } = attributes;
    return {
      entityId,
      name: typeof name === 'string' && name !== '' ? name : entityId,
      ...this.#registry.factsOf(entityId),
      state,
      attributes,
      supportedFeatures: typeof features === 'number' ? features : 0,
    };
  }

  #tellOfTooMany(maxPlayers: number): void {
    if (this.#isTooMany) return;
    this.#isTooMany = true;
    this.#log.warn(`There are more than ${maxPlayers} media players; the rest cannot be spoken to.`);
  }

  #setAvailable(isAvailable: boolean): void {
    if (this.#isAvailable === isAvailable) return;
    this.#isAvailable = isAvailable;
    this.#tell(this.#availableCallbacks, undefined);
  }

  #tell<T>(callbacks: ReadonlySet<(value: T) => void>, value: T): void {
    for (const callback of [...callbacks]) {
      try {
        callback(value);
      } catch (error) {
        this.#log.error('a listener of the media players failed', error);
      }
    }
  }
}

function houseError(error: unknown, what: string): HouseError {
  const cause = { cause: error };
  if (!(error instanceof CoreError)) return new HouseError('unavailable', say(error), cause);
  if (error.code === 'away') return new HouseError('unavailable', 'Home Assistant Core is not there just now.', cause);
  if (error.code === 'late') return new HouseError('timeout', `Home Assistant did not answer ${what} in time.`, cause);
  return new HouseError('refused', error.said || `Home Assistant refuses ${what} (${error.code}).`, cause);
}

function say(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
