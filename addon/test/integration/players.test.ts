/** The media players of the house, as the add-on sees them over a real WebSocket: live, through restarts, and in a large house. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Player, Players } from '../../src/homeassistant/players.ts';
import { houseRig, type HouseRig } from '../support/house-rig.ts';
import { CommandError } from '../support/stub-core-commands.ts';
import type { FakeHome } from '../support/stub-core-home.ts';

const KITCHEN = 'media_player.kitchen';

let rig: HouseRig;
let home: FakeHome;
let players: Players;

beforeEach(async () => {
  rig = await houseRig();
  home = rig.stub.core.home;
  players = rig.house.players;
  home.players.set('light.hall', 'on');
  home.players.set(KITCHEN, 'idle', { friendly_name: 'Kitchen', supported_features: 1, volume_level: 0.3 });
  home.players.register(KITCHEN, { platform: 'mpd', manufacturer: 'MPD', model: '0.24', area: 'Kitchen' });
});

afterEach(() => rig.close());

const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 10 });
const kitchen = (): Player | undefined => players.players().find(({ entityId }) => entityId === KITCHEN);

it('live, with platform, maker and room, and nothing but media players', async () => {
  await eventually(() => expect(kitchen()).toMatchObject({ name: 'Kitchen', platform: 'mpd', area: 'Kitchen' }));
  expect(players.available).toBe(true);
  home.players.set(KITCHEN, 'playing', { friendly_name: 'Kitchen', media_title: 'Song' });
  await eventually(() => expect(kitchen()?.state).toBe('playing'));
  expect(kitchen()?.attributes).toEqual({ friendly_name: 'Kitchen', media_title: 'Song' });
  home.players.remove(KITCHEN);
  await eventually(() => expect(players.players()).toEqual([]));
});

it('a room that is changed, and a player that comes later', async () => {
  await eventually(() => expect(players.available).toBe(true));
  home.players.register(KITCHEN, { platform: 'mpd', area: 'Bathroom' });
  home.fireEvent('entity_registry_updated', { action: 'update', entity_id: KITCHEN }, 'u');
  await eventually(() => expect(kitchen()?.area).toBe('Bathroom'));
  home.players.register('media_player.hall', { platform: 'cast', area: 'Hall' });
  home.players.set('media_player.hall', 'off');
  await eventually(() => {
    expect(players.players().find(({ platform }) => platform === 'cast')).toMatchObject({ area: 'Hall', state: 'off' });
  });
});

it('a player that is renamed is known as the same', async () => {
  await eventually(() => expect(kitchen()?.registryId).toBe(`entry of ${KITCHEN}`));
  const hall = 'media_player.hall';
  home.players.register(hall, { platform: 'mpd', registryId: `entry of ${KITCHEN}` });
  home.players.remove(KITCHEN);
  home.players.set(hall, 'idle');
  home.fireEvent('entity_registry_updated', { action: 'update', entity_id: hall, old_entity_id: KITCHEN }, 'u');
  await eventually(() => {
    expect(players.players()).toMatchObject([{ entityId: hall, registryId: `entry of ${KITCHEN}` }]);
  });
});

it('Core restarts: away at once, back by itself, live again', async () => {
  await eventually(() => expect(players.available).toBe(true));
  const seen: string[] = [];
  players.onAvailableChanged(() => seen.push(`${players.available} ${kitchen()?.state}`));
  for (let restarts = 1; restarts <= 2; restarts++) {
    rig.stub.core.restart();
    home.players.set(KITCHEN, `state ${restarts}`);
    await eventually(() => expect(seen).toHaveLength(2 * restarts));
  }
  expect(seen).toEqual(['false idle', 'true state 1', 'false state 1', 'true state 2']);
  home.players.set(KITCHEN, 'paused');
  await eventually(() => expect(kitchen()?.state).toBe('paused'));
  expect(rig.said('ERROR')).toEqual([]);
});

it("a service that fails, in its integration's words; one while Core is away", async () => {
  await eventually(() => expect(players.available).toBe(true));
  const play = (): Promise<void> => players.callService('media_player.play_media', KITCHEN, { media_content_id: 'x' });
  await play();
  expect(home.serviceCalls.at(-1)).toMatchObject({
    domain: 'media_player',
    service: 'play_media',
    data: { entity_id: KITCHEN, media_content_id: 'x' },
  });
  home.serve = () => {
    throw new CommandError('home_assistant_error', 'UPnP Error 714 received: Illegal MIME-Type');
  };
  await expect(play()).rejects.toMatchObject({
    code: 'refused',
    message: 'UPnP Error 714 received: Illegal MIME-Type',
  });
  home.serve = () => rig.stub.core.dropConnections();
  await expect(play()).rejects.toMatchObject({ code: 'unavailable' });
});

it('a house with 3000 entities, 60 of them players that play, costs next to nothing', async () => {
  for (let i = 0; i < 2940; i++) home.players.set(`sensor.s${i}`, String(i), { friendly_name: `Sensor ${i}` });
  for (let i = 0; i < 60; i++) {
    home.players.register(`media_player.p${i}`, { platform: 'sonos' });
    home.players.set(`media_player.p${i}`, 'playing', {
      friendly_name: `Player ${i}`,
      source_list: Array(50).fill('s'),
    });
  }
  await eventually(() => expect(players.players().filter(({ platform }) => platform === 'sonos')).toHaveLength(60));
  const heard = vi.fn();
  players.onPlayersChanged(heard);
  for (let i = 0; i < 2940; i++) home.players.set(`sensor.s${i}`, 'changed');
  home.players.set(KITCHEN, 'playing');
  await eventually(() => expect(kitchen()?.state).toBe('playing'));
  expect(heard.mock.calls).toEqual([[KITCHEN]]);
});
