/**
 * Groups of Home Assistant's own (`media_player.everywhere` with members) are taken apart: each member is told in the way
 * that it understands, and fails for itself. Groups that a maker's system plays in time stay whole.
 */
import type { HousePlayer } from './ports.ts';

/** Groups within groups. */
const MAX_DEPTH = 5;

/** Every speaker once, in order; a member that is unknown is kept, so that it is told about. */
export function takeApart(entityIds: readonly string[], players: readonly HousePlayer[]): string[] {
  const byId = new Map(players.map((player) => [player.entityId, player]));
  const found = new Set<string>();
  const seen = new Set<string>();
  const add = (entityId: string, depth: number): void => {
    if (seen.has(entityId)) return;
    seen.add(entityId);
    const members = membersOf(byId.get(entityId));
    if (members.length === 0 || depth >= MAX_DEPTH) found.add(entityId);
    else members.forEach((member) => add(member, depth + 1));
  };
  entityIds.forEach((entityId) => add(entityId, 0));
  return [...found];
}

/** One written in YAML has no platform. */
function membersOf(player: HousePlayer | undefined): string[] {
  if (player?.platform !== 'group' && player?.platform !== null) return [];
  const members = player.attributes['entity_id'];
  return Array.isArray(members) ? members.filter((member) => typeof member === 'string') : [];
}
