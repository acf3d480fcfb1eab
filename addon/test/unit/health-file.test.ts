import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { healthUrl, readHealthUrl, writeHealthFile } from '../../src/health-file.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'voice-streaming-health-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (file: string): string => readFileSync(file, 'utf8');

describe('healthUrl', () => {
  it.each([
    [undefined, 'http://127.0.0.1:8181/health'],
    ['0.0.0.0', 'http://127.0.0.1:8181/health'],
    ['::', 'http://[::1]:8181/health'],
    ['192.168.1.5', 'http://192.168.1.5:8181/health'],
    ['fd00::5', 'http://[fd00::5]:8181/health'],
    ['tablet.lan', 'http://tablet.lan:8181/health'],
  ])('of a server bound to %s is %s', (host, url) => {
    expect(healthUrl(host, 8181)).toBe(url);
  });
});

describe('the health file', () => {
  it('tells the check where the server is, and takes the place of an older one', () => {
    const env = { HEALTH_FILE: join(folder, 'health') };
    for (const url of ['http://127.0.0.1:18181/health', 'http://127.0.0.1:9/health']) {
      writeHealthFile(env, url);
      expect(readHealthUrl(env, read)).toBe(url);
    }
  });

  it('is not written where nobody asked for it', () => {
    expect(() => writeHealthFile({}, 'http://127.0.0.1:1/health')).not.toThrow();
    expect(() => writeHealthFile({ HEALTH_FILE: join(folder, 'none', 'health') }, 'x')).toThrow(/ENOENT/);
  });

  it.each<[string, Record<string, string>, () => string]>([
    ['no name', {}, () => 'http://127.0.0.1:1/health'],
    [
      'no file',
      { HEALTH_FILE: 'gone' },
      () => {
        throw new Error('ENOENT');
      },
    ],
    ['an empty file', { HEALTH_FILE: 'empty' }, () => ''],
  ])('with %s the port without options is asked', (_, env, readFile) => {
    expect(readHealthUrl(env, readFile)).toBe('http://127.0.0.1:8081/health');
  });
});
