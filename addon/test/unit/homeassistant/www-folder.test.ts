import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WwwFolder } from '../../../src/homeassistant/www-folder.ts';

let root: string;
let home: string;
let source: string;
let www: WwwFolder;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'www-'));
  home = join(root, 'homeassistant');
  source = join(root, 'dist');
  await mkdir(home);
  await mkdir(join(source, 'translations'), { recursive: true });
  await writeFile(join(source, 'voice-streaming-card.js'), 'first');
  await writeFile(join(source, 'voice-streaming-card.js.map'), 'map');
  await writeFile(join(source, 'pages.js'), 'pages');
  await writeFile(join(source, 'editor.js'), 'editor');
  await writeFile(join(source, 'page.js'), 'page');
  await writeFile(join(source, 'translations/de.js'), 'deutsch');
  www = new WwwFolder({ source, homeAssistantFolder: home });
});

afterEach(() => rm(root, { recursive: true, force: true }));

const folder = (): string => join(home, 'www/voice-streaming');

test('makes www, and says so; puts the card, its pages and its translations there and nothing else', async () => {
  expect(await www.copy()).toEqual({
    madeWww: true,
    changed: ['voice-streaming-card.js', 'pages.js', 'editor.js', 'translations/de.js'],
  });
  expect(await readdir(folder())).toEqual(['editor.js', 'pages.js', 'translations', 'voice-streaming-card.js']);
  expect(await readFile(join(folder(), 'translations/de.js'), 'utf8')).toBe('deutsch');
  expect((await stat(join(folder(), 'voice-streaming-card.js'))).mode & 0o777).toBe(0o644);
});

test('touches nothing that is right, and what is not in the same moment', async () => {
  await mkdir(join(home, 'www'));
  await www.copy();
  const before = await stat(join(folder(), 'voice-streaming-card.js'));
  expect(await www.copy()).toEqual({ madeWww: false, changed: [] });
  await writeFile(join(source, 'voice-streaming-card.js'), 'second');
  expect(await www.copy()).toEqual({ madeWww: false, changed: ['voice-streaming-card.js'] });
  // A new file in the old one's place: whoever reads the old one reads it to its end.
  expect((await stat(join(folder(), 'voice-streaming-card.js'))).ino).not.toBe(before.ino);
});

test('removes what a power cut left, and nothing of others', async () => {
  await mkdir(folder(), { recursive: true });
  await writeFile(join(folder(), '.voice-streaming-0123456789ab.tmp'), 'half');
  await writeFile(join(folder(), 'mine.txt'), 'mine');
  await www.copy();
  expect(await readdir(folder())).toEqual([
    'editor.js',
    'mine.txt',
    'pages.js',
    'translations',
    'voice-streaming-card.js',
  ]);
});

test('a file where a folder belongs', async () => {
  await writeFile(join(home, 'www'), 'a file');
  await expect(www.copy()).rejects.toThrow(
    /^The card's files cannot be put into .*: a file stands where a folder belongs\.$/,
  );
});

test('a configuration folder that is not there is not made', async () => {
  await rm(home, { recursive: true });
  await expect(www.copy()).rejects.toThrow(/homeassistant is missing\.$/);
  await expect(stat(home)).rejects.toThrow('ENOENT');
});

test('a bundle that is not there', async () => {
  await rm(source, { recursive: true });
  await expect(www.copy()).rejects.toThrow(/voice-streaming-card\.js is missing\.$/);
});

test('a folder that is read-only', async () => {
  // Nobody, not even root, makes folders there.
  const readOnly = new WwwFolder({ source, homeAssistantFolder: '/sys' });
  await expect(readOnly.copy()).rejects.toThrow(/it is read-only\.$/);
});
