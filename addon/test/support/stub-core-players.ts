/** Entities of a stub Core that have a state, and what its registries know of them; the commands that tell of both. */
import { EventEmitter } from 'node:events';
import type { CommandContext } from './stub-core-commands.ts';

interface State {
  state: string;
  attributes: Record<string, unknown>;
}

export interface Registered {
  /** What it keeps when it is renamed. Default: made of its entity id. */
  registryId?: string;
  platform: string;
  manufacturer?: string;
  model?: string;
  /** A room's name, which is its id, too; the device stands there. */
  area?: string;
}

type Diff = { a: Record<string, unknown> } | { c: Record<string, unknown> } | { r: string[] };

export class FakePlayers {
  readonly #states = new Map<string, State>();
  readonly #registry = new Map<string, Registered>();
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  /** Comes, or changes: attributes that are not named go. */
  set(entityId: string, state: string, attributes: Record<string, unknown> = {}): void {
    const before = this.#states.get(entityId);
    this.#states.set(entityId, { state, attributes });
    if (!before) {
      this.#tell(entityId, { a: { [entityId]: { s: state, a: attributes } } });
      return;
    }
    const gone = Object.keys(before.attributes).filter((name) => !(name in attributes));
    const plus = { s: state, a: attributes, lc: Date.now() / 1000 };
    this.#tell(entityId, { c: { [entityId]: { '+': plus, ...(gone.length > 0 ? { '-': { a: gone } } : {}) } } });
  }

  remove(entityId: string): void {
    this.#states.delete(entityId);
    this.#tell(entityId, { r: [entityId] });
  }

  stateOf(entityId: string): State | undefined {
    return this.#states.get(entityId);
  }

  /** To be told to whoever subscribed to `entity_registry_updated`, by the home's `fireEvent`. */
  register(entityId: string, registered: Registered): void {
    this.#registry.set(entityId, registered);
  }

  registered(entityId: string): Registered | undefined {
    return this.#registry.get(entityId);
  }

  get allRegistered(): [entityId: string, registered: Registered][] {
    return [...this.#registry];
  }

  /** First all, then what changes. Returns its own unsubscribe function. */
  watch(domains: readonly string[], tell: (diff: Diff) => void): () => void {
    const wanted = (entityId: string): boolean => domains.includes(entityId.split('.')[0] ?? '');
    const all = [...this.#states].filter(([id]) => wanted(id));
    tell({ a: Object.fromEntries(all.map(([id, { state: s, attributes: a }]) => [id, { s, a }])) });
    const take = (entityId: string, diff: Diff): void => {
      if (wanted(entityId)) tell(diff);
    };
    this.#emitter.on('diff', take);
    return () => this.#emitter.off('diff', take);
  }

  #tell(entityId: string, diff: Diff): void {
    this.#emitter.emit('diff', entityId, diff);
  }
}

type Handler = (context: CommandContext, command: { id: number } & Record<string, unknown>) => unknown;

export const PLAYER_COMMANDS: Record<string, Handler> = {
  subscribe_entities: (context, { id, include }) => {
    const { domains = [] } = (include ?? {}) as { domains?: string[] };
    // After the result, as Core does.
    setImmediate(() => {
      context.onClose(context.home.players.watch(domains, (event) => context.send({ id, type: 'event', event })));
    });
    return null;
  },
  'config/entity_registry/get_entries': ({ home }, { entity_ids: ids }) =>
    Object.fromEntries(
      (ids as string[]).map((id) => {
        const known = home.players.registered(id);
        return [
          id,
          known
            ? {
                id: known.registryId ?? `entry of ${id}`,
                entity_id: id,
                platform: known.platform,
                device_id: `device of ${id}`,
                area_id: null,
              }
            : null,
        ];
      }),
    ),
  'config/device_registry/list': ({ home }) =>
    home.players.allRegistered.map(([id, { manufacturer = null, model = null, area = null }]) => ({
      id: `device of ${id}`,
      manufacturer,
      model,
      area_id: area,
    })),
  'config/area_registry/list': ({ home }) =>
    [...new Set(home.players.allRegistered.flatMap(([, { area }]) => area ?? []))].map((name) => ({
      area_id: name,
      name,
    })),
};
