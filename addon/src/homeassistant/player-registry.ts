/**
 * PlayerRegistry: what Core's registries know of entities: the integration behind each, its device's maker and model, and the
 * room. Asked for these entities only, and again when Core says that something about them has changed.
 */
import * as v from 'valibot';
import type { Core } from './core.ts';

export interface RegistryFacts {
  readonly registryId: string | null;
  readonly platform: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly area: string | null;
}

export const NO_FACTS: RegistryFacts = {
  registryId: null,
  platform: null,
  manufacturer: null,
  model: null,
  area: null,
};

const text = v.optional(v.nullable(v.string()), null);
const entries = v.record(
  v.string(),
  v.nullable(v.object({ id: text, platform: v.string(), device_id: text, area_id: text })),
);
const devices = v.array(v.object({ id: v.string(), manufacturer: text, model: text, area_id: text }));
const areas = v.array(v.object({ area_id: v.string(), name: v.string() }));
const updated = v.object({
  data: v.object({ entity_id: v.optional(v.string()), device_id: v.optional(v.string()) }),
});

export class PlayerRegistry {
  readonly #core: Pick<Core, 'request' | 'subscribe'>;
  #facts: ReadonlyMap<string, RegistryFacts> = new Map();
  #deviceIds: ReadonlySet<string> = new Set();
  #turn = 0;

  constructor(core: Pick<Core, 'request' | 'subscribe'>) {
    this.#core = core;
  }

  factsOf(entityId: string): RegistryFacts {
    return this.#facts.get(entityId) ?? NO_FACTS;
  }

  /** Each, when called, has `onChange` told when it is time to `look` again. For this connection; rejects with CoreError. */
  watches(isOurs: (entityId: string) => boolean, onChange: () => void): (() => Promise<void>)[] {
    const on = (event: string, concerns: (data: v.InferOutput<typeof updated>['data']) => boolean) => () =>
      this.#core.subscribe({ type: 'subscribe_events', event_type: event }, updated, ({ data }) => {
        if (concerns(data)) onChange();
      });
    return [
      on('entity_registry_updated', ({ entity_id: id = '' }) => isOurs(id)),
      on('device_registry_updated', ({ device_id: id = '' }) => this.#deviceIds.has(id)),
      on('area_registry_updated', () => true),
    ];
  }

  /** Asks anew; the ids of which something differs now. Rejects with CoreError. */
  async look(entityIds: readonly string[]): Promise<string[]> {
    const turn = (this.#turn += 1);
    const found = await this.#ask(entityIds);
    // A later question knows better.
    if (turn !== this.#turn) return [];
    const changed = entityIds.filter((id) => !isSame(this.factsOf(id), found.get(id) ?? NO_FACTS));
    this.#facts = found;
    return changed;
  }

  async #ask(entityIds: readonly string[]): Promise<Map<string, RegistryFacts>> {
    const found = new Map<string, RegistryFacts>();
    if (entityIds.length === 0) return found;
    const registered = Object.entries(
      await this.#core.request({ type: 'config/entity_registry/get_entries', entity_ids: entityIds }, entries),
    );
    const deviceIds = new Set(registered.map(([, entry]) => entry?.device_id).filter((id) => typeof id === 'string'));
    // Core has no way to ask for some devices only.
    const list = deviceIds.size === 0 ? [] : await this.#core.request({ type: 'config/device_registry/list' }, devices);
    const ours = new Map(list.filter(({ id }) => deviceIds.has(id)).map((device) => [device.id, device]));
    const rooms = await this.#core.request({ type: 'config/area_registry/list' }, areas);
    const nameOf = new Map(rooms.map(({ area_id: id, name }) => [id, name]));
    for (const [id, entry] of registered) {
      if (!entry) continue;
      const device = entry.device_id === null ? undefined : ours.get(entry.device_id);
      const { manufacturer = null, model = null } = device ?? {};
      const areaId = entry.area_id ?? device?.area_id ?? null;
      const area = areaId === null ? null : (nameOf.get(areaId) ?? null);
      found.set(id, { registryId: entry.id, platform: entry.platform, manufacturer, model, area });
    }
    this.#deviceIds = deviceIds;
    return found;
  }
}

function isSame(a: RegistryFacts, b: RegistryFacts): boolean {
  const keys = Object.keys(NO_FACTS) as (keyof RegistryFacts)[];
  return keys.every((key) => a[key] === b[key]);
}
