import { beforeEach, describe, expect, it } from 'vitest';
import { BrowserStorage } from '../src/browser-storage.ts';
import { Talkers } from '../src/talkers.ts';
import { Volumes } from '../src/volumes.ts';
import { FakeStorage } from './fakes/fake-storage.ts';

describe('Talkers', () => {
  let talkers: Talkers;
  const ids = (): string[] => talkers.list.map(({ streamId }) => streamId);

  beforeEach(() => {
    talkers = new Talkers(new Volumes(new BrowserStorage(new FakeStorage().asStorage)));
  });

  it('keeps the order in which they began, whatever slot they are in', () => {
    talkers.setSlots({ 0: null, 1: 'hall', 2: null });
    talkers.setSlots({ 0: 'attic', 1: 'hall', 2: null });
    talkers.setSlots({ 0: 'attic', 1: 'hall', 2: 'bath' });
    expect(ids()).toEqual(['hall', 'attic', 'bath']);
    talkers.setSlots({ 0: null, 1: 'hall', 2: 'bath' });
    talkers.setSlots({ 0: 'attic', 1: 'hall', 2: 'bath' });
    expect(ids()).toEqual(['hall', 'bath', 'attic']);
  });

  it('has name, slot and level of each', () => {
    const idle = { live: true, since: 1, receivers: 0, listeners: 0 };
    talkers.setStreams([{ id: 'hall', name: 'The hall', ...idle }]);
    talkers.setSlots({ 0: null, 1: 'hall' });
    talkers.setLevels({ hall: -23, bath: -10 });
    expect(talkers.list).toEqual([
      { streamId: 'hall', name: 'The hall', mid: '1', level: -23, volume: 1, muted: false },
    ]);
    talkers.setSlots({ 0: null, 1: null });
    talkers.setSlots({ 0: null, 1: 'hall' });
    expect(talkers.list[0]!.level).toBe(-127);
  });

  it('a volume set while muted is heard again', () => {
    talkers.setSlots({ 0: 'hall' });
    talkers.setMuted('hall', true);
    expect(talkers.volumes).toEqual({ 0: 0 });
    talkers.setVolume('hall', 0.5);
    expect(talkers.volumes).toEqual({ 0: 0.5 });
    expect(talkers.list[0]).toMatchObject({ volume: 0.5, muted: false });
  });
});

describe('Volumes', () => {
  const kept = new FakeStorage();
  const volumes = (): Volumes => new Volumes(new BrowserStorage(kept.asStorage));

  beforeEach(() => kept.items.clear());

  it('are kept in the browser, within 0 and 1', () => {
    volumes().set('hall', 0.25);
    expect(volumes().of('hall')).toBe(0.25);
    volumes().set('hall', -3);
    expect(volumes().of('hall')).toBe(0);
    volumes().set('hall', 7);
    expect(volumes().of('hall')).toBe(1);
    expect(kept.items.size).toBe(0);
  });

  it('forgets the oldest of very many', () => {
    const many = volumes();
    for (let index = 0; index < 101; index += 1) many.set(`stream-${index}`, 0.5);
    expect(volumes().of('stream-0')).toBe(1);
    expect(volumes().of('stream-1')).toBe(0.5);
  });

  it.each(['{', '{"hall":1}', '[["hall","loud"],["hall",7],null]'])('takes %s for nothing', (text) => {
    kept.items.set('voice-streaming.volumes', text);
    expect(volumes().of('hall')).toBe(1);
  });

  it('live as long as the page where storage is refused', () => {
    kept.refuses = true;
    const ofPage = volumes();
    ofPage.set('hall', 0.5);
    kept.refuses = false;
    expect(ofPage.of('hall')).toBe(0.5);
  });
});
