/** What a person is told when the card cannot simply be there, by the real Core. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { RealHouse } from './real-house.ts';

const PATIENCE = { timeout: 15_000, interval: 100 };

interface Notification {
  notification_id: string;
  title: string;
  message: string;
}

let house: RealHouse;

afterEach(() => house.close());

const notifications = (): Promise<Notification[]> => house.ask({ type: 'persistent_notification/get' });
const ours = async (): Promise<Notification[]> =>
  (await notifications()).filter(({ notification_id: id }) => id.startsWith('voice_streaming'));

it('asks for one restart where there was no folder for the card, is there after it, and leaves as it is documented', async () => {
  house = await RealHouse.build({ www: false });
  const addon = await house.startAddon();
  const { id, url } = await house.cardInstalled();
  const card = async (): Promise<number> => (await fetch(house.core.url + url)).status;
  await expect.poll(ours, PATIENCE).toHaveLength(1);
  expect((await ours())[0]?.message).toContain('estart');
  expect(await card()).toBe(404);
  await house.core.restart();
  expect(await card()).toBe(200);
  // Connected again by itself, the add-on has nothing more to say, and nothing twice.
  await expect.poll(ours, PATIENCE).toEqual([]);
  expect(await house.resources()).toHaveLength(1);

  // Uninstalled, it leaves behind what DOCS.md says, and nothing else.
  await addon.stop();
  const { configDirectory } = house.core;
  expect(await readdir(join(configDirectory, 'www'))).toEqual(['voice-streaming']);
  const elsewhere = (await readdir(configDirectory)).filter((name) => /voice/i.test(name));
  expect(elsewhere).toEqual([]);
  expect(await house.resources()).toEqual([{ id, type: 'module', url }]);
  await house.ask({ type: 'lovelace/resources/delete', resource_id: id });
  await rm(join(configDirectory, 'www/voice-streaming'), { recursive: true });
  expect([await house.resources(), await card()]).toEqual([[], 404]);
});

it('tells what to write where resources are kept in YAML', async () => {
  house = await RealHouse.build({ resourceMode: 'yaml' });
  await house.startAddon();
  await expect.poll(ours, PATIENCE).toHaveLength(1);
  expect((await ours())[0]?.message).toContain('/local/voice-streaming/voice-streaming-card.js');
  expect(await house.resources()).toEqual([]);
});
