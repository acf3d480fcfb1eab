import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { KITCHEN, pass, playIdOf, Rig } from './rig.ts';

let rig: Rig;

beforeEach(() => {
  vi.useFakeTimers();
  rig = new Rig();
});

afterEach(async () => {
  await rig.close();
  vi.useRealTimers();
});

async function toldOn(platform: string): Promise<Readonly<Record<string, unknown>>> {
  rig.house.add(KITCHEN, { platform });
  rig.talks.begin('tablet');
  rig.announce();
  await pass(0);
  return rig.house.calls.find(({ service }) => service === 'play_media')?.data ?? {};
}

it('Volumio is given an item for its queue: it parses what it is told, and an address is no JSON', async () => {
  const item = JSON.parse(String((await toldOn('volumio'))['media_content_id'])) as Record<string, string>;
  expect(item).toMatchObject({ service: 'webradio', type: 'webradio' });
  expect(playIdOf(item['uri'] ?? '')).not.toBe('');
});

it('Cast, which waits for bytes, gets the format with the most of them, under its true name', async () => {
  const told = await toldOn('cast');
  expect(told['media_content_id']).toMatch(/\.wav$/);
  expect(told).toMatchObject({ media_content_type: 'audio/wav', extra: { stream_type: 'LIVE' } });
});

it('a platform that nobody knows is told plainly, without announce', async () => {
  const told = await toldOn('acme');
  expect(told['media_content_id']).toMatch(/^http:.*mp3-320$/);
  expect(told).toEqual({ media_content_id: told['media_content_id'], media_content_type: 'music' });
});
