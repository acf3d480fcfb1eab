/**
 * EntityStates: what `subscribe_entities` tells, put together: first all entities, then only what changes of each. The short
 * names are Core's (`as_compressed_state`, `_state_diff` in its websocket_api).
 */
import * as v from 'valibot';

export interface EntityState {
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const attributes = v.record(v.string(), v.unknown());

export const entitiesEvent = v.object({
  /** Added. */
  a: v.optional(v.record(v.string(), v.object({ s: v.string(), a: v.optional(attributes, {}) }))),
  /** Changed: what is new, and which attributes are gone. */
  c: v.optional(
    v.record(
      v.string(),
      v.object({
        '+': v.optional(v.object({ s: v.optional(v.string()), a: v.optional(attributes) })),
        '-': v.optional(v.object({ a: v.optional(v.array(v.string())) })),
      }),
    ),
  ),
  /** Removed. */
  r: v.optional(v.array(v.string())),
});

export class EntityStates {
  readonly #maxEntities: number;
  readonly #states = new Map<string, EntityState>();

  constructor(maxEntities: number) {
    this.#maxEntities = maxEntities;
  }

  get ids(): string[] {
    return [...this.#states.keys()];
  }

  get(entityId: string): EntityState | undefined {
    return this.#states.get(entityId);
  }

  /** The ids that came, changed or went; those beyond the limit are not kept, and counted in `refused`. */
  apply(event: v.InferOutput<typeof entitiesEvent>): { changed: string[]; refused: number } {
    const changed: string[] = [];
    let refused = 0;
    const put = (id: string, state: EntityState): void => {
      this.#states.set(id, state);
      changed.push(id);
    };
    for (const [id, { s: state, a }] of Object.entries(event.a ?? {})) {
      if (this.#states.has(id) || this.#states.size < this.#maxEntities) put(id, { state, attributes: a });
      else refused += 1;
    }
    for (const [id, { '+': plus, '-': minus }] of Object.entries(event.c ?? {})) {
      const before = this.#states.get(id);
      if (!before) continue;
      const gone = new Set(minus?.a);
      const kept = Object.entries(before.attributes).filter(([name]) => !gone.has(name));
      put(id, { state: plus?.s ?? before.state, attributes: { ...Object.fromEntries(kept), ...plus?.a } });
    }
    for (const id of event.r ?? []) if (this.#states.delete(id)) changed.push(id);
    return { changed, refused };
  }
}
