import { describe, expect, it } from 'vitest';
import { checkManifest, type Manifest } from './package-rules.ts';
import { readText } from './repository.ts';

const read = (path: string): Manifest => JSON.parse(readText(path)) as Manifest;
const rootVersion = read('package.json').version ?? '';

describe('every package.json', () => {
  it.each(['package.json', 'shared/package.json', 'addon/package.json', 'card/package.json'])(
    '%s has the one version and pins what it needs',
    (path) => {
      expect(checkManifest(path, read(path), rootVersion)).toEqual([]);
    },
  );
});

describe('checkManifest', () => {
  it.each<[string, Manifest]>([
    ['another version', { version: '1.2.4' }],
    ['no version', {}],
    ['a range', { version: '1.2.3', dependencies: { ws: '^8.0.0' } }],
    ['a tag', { version: '1.2.3', devDependencies: { ws: 'latest' } }],
    ['a repository', { version: '1.2.3', optionalDependencies: { ws: 'github:websockets/ws' } }],
    ['an older workspace', { version: '1.2.3', dependencies: { '@voice-streaming/shared': '1.2.2' } }],
  ])('refuses %s', (_, manifest) => {
    expect(checkManifest('x/package.json', manifest, '1.2.3')).toHaveLength(1);
  });

  it('lets exact versions pass', () => {
    const manifest = { version: '1.2.3', dependencies: { ws: '8.23.0', werift: '0.25.2-beta.1' } };
    expect(checkManifest('x/package.json', manifest, '1.2.3')).toEqual([]);
  });
});
