import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CoreError } from '../../../src/homeassistant/core.ts';
import { TalkEvents } from '../../../src/homeassistant/talk-events.ts';
import { Relay } from '../../../src/media/relay.ts';
import { FakeCore } from '../../fakes/fake-core.ts';
import { quietLog } from '../../support/quiet-log.ts';

let core: FakeCore;
let relay: Relay;
let log: ReturnType<typeof quietLog>;
let events: TalkEvents;

const mediaUrls = {
  isReachable: true,
  urlsOf: (id: string) => ({
    id,
    mp3Url: `http://host/key/stream/${id}.mp3`,
    wavUrl: `http://host/key/stream/${id}.wav`,
  }),
  talkUrls: ({ talkId, streamId }: { talkId: string; streamId: string }) => ({
    id: talkId,
    mp3Url: `http://host/${streamId}s-key/talk/${talkId}.mp3`,
    mp3At320Url: `http://host/${streamId}s-key/talk/${talkId}.320.mp3`,
    wavUrl: `http://host/${streamId}s-key/talk/${talkId}.wav`,
  }),
};
const fired = (): string[] =>
  core.asked('fire_event').map(({ event_type: type, event_data: data }) => {
    const { stream_id: id } = data as { stream_id: string };
    return `${String(type).replace('voice_streaming_', '')} ${id}`;
  });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  core = new FakeCore();
  log = quietLog();
  relay = new Relay({ log });
  events = new TalkEvents({ log, core, relay, mediaUrls, maxWaiting: 4 });
  events.start();
});

afterEach(async () => {
  vi.useRealTimers();
  await events.close();
  await relay.close();
});

test('no URL where no port leads to it, but what to do', async () => {
  mediaUrls.isReachable = false;
  relay.start({ id: 'kitchen', name: 'Kitchen' });
  mediaUrls.isReachable = true;
  await vi.waitFor(() => expect(fired()).toHaveLength(1));
  const { event_data: data } = core.requests[0]!;
  expect(data).toMatchObject({ mp3_url: null, mp3_320_url: null, wav_url: null, stream_mp3_url: null });
  expect((data as { problem: string }).problem).toContain('give port 8081 a number');
});

test('both events, whole', async () => {
  const stream = relay.start({ id: 'kitchen', name: 'Kitchen', user: 'Ada' });
  vi.advanceTimersByTime(3_240);
  relay.end(stream, 'stopped');
  await vi.waitFor(() => expect(fired()).toHaveLength(2));
  const data = {
    stream_id: 'kitchen',
    talk_id: stream.talkId,
    name: 'Kitchen',
    user: 'Ada',
    monitor: false,
    mp3_url: `http://host/kitchens-key/talk/${stream.talkId}.mp3`,
    mp3_320_url: `http://host/kitchens-key/talk/${stream.talkId}.320.mp3`,
    wav_url: `http://host/kitchens-key/talk/${stream.talkId}.wav`,
    stream_mp3_url: 'http://host/key/stream/kitchen.mp3',
  };
  expect(core.requests).toEqual([
    { type: 'fire_event', event_type: 'voice_streaming_started', event_data: data },
    { type: 'fire_event', event_type: 'voice_streaming_ended', event_data: { ...data, duration: 3.2 } },
  ]);
});

test('a monitor is marked, a private talk is nobody’s business', async () => {
  relay.end(relay.start({ id: 'secret', name: 'Secret', private: true }), 'stopped');
  relay.start({ id: 'nursery', name: 'Nursery', monitor: true });
  await vi.waitFor(() => expect(fired()).toEqual(['started nursery']));
  // Its sound is not kept: there is no talk to play from its beginning.
  const stream = 'http://host/key/stream/nursery';
  expect(core.requests[0]?.['event_data']).toMatchObject({
    mp3_url: `${stream}.mp3`,
    mp3_320_url: `${stream}.320.mp3`,
    wav_url: `${stream}.wav`,
    stream_mp3_url: `${stream}.mp3`,
  });
  expect(core.requests[0]).toMatchObject({ event_data: { monitor: true, user: null } });
});

test('while Core is away they wait a little, in order', async () => {
  core.connected = false;
  relay.end(relay.start({ id: 'kitchen', name: 'Kitchen' }), 'stopped');
  vi.advanceTimersByTime(4_000);
  core.return();
  await vi.waitFor(() => expect(fired()).toEqual(['started kitchen', 'ended kitchen']));
  expect(log.lines).toEqual([]);
});

test('and not too long: what is too old is dropped and counted', async () => {
  core.connected = false;
  relay.end(relay.start({ id: 'kitchen', name: 'Kitchen' }), 'stopped');
  vi.advanceTimersByTime(4_000);
  relay.start({ id: 'office', name: 'Office' });
  vi.advanceTimersByTime(1_500);
  core.return();
  await vi.waitFor(() => expect(fired()).toEqual(['started office']));
  await vi.waitFor(() =>
    expect(log.lines).toEqual(['WARN 2 events for automations were dropped, as Home Assistant Core was away']),
  );
});

test('no more than so many wait', async () => {
  core.connected = false;
  for (let turn = 0; turn < 5; turn += 1) relay.start({ id: `s${turn}`, name: 'S' });
  core.return();
  await vi.waitFor(() => expect(fired()).toEqual(['started s1', 'started s2', 'started s3', 'started s4']));
});

test('one that Core refuses does not hold up the next', async () => {
  let turn = 0;
  core.answers['fire_event'] = () => (turn++ === 0 ? new CoreError('late', 'not in time') : {});
  relay.end(relay.start({ id: 'kitchen', name: 'Kitchen' }), 'stopped');
  await vi.waitFor(() => expect(fired()).toEqual(['started kitchen', 'ended kitchen']));
  expect(log.lines[0]).toBe('WARN an event for automations is lost: not in time');
});

test('at the end what can be sent is sent', async () => {
  relay.start({ id: 'kitchen', name: 'Kitchen' });
  await relay.close();
  await events.close();
  expect(fired()).toEqual(['started kitchen', 'ended kitchen']);
});

test('and the end does not wait for a Core that says nothing', async () => {
  core.answers['fire_event'] = () => new Promise(() => undefined);
  relay.start({ id: 'kitchen', name: 'Kitchen' });
  vi.useRealTimers();
  const before = performance.now();
  await events.close();
  expect(performance.now() - before).toBeLessThan(1_000);
});
