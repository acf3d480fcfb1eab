import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceRegistry } from '../../../src/signaling/device-registry.ts';
import { quietLog, type QuietLog } from '../../support/quiet-log.ts';
import { deviceKeyOf } from '../../support/signaling-rig.ts';

const nobody = (): boolean => false;
let dataDir: string;
let log: QuietLog;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'devices-'));
  log = quietLog();
});

afterEach(async () => {
  await rm(dataDir, { recursive: true });
});

const open = (options: { maxDevices?: number } = {}): Promise<DeviceRegistry> =>
  DeviceRegistry.open({ log, dataDir, ...options });

const read = (): Promise<string> => readFile(join(dataDir, 'devices.json'), 'utf8');

describe('identity', () => {
  it('gives the same key the same id, over a rename and a restart', async () => {
    const first = await open();
    expect(first.introduce(deviceKeyOf('a'), 'Kitchen tablet', nobody)).toEqual({
      id: 'kitchen-tablet',
      name: 'Kitchen tablet',
    });
    expect(first.introduce(deviceKeyOf('a'), 'Pantry', nobody)).toEqual({ id: 'kitchen-tablet', name: 'Pantry' });
    await first.close();
    const second = await open();
    expect(second.nameOf('kitchen-tablet')).toBe('Pantry');
    expect(second.introduce(deviceKeyOf('a'), 'Cellar', nobody).id).toBe('kitchen-tablet');
    await second.close();
    expect(log.lines).toEqual([]);
  });

  it('gives another key of the same name another id', async () => {
    const devices = await open();
    expect(devices.introduce(deviceKeyOf('a'), 'Kitchen', nobody).id).toBe('kitchen');
    expect(devices.introduce(deviceKeyOf('b'), 'kitchen', nobody).id).toBe('kitchen-2');
    expect(devices.introduce(deviceKeyOf('c'), 'Bath', (id) => id === 'bath').id).toBe('bath-2');
    expect([devices.has('kitchen-2'), devices.has('bath')]).toEqual([true, false]);
    await devices.close();
  });

  it('calls a device without a name Unnamed', async () => {
    const devices = await open();
    expect(devices.introduce(deviceKeyOf('a'), ' ', nobody)).toEqual({ id: 'stream-1', name: 'Unnamed' });
    expect(devices.introduce(deviceKeyOf('b'), '🎉', nobody)).toEqual({ id: 'stream-2', name: '🎉' });
    await devices.close();
  });

  it('forgets the least recently used device that is not in use', async () => {
    const devices = await open({ maxDevices: 3 });
    for (const name of ['one', 'two', 'three']) {
      devices.introduce(deviceKeyOf(name), name, nobody);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    devices.touch('one');
    devices.introduce(deviceKeyOf('four'), 'four', (id) => id === 'two');
    expect(['one', 'two', 'three', 'four'].filter((id) => devices.has(id))).toEqual(['one', 'two', 'four']);
    expect(devices.size).toBe(3);
    await devices.close();
  });
});

describe('the file', () => {
  it('holds no key, is readable by its owner only and leaves no temporary file', async () => {
    const devices = await open();
    devices.introduce(deviceKeyOf('a'), 'Kitchen', nobody);
    await devices.close();
    expect(await read()).not.toContain(deviceKeyOf('a'));
    expect((await stat(join(dataDir, 'devices.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(dataDir)).toEqual(['devices.json']);
  });

  it('is written by itself after a short while', async () => {
    const devices = await DeviceRegistry.open({ log, dataDir, writeDelayMs: 1 });
    devices.introduce(deviceKeyOf('a'), 'Kitchen', nobody);
    await expect.poll(() => read().catch(() => ''), { interval: 5 }).toContain('"kitchen"');
    await devices.close();
  });

  it.each([
    ['torn', '{"version":1,"devices":[{"keyHash":"00'],
    ['empty', ''],
    ['of a wrong shape', '{"version":1,"devices":{}}'],
    ['of tomorrow', '{"version":2,"devices":[]}'],
    ['of wrong devices', '{"version":1,"devices":[{"keyHash":"x","id":"../x","name":"","lastSeen":"now"}]}'],
  ])('is kept aside when it is %s', async (_name, text) => {
    await writeFile(join(dataDir, 'devices.json'), text);
    const devices = await open();
    expect(devices.size).toBe(0);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toContain('broken');
    devices.introduce(deviceKeyOf('a'), 'Kitchen', nobody);
    await devices.close();
    expect(await readFile(join(dataDir, 'devices.json.broken'), 'utf8')).toBe(text);
    expect(await read()).toContain('"kitchen"');
  });

  it('may be missing with its directory', async () => {
    const devices = await DeviceRegistry.open({ log, dataDir: join(dataDir, 'deep', 'down') });
    devices.introduce(deviceKeyOf('a'), 'Kitchen', nobody);
    await devices.close();
    expect(await readFile(join(dataDir, 'deep', 'down', 'devices.json'), 'utf8')).toContain('"kitchen"');
    expect(log.lines).toEqual([]);
  });

  it('that cannot be written is a warning, not an end', async () => {
    await writeFile(join(dataDir, 'file'), '');
    const devices = await DeviceRegistry.open({ log, dataDir: join(dataDir, 'file') });
    devices.introduce(deviceKeyOf('a'), 'Kitchen', nobody);
    await devices.close();
    expect(log.lines.some((line) => line.includes('cannot write'))).toBe(true);
  });
});
