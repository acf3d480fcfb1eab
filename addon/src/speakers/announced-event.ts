/** How an announcement went, as automations are told on Home Assistant's bus. */
import type { Announcement } from './announcement.ts';

export const ANNOUNCED = 'voice_streaming_announced';

/** A private talk is not named. */
export function announcedData({ talk, info }: Announcement): Record<string, unknown> {
  const targets = info.targets.map(({ entityId, state, fault, why, startDelayMs }) => ({
    entity_id: entityId,
    state,
    ...(fault === undefined ? {} : { error: fault }),
    ...(why === undefined ? {} : { why }),
    ...(startDelayMs === undefined ? {} : { start_delay_ms: startDelayMs }),
  }));
  return {
    announcement_id: info.id,
    ...(talk?.private === false ? { stream: talk.streamId, talk_id: talk.talkId } : {}),
    targets,
  };
}
