import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CoreError } from '../../../src/homeassistant/core.ts';
import { Players, type PlayersOptions } from '../../../src/homeassistant/players.ts';
import { FakeCore } from '../../fakes/fake-core.ts';
import { quietLog } from '../../support/quiet-log.ts';

const KITCHEN = 'media_player.kitchen';
const BATH = 'media_player.bath';
const entities = { type: 'subscribe_entities' };

let core: FakeCore;
let log: ReturnType<typeof quietLog>;
let players: Players;
let changed: string[];
let registered: Record<string, unknown>;

beforeEach(() => {
  vi.useFakeTimers();
  core = new FakeCore();
  log = quietLog();
  changed = [];
  registered = { [KITCHEN]: { platform: 'sonos', device_id: 'd1', area_id: null } };
  Object.assign(core.answers, {
    subscribe_entities: null,
    subscribe_events: null,
    'config/entity_registry/get_entries': ({ entity_ids: ids }: { entity_ids: string[] }) =>
      Object.fromEntries(ids.map((id) => [id, registered[id] ?? null])),
    'config/device_registry/list': () => [
      { id: 'd0', manufacturer: 'Other', model: null, area_id: null },
      { id: 'd1', manufacturer: 'Sonos', model: 'One', area_id: 'k' },
    ],
    'config/area_registry/list': () => [
      { area_id: 'k', name: 'Kitchen' },
      { area_id: 'b', name: 'Bathroom' },
    ],
  });
});

afterEach(async () => {
  await players.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

async function start(options: Partial<PlayersOptions> = {}): Promise<void> {
  players = new Players({ log, core, ...options });
  players.onPlayersChanged((id) => changed.push(id));
  players.start();
  await settle();
}

/** Lets what is under way be answered. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

async function startWith(a: Record<string, unknown>): Promise<void> {
  await start();
  core.tell(entities, { a });
  await settle();
}

const kitchen = { s: 'idle', a: { friendly_name: 'Kitchen', supported_features: 512, volume_level: 0.4 }, lc: 1 };

describe('what is there', () => {
  test('a player with all that Core knows of it', async () => {
    await startWith({ [KITCHEN]: kitchen, [BATH]: { s: 'off', a: {} } });
    expect(players.players()).toEqual([
      {
        entityId: KITCHEN,
        registryId: null,
        name: 'Kitchen',
        area: 'Kitchen',
        platform: 'sonos',
        manufacturer: 'Sonos',
        model: 'One',
        state: 'idle',
        attributes: kitchen.a,
        supportedFeatures: 512,
      },
      expect.objectContaining({ entityId: BATH, name: BATH, platform: null, area: null, supportedFeatures: 0 }),
    ]);
    expect(changed).toEqual([KITCHEN, BATH]);
    expect(players.available).toBe(true);
  });

  test('nothing but media players is asked for', async () => {
    await startWith({ [KITCHEN]: kitchen });
    expect(core.asked('subscribe_entities')).toEqual([{ ...entities, include: { domains: ['media_player'] } }]);
    expect(core.asked('config/entity_registry/get_entries')).toMatchObject([{ entity_ids: [KITCHEN] }]);
    expect(core.asked('get_states')).toEqual([]);
  });

  test("the entity's own room comes before its device's", async () => {
    registered[KITCHEN] = { platform: 'sonos', device_id: 'd1', area_id: 'b' };
    await startWith({ [KITCHEN]: kitchen });
    expect(players.players()[0]).toMatchObject({ area: 'Bathroom', manufacturer: 'Sonos' });
  });

  test('a house without media players is a house, and nobody asks for its devices', async () => {
    await startWith({});
    expect(players.players()).toEqual([]);
    expect(players.available).toBe(true);
    expect(core.asked('config/device_registry/list')).toEqual([]);
  });

  test('no more than the limit', async () => {
    await start({ maxPlayers: 2 });
    core.tell(entities, { a: { 'media_player.a': kitchen, 'media_player.b': kitchen, 'media_player.c': kitchen } });
    await settle();
    expect(players.players().map(({ entityId }) => entityId)).toEqual(['media_player.a', 'media_player.b']);
    expect(log.lines).toEqual(expect.arrayContaining([expect.stringContaining('more than 2 media players')]));
  });
});

describe('what changes', () => {
  beforeEach(() => startWith({ [KITCHEN]: kitchen }));

  test('state and attributes, new ones and those that are gone', () => {
    core.tell(entities, { c: { [KITCHEN]: { '+': { s: 'playing', a: { media_title: 'x' }, lc: 2 } } } });
    expect(players.players()[0]).toMatchObject({
      state: 'playing',
      attributes: { volume_level: 0.4, media_title: 'x' },
    });
    core.tell(entities, { c: { [KITCHEN]: { '+': { a: { volume_level: 0.2 } }, '-': { a: ['media_title'] } } } });
    expect(players.players()[0]).toMatchObject({ state: 'playing', attributes: { volume_level: 0.2 } });
    expect(players.players()[0]?.attributes).not.toHaveProperty('media_title');
    expect(changed).toEqual([KITCHEN, KITCHEN, KITCHEN]);
  });

  test('what is as it was is not told', () => {
    core.tell(entities, { c: { [KITCHEN]: { '+': { lu: 3 } } } });
    core.tell(entities, { c: { 'media_player.never_seen': { '+': { s: 'on' } } } });
    expect(changed).toEqual([KITCHEN]);
  });

  test('a player that goes, and one that comes is looked up', async () => {
    registered[BATH] = { platform: 'cast', device_id: null, area_id: 'b' };
    core.tell(entities, { r: [KITCHEN], a: { [BATH]: { s: 'idle', a: {} } } });
    expect(players.players()).toMatchObject([{ entityId: BATH, platform: null }]);
    await vi.advanceTimersByTimeAsync(500);
    expect(players.players()).toMatchObject([{ entityId: BATH, platform: 'cast', area: 'Bathroom' }]);
    expect(changed).toEqual([KITCHEN, BATH, KITCHEN, BATH]);
  });

  test('a player that is moved; a burst of changes asks once, and what concerns others never', async () => {
    const before = core.requests.length;
    const tell = (event_type: string, data: unknown): void =>
      core.tell({ type: 'subscribe_events', event_type }, { event_type, data });
    tell('entity_registry_updated', { action: 'update', entity_id: 'light.hall' });
    tell('device_registry_updated', { action: 'update', device_id: 'd0' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(core.requests.length).toBe(before);
    registered[KITCHEN] = { platform: 'sonos', device_id: 'd1', area_id: 'b' };
    for (let i = 0; i < 20; i++) tell('entity_registry_updated', { action: 'update', entity_id: KITCHEN });
    tell('device_registry_updated', { action: 'update', device_id: 'd1' });
    await vi.advanceTimersByTimeAsync(500);
    expect(players.players()[0]?.area).toBe('Bathroom');
    expect(core.asked('config/entity_registry/get_entries')).toHaveLength(2);
    expect(changed).toEqual([KITCHEN, KITCHEN]);
  });

  test('a listener that throws disturbs nobody', () => {
    players.onPlayersChanged(() => {
      throw new Error('mine');
    });
    const heard = vi.fn();
    players.onPlayersChanged(heard);
    core.tell(entities, { c: { [KITCHEN]: { '+': { s: 'playing' } } } });
    expect(heard).toHaveBeenCalledWith(KITCHEN);
  });
});

describe('Core comes and goes', () => {
  test('what was last known stays; after the return only differences are told', async () => {
    await startWith({ [KITCHEN]: kitchen, [BATH]: { s: 'off', a: {} } });
    const available: boolean[] = [];
    players.onAvailableChanged(() => available.push(players.available));
    core.leave();
    expect(players.available).toBe(false);
    expect(players.players()).toHaveLength(2);
    changed = [];
    core.return();
    await settle();
    core.tell(entities, { a: { [KITCHEN]: { ...kitchen, s: 'unavailable' } } });
    await settle();
    expect(available).toEqual([false, true]);
    expect(changed.sort()).toEqual([BATH, KITCHEN]);
    expect(players.players()).toMatchObject([{ entityId: KITCHEN, state: 'unavailable', platform: 'sonos' }]);
    // Of four subscriptions there is one each.
    changed = [];
    core.tell(entities, { c: { [KITCHEN]: { '+': { s: 'idle' } } } });
    expect(changed).toEqual([KITCHEN]);
  });

  test('an answer of the connection before the last is nobody’s', async () => {
    let answer: (value: unknown) => void = () => undefined;
    core.answers['config/entity_registry/get_entries'] = () => new Promise((resolve) => (answer = resolve));
    await startWith({ [KITCHEN]: kitchen });
    core.leave();
    answer({ [KITCHEN]: null });
    await settle();
    expect(players.available).toBe(false);
    expect(players.players()).toEqual([]);
  });

  test('is tried again quietly, and said once', async () => {
    // The pause between tries is Node's own, which is never faked.
    vi.useRealTimers();
    core.answers['subscribe_entities'] = new CoreError('unknown_error', 'Not now.');
    players = new Players({ log, core, firstPauseMs: 2, longestPauseMs: 4 });
    players.start();
    await vi.waitFor(() => expect(core.asked('subscribe_entities').length).toBeGreaterThan(3), { timeout: 10_000 });
    expect(players.available).toBe(false);
    expect(log.lines).toEqual(['WARN The media players are not known: Not now.']);
    core.answers['subscribe_entities'] = null;
    await vi.waitFor(() => {
      core.tell(entities, { a: { [KITCHEN]: kitchen } });
      expect(players.players()).toHaveLength(1);
    });
    vi.useFakeTimers();
  });

  test('players can be spoken to though the registries do not answer; they are asked again', async () => {
    core.answers['config/entity_registry/get_entries'] = new CoreError('late', 'No answer.');
    await startWith({ [KITCHEN]: kitchen });
    expect(players.available).toBe(true);
    expect(players.players()).toMatchObject([{ entityId: KITCHEN, platform: null }]);
    core.answers['config/entity_registry/get_entries'] = () => registered;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(players.players()).toMatchObject([{ entityId: KITCHEN, platform: 'sonos' }]);
  });
});

describe('services', () => {
  beforeEach(() => startWith({ [KITCHEN]: kitchen }));
  const play = (): Promise<void> =>
    players.callService('media_player.play_media', KITCHEN, { media_content_id: 'http://x/y.mp3' });

  test('are called on one player', async () => {
    await play();
    expect(core.asked('call_service')).toEqual([
      {
        type: 'call_service',
        domain: 'media_player',
        service: 'play_media',
        service_data: { media_content_id: 'http://x/y.mp3' },
        target: { entity_id: KITCHEN },
      },
    ]);
  });

  test.each([
    [new CoreError('home_assistant_error', '…', { said: 'UPnP Error 714' }), 'refused', 'UPnP Error 714'],
    [new CoreError('unknown_error', '…'), 'refused', 'Home Assistant refuses media_player.play_media (unknown_error).'],
    [new CoreError('late', '…'), 'timeout', 'Home Assistant did not answer media_player.play_media in time.'],
    [new CoreError('away', '…'), 'unavailable', 'Home Assistant Core is not there just now.'],
  ])('fail in words: %o', async (error, code, message) => {
    core.answers['call_service'] = error;
    await expect(play()).rejects.toMatchObject({ name: 'HouseError', code, message });
  });

  test('are not asked for without end', async () => {
    await players.close();
    core.answers['call_service'] = new Promise(() => undefined);
    await start({ maxPending: 2 });
    void play();
    void play();
    await expect(play()).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('events go to the bus', async () => {
    await players.fireEvent('voice_streaming_announced', { announcement_id: 'a' });
    expect(core.asked('fire_event')).toEqual([
      { type: 'fire_event', event_type: 'voice_streaming_announced', event_data: { announcement_id: 'a' } },
    ]);
  });
});
