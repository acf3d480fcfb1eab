/** New keys for media URLs, with players on them: the old URLs are dead at once, for whoever plays and whoever comes. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { httpRig, type HttpRig } from '../support/http-rig.ts';
import { Player } from '../support/player.ts';

let rig: HttpRig;

beforeEach(async () => {
  rig = await httpRig();
  rig.relay.start({ id: 'door', name: 'Door' });
  rig.relay.start({ id: 'hall', name: 'Hall' });
});

afterEach(() => rig.close());

const urlOf = (id: string): string => rig.mediaUrls.urlsOf(id).mp3Url;
const ticketOf = (id: string): string => `${rig.url}/${rig.tickets.pathOf(id)}`;
const statusOf = async (url: string): Promise<number> => (await fetch(url, { method: 'HEAD' })).status;

test('of one stream: its URL and tickets get 404, its players are cut off, others play on', async () => {
  const old = [urlOf('door'), ticketOf('door')];
  const others = [urlOf('hall'), urlOf('latest'), ticketOf('hall'), `${rig.url}/stream/door.mp3`];
  for (const url of [...old, ...others]) expect(await statusOf(url), url).toBe(200);
  const cut = await Promise.all(old.map((url) => Player.play(url)));
  const going = await Promise.all(others.map((url) => Player.play(url)));

  const dead = await rig.mediaUrls.rotate('door', ['door', 'hall']);

  expect(dead.map(({ mp3Url }) => mp3Url)).toEqual([old[0]]);
  await Promise.all(cut.map((player) => player.ended));
  for (const url of old) expect(await statusOf(url), url).toBe(404);
  for (const url of [...others, urlOf('door'), ticketOf('door')]) expect(await statusOf(url), url).toBe(200);
  expect(urlOf('door')).not.toBe(old[0]);
  expect(going.map(({ response }) => response.destroyed)).toEqual(others.map(() => false));
  for (const player of going) player.leave();
});

test('of all: every old URL and ticket is dead, the new ones play', async () => {
  const old = ['latest', 'door', 'hall'].flatMap((id) => [urlOf(id), ticketOf(id)]);
  const players = await Promise.all(old.map((url) => Player.play(url)));

  const dead = await rig.mediaUrls.rotate(undefined, ['door', 'hall']);

  expect(dead.map(({ id }) => id)).toEqual(['latest', 'door', 'hall']);
  await Promise.all(players.map((player) => player.ended));
  for (const url of old) expect(await statusOf(url), url).toBe(404);
  for (const id of ['latest', 'door', 'hall']) {
    expect([await statusOf(urlOf(id)), await statusOf(ticketOf(id))], id).toEqual([200, 200]);
  }
});
