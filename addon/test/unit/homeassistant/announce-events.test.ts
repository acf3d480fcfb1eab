import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RequestError } from '@voice-streaming/shared/errors';
import { AnnounceEvents } from '../../../src/homeassistant/announce-events.ts';
import { CoreError } from '../../../src/homeassistant/core.ts';
import { FakeCore } from '../../fakes/fake-core.ts';
import { quietLog } from '../../support/quiet-log.ts';

const announced = { type: 'fire_event', event_type: 'voice_streaming_announced' };
const ours = { type: 'subscribe_events', event_type: 'voice_streaming_announce' };

let core: FakeCore;
let log: ReturnType<typeof quietLog>;
let events: AnnounceEvents;
let announceFromEvent: ReturnType<typeof vi.fn<(data: unknown) => void>>;

beforeEach(() => {
  core = new FakeCore();
  core.answers['subscribe_events'] = null;
  log = quietLog();
  announceFromEvent = vi.fn<(data: unknown) => void>();
  events = new AnnounceEvents({
    log,
    core,
    announcer: { announceFromEvent },
    firstPauseMs: 1,
    longestPauseMs: 2,
  });
});

afterEach(() => events.close());

const subscribed = (times: number): Promise<void> =>
  vi.waitFor(() => expect(core.asked('subscribe_events')).toHaveLength(times));

async function say(data: unknown): Promise<void> {
  core.tell(ours, { event_type: ours.event_type, data, context: {} });
  await Promise.resolve();
}

test('an event is an announcement, its data as they came', async () => {
  events.start();
  await subscribed(1);
  await say({ targets: 'media_player.kitchen', volume: 0.4 });
  await say({});
  expect(announceFromEvent.mock.calls).toEqual([[{ targets: 'media_player.kitchen', volume: 0.4 }], [{}]]);
  expect(core.asked('fire_event')).toEqual([]);
  expect(log.lines).toEqual([]);
});

test.each([
  [{ targets: ['media_player.a', 'media_player.b'], volume: 7 }, ['media_player.a', 'media_player.b']],
  [{ targets: 'media_player.a', volume: 7 }, ['media_player.a']],
  [{ targets: { wrong: true } }, []],
  ['no object', []],
])('what is wrong with %j is told in the log and to automations', async (data, targets) => {
  announceFromEvent.mockImplementation(() => {
    throw new RequestError('bad_arguments', 'volume is from 0 to 1.');
  });
  events.start();
  await subscribed(1);
  await say(data);
  expect(log.lines).toEqual([
    'WARN voice_streaming_announce from an automation cannot be done: volume is from 0 to 1.',
  ]);
  const failure = { error: 'bad_arguments', why: 'volume is from 0 to 1.' };
  expect(core.asked('fire_event')).toEqual([
    {
      ...announced,
      event_data: {
        announcement_id: null,
        ...failure,
        targets: targets.map((entity_id) => ({ entity_id, state: 'failed', ...failure })),
      },
    },
  ]);
});

test('after Core was away events are heard again, once each', async () => {
  events.start();
  await subscribed(1);
  core.leave();
  core.return();
  await subscribed(2);
  await say({ targets: 'media_player.a' });
  expect(announceFromEvent).toHaveBeenCalledTimes(1);
});

test('a Core that refuses is asked again, and that is said once', async () => {
  core.answers['subscribe_events'] = new CoreError('unknown_error', 'Not now.');
  events.start();
  await vi.waitFor(() => expect(core.asked('subscribe_events').length).toBeGreaterThan(3));
  expect(log.lines).toEqual(['WARN Automations are not heard: Not now.']);
  core.answers['subscribe_events'] = null;
  await vi.waitFor(async () => {
    await say({ targets: 'media_player.a' });
    expect(announceFromEvent).toHaveBeenCalled();
  });
});

test('nothing is heard after the end', async () => {
  events.start();
  await subscribed(1);
  await events.close();
  await say({ targets: 'media_player.a' });
  expect(announceFromEvent).not.toHaveBeenCalled();
});

test('an automation that asks again whenever it is refused does not go round for ever', async () => {
  announceFromEvent.mockImplementation(() => {
    throw new RequestError('server_full', 'Too many.');
  });
  events.start();
  await subscribed(1);
  for (let asked = 0; asked < 1_000; asked += 1) await say({ targets: 'media_player.kitchen' });
  expect(announceFromEvent).toHaveBeenCalledTimes(1_000);
  expect(core.asked('fire_event')).toHaveLength(10);
  await events.close();
  expect(log.lines).toHaveLength(11);
  expect(log.lines.at(-1)).toMatch(/^WARN 990 events voice_streaming_announce/);
});
