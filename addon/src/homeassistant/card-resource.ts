/**
 * CardResource: the card in the list of JavaScript that Home Assistant's dashboards load. There is never a second entry:
 * a card defined twice throws in every dashboard.
 */
import * as v from 'valibot';
import type { Core } from './core.ts';
import { CoreError } from './core.ts';
import { CARD_FILE, CARD_FOLDER } from './www-folder.ts';

export type Registration =
  /** `changed`: dashboards that are open load it after a reload. */
  | { kind: 'registered'; changed: boolean }
  /** The list is the owner's own YAML, and does not hold `url`. */
  | { kind: 'yaml'; url: string };

const resource = v.object({
  /** Only in storage mode. */
  id: v.optional(v.string()),
  type: v.optional(v.string()),
  url: v.string(),
});

const lovelaceInfo = v.object({ resource_mode: v.optional(v.string()), mode: v.optional(v.string()) });

export const CARD_PATH = `/local/${CARD_FOLDER}/${CARD_FILE}`;

/** The version makes browsers load a new file, which they keep for a month; the card finds us by the slug. */
export function cardUrl(version: string, slug: string): string {
  return `${CARD_PATH}?${new URLSearchParams({ v: version, app: slug }).toString()}`;
}

/** Rejects with CoreError. */
export async function registerCard(core: Pick<Core, 'request'>, url: string): Promise<Registration> {
  const all = await core.request({ type: 'lovelace/resources' }, v.array(resource));
  const ours = all.filter((each) => each.url.split('?', 1)[0] === CARD_PATH);
  if (ours.length === 1 && ours[0]?.url === url && ours[0].type === 'module') {
    return { kind: 'registered', changed: false };
  }
  if (await isYaml(core)) return { kind: 'yaml', url };
  const [first, ...others] = ours.filter((each) => each.id !== undefined);
  try {
    for (const other of others) {
      await core.request({ type: 'lovelace/resources/delete', resource_id: other.id }, v.unknown());
    }
    if (!first) {
      await core.request({ type: 'lovelace/resources/create', res_type: 'module', url }, v.unknown());
    } else if (first.url !== url || first.type !== 'module') {
      const change = { resource_id: first.id, res_type: 'module', url };
      await core.request({ type: 'lovelace/resources/update', ...change }, v.unknown());
    }
  } catch (error) {
    // In YAML mode Core does not know these commands; older ones do not say their mode.
    if (error instanceof CoreError && error.code === 'unknown_command') return { kind: 'yaml', url };
    throw error;
  }
  return { kind: 'registered', changed: true };
}

async function isYaml(core: Pick<Core, 'request'>): Promise<boolean> {
  try {
    const { resource_mode: resourceMode, mode } = await core.request({ type: 'lovelace/info' }, lovelaceInfo);
    // `mode` is about dashboards; only where `resource_mode` is unknown it told of resources, too.
    return (resourceMode ?? mode) === 'yaml';
  } catch (error) {
    if (error instanceof CoreError && error.code === 'unknown_command') return false;
    throw error;
  }
}
