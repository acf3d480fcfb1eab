import { createHmac } from 'node:crypto';
import fs, { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MediaKeys } from '../../../src/http/media-keys.ts';
import { MediaUrlBook } from '../../../src/http/media-url-book.ts';
import { Secrets, SecretsError } from '../../../src/http/secrets.ts';

let dataDir: string;
let file: string;

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'secrets-'));
  file = path.join(dataDir, 'secrets.json');
});

afterEach(() => rm(dataDir, { recursive: true }));

describe('secrets', () => {
  test('are made once, for the owner only, and stay', async () => {
    const deep = path.join(dataDir, 'not', 'yet');
    const first = await Secrets.load({ dataDir: deep });
    expect(first.isNew).toBe(true);
    expect(first.accessToken).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect((await stat(path.join(deep, 'secrets.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(deep)).toEqual(['secrets.json']);
    const second = await Secrets.load({ dataDir: deep });
    expect(second.isNew).toBe(false);
    expect(second.accessToken).toBe(first.accessToken);
    expect(second.mediaSecret).toEqual(first.mediaSecret);
    expect((await Secrets.load({ dataDir })).accessToken).not.toBe(first.accessToken);
  });

  test('a given access token stands instead of the stored one and is not stored', async () => {
    const { accessToken } = await Secrets.load({ dataDir });
    const given = await Secrets.load({ dataDir, accessToken: 'given-by-the-owner' });
    expect(given.accessToken).toBe('given-by-the-owner');
    await given.raiseGeneration();
    expect(await readFile(file, 'utf8')).not.toContain('given-by-the-owner');
    expect((await Secrets.load({ dataDir })).accessToken).toBe(accessToken);
  });

  test.each(['', '{"version": 1, "accessToken": "half-of-a-tok', '[]', '{"version": 2}', '{"version": 1}'])(
    'a damaged file stops the start, is not touched and not shown: %s',
    async (text) => {
      await writeFile(file, text);
      const fault = await Secrets.load({ dataDir }).catch((error: unknown) => error);
      expect(fault).toBeInstanceOf(SecretsError);
      expect((fault as SecretsError).exitCode).toBe(2);
      expect((fault as SecretsError).message).toMatch(/is damaged\. Restore it from a backup, or delete it/);
      expect((fault as SecretsError).message).not.toContain('half-of-a-tok');
      expect(await readFile(file, 'utf8')).toBe(text);
    },
  );

  test('a DATA_DIR that cannot be made says so', async () => {
    await writeFile(file, '');
    await expect(Secrets.load({ dataDir: path.join(file, 'below') })).rejects.toThrow(SecretsError);
  });

  test('rotations at once are all stored', async () => {
    const secrets = await Secrets.load({ dataDir });
    await Promise.all([
      secrets.raiseGeneration('door'),
      secrets.raiseGeneration('door'),
      secrets.raiseGeneration('hall'),
    ]);
    const again = await Secrets.load({ dataDir });
    expect(['door', 'hall', 'latest'].map((id) => again.generationOf(id))).toEqual(['0.2', '0.1', '0.0']);
    expect(await readdir(dataDir)).toEqual(['secrets.json']);
  });

  test('a rotation that cannot be stored says why, changes nothing, and works when it is tried again', async () => {
    const secrets = await Secrets.load({ dataDir });
    await secrets.raiseGeneration('door');
    const rotated: unknown[] = [];
    const keys = new MediaKeys(secrets);
    const place = { host: () => '192.168.1.5', port: () => 8081, isOpen: () => false };
    const book = new MediaUrlBook({ ...place, keys, onRotated: (id) => rotated.push(id) });
    const before = book.urlsOf('door');
    // A folder in its place: no rename goes there, whoever runs the tests.
    const stored = await readFile(file, 'utf8');
    await rm(file);
    await mkdir(file);
    for (const id of ['door', undefined]) {
      const fault = await book.rotate(id, ['door']).catch((error: unknown) => error);
      expect(fault).toMatchObject({ name: 'RequestError', code: 'not_stored' });
      expect((fault as Error).message).toBe(
        `No new keys, the old ones still open: ${dataDir} cannot be written (EISDIR). Make it writable, then try again.`,
      );
    }
    expect(rotated).toEqual([]);
    expect(book.urlsOf('door')).toEqual(before);
    expect(await readdir(dataDir)).toEqual(['secrets.json']);
    await rm(file, { recursive: true });
    await writeFile(file, stored);
    expect(await book.rotate('door', [])).toEqual([before]);
    expect(rotated).toEqual(['door']);
    expect((await Secrets.load({ dataDir })).generationOf('door')).toBe('0.2');
  });

  test('a full disk is told by name', async () => {
    const secrets = await Secrets.load({ dataDir });
    vi.spyOn(fs, 'rename').mockRejectedValueOnce(Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC' }));
    syncBuiltinESMExports();
    try {
      await expect(secrets.raiseGeneration()).rejects.toThrow(
        `No new keys, the old ones still open: the disk of ${dataDir} is full. Make room, then try again.`,
      );
    } finally {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    }
    expect(secrets.generationOf('door')).toBe('0.0');
  });
});

describe('media keys', () => {
  test('are 22 characters of HMAC-SHA256 over generation, kind and id', async () => {
    const secrets = await Secrets.load({ dataDir });
    const keys = new MediaKeys(secrets);
    const expected = createHmac('sha256', secrets.mediaSecret).update('0.0:stream:door').digest('base64url');
    expect(keys.keyOf('stream', 'door')).toBe(expected.slice(0, 22));
  });

  test('each opens one thing', async () => {
    const keys = new MediaKeys(await Secrets.load({ dataDir }));
    const key = keys.keyOf('stream', 'door');
    expect(keys.verify(key, 'stream', 'door')).toBe(true);
    expect(keys.verify(key, 'stream', 'hall')).toBe(false);
    expect(keys.verify(key, 'channel', 'door')).toBe(false);
    for (const wrong of ['', key.slice(1), `${key}x`, key.toUpperCase(), 'ä'.repeat(22), 'x'.repeat(22)]) {
      expect(keys.verify(wrong, 'stream', 'door')).toBe(false);
    }
  });

  test('rotating one kills its keys only, rotating all kills all, also after a restart', async () => {
    const keys = new MediaKeys(await Secrets.load({ dataDir }));
    const [door, hall] = [keys.keyOf('stream', 'door'), keys.keyOf('stream', 'hall')];
    await keys.rotate('door');
    expect(keys.verify(door, 'stream', 'door')).toBe(false);
    expect(keys.verify(hall, 'stream', 'hall')).toBe(true);
    const newDoor = keys.keyOf('stream', 'door');
    await keys.rotate();
    const again = new MediaKeys(await Secrets.load({ dataDir }));
    for (const key of [door, newDoor]) expect(again.verify(key, 'stream', 'door')).toBe(false);
    expect(again.verify(hall, 'stream', 'hall')).toBe(false);
    expect(again.verify(again.keyOf('stream', 'hall'), 'stream', 'hall')).toBe(true);
  });
});

describe('media URLs', () => {
  async function bookOf(host: string, open = false): Promise<{ book: MediaUrlBook; keys: MediaKeys }> {
    const keys = new MediaKeys(await Secrets.load({ dataDir }));
    return { keys, book: new MediaUrlBook({ keys, host: () => host, port: () => 8081, isOpen: () => open }) };
  }

  test('are whole, with the key', async () => {
    const { book, keys } = await bookOf('192.168.1.5');
    const base = `http://192.168.1.5:8081/${keys.keyOf('stream', 'latest')}/stream/latest`;
    expect(book.urlsOf('latest')).toEqual({ id: 'latest', mp3Url: `${base}.mp3`, wavUrl: `${base}.wav` });
  });

  test('put brackets around IPv6, and no key where access is open', async () => {
    const { book } = await bookOf('fd00::5', true);
    expect(book.urlsOf('door').mp3Url).toBe('http://[fd00::5]:8081/stream/door.mp3');
    expect(await book.rotate(undefined, ['door'])).toEqual([]);
  });

  test('where access is open, what is private keeps its key', async () => {
    const keys = new MediaKeys(await Secrets.load({ dataDir }));
    const isOpen = (id: string): boolean => id !== 'secret';
    const book = new MediaUrlBook({ keys, host: () => '192.168.1.5', port: () => 8081, isOpen });
    expect(book.urlsOf('door').mp3Url).toBe('http://192.168.1.5:8081/stream/door.mp3');
    expect(book.urlsOf('secret').mp3Url).toContain(`/${keys.keyOf('stream', 'secret')}/stream/`);
    const dead = await book.rotate(undefined, ['door', 'secret']);
    expect(dead.map(({ id }) => id)).toEqual(['secret']);
  });

  test('rotation says which URLs die', async () => {
    const { book, keys } = await bookOf('192.168.1.5');
    const [latest, door, hall] = ['latest', 'door', 'hall'].map((id) => book.urlsOf(id));
    expect(await book.rotate('door', ['door', 'hall'])).toEqual([door]);
    expect(book.urlsOf('door')).not.toEqual(door);
    expect(book.urlsOf('hall')).toEqual(hall);
    const doorNow = book.urlsOf('door');
    expect(await book.rotate(undefined, ['door', 'hall'])).toEqual([latest, doorNow, hall]);
    const key = new URL(hall!.mp3Url).pathname.split('/')[1]!;
    expect(keys.verify(key, 'stream', 'hall')).toBe(false);
  });
});

describe('URLs of talks and announcements', () => {
  test('a talk has a key of its own in each URL, which dies with the keys of its stream', async () => {
    const keys = new MediaKeys(await Secrets.load({ dataDir }));
    const book = new MediaUrlBook({ keys, host: () => '192.168.1.5', port: () => 8081, isOpen: () => false });
    const talk = { talkId: 'n3Zt0c7rXJmQ2p1yVw8uLA', streamId: 'kitchen', private: false };
    const { mp3Url, mp3At320Url, wavUrl } = book.talkUrls(talk);
    const key = keys.keyOf('talk', talk.talkId, 'kitchen');
    const base = `http://192.168.1.5:8081/${key}/talk/${talk.talkId}`;
    expect([mp3Url, mp3At320Url, wavUrl]).toEqual([`${base}.mp3`, `${base}.320.mp3`, `${base}.wav`]);
    expect(keys.verify(key, 'talk', talk.talkId, 'kitchen')).toBe(true);
    expect(keys.verify(key, 'stream', talk.talkId, 'kitchen')).toBe(false);
    await book.rotate('hall', []);
    expect(book.talkUrls(talk).mp3Url).toBe(mp3Url);
    await book.rotate('kitchen', []);
    expect(book.talkUrls(talk).mp3Url).not.toBe(mp3Url);
    expect(keys.verify(key, 'talk', talk.talkId, 'kitchen')).toBe(false);
  });

  test('with media_access: open a talk needs no key unless it is private; an announcement always does', async () => {
    const keys = new MediaKeys(await Secrets.load({ dataDir }));
    const book = new MediaUrlBook({ keys, host: () => '192.168.1.5', port: () => 8081, isOpen: () => true });
    const talk = { talkId: 'n3Zt0c7rXJmQ2p1yVw8uLA', streamId: 'kitchen', private: false };
    expect(book.talkUrls(talk).wavUrl).toBe(`http://192.168.1.5:8081/talk/${talk.talkId}.wav`);
    expect(book.talkUrls({ ...talk, private: true }).wavUrl).toContain(
      `/${keys.keyOf('talk', talk.talkId, 'kitchen')}/`,
    );
    expect(book.channelUrls('kitchen').mp3Url).toBe('http://192.168.1.5:8081/channel/kitchen.mp3');
    const key = keys.keyOf('announcement', 'play1');
    expect(book.announcementUrl('play1', 'mp3-320')).toBe(`http://192.168.1.5:8081/${key}/announcement/play1.320.mp3`);
  });
});
