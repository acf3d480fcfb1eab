import { isStreamId, MAX_NAME_CHARS, RESERVED_STREAM_IDS } from '@voice-streaming/shared/parse';
import { describe, expect, it } from 'vitest';
import { normalizeName } from '../../../src/signaling/device-name.ts';
import { makeStreamId } from '../../../src/signaling/stream-id.ts';

const FAMILY = '👨‍👩‍👧‍👦';

describe('normalizeName', () => {
  it.each([
    ['Kitchen tablet', 'Kitchen tablet'],
    ['  Kitchen \t\r\n tablet  ', 'Kitchen tablet'],
    ['', ''],
    [' \u0000\u0007 ', ''],
    ['客厅', '客厅'],
    ['A\u0308rger', 'Ärger'],
    ['\u202Eevil\u202C', 'evil'],
    ['a\u2028b', 'a b'],
    ['half \ud83d', 'half'],
    ['\u00ad\u00ad', ''],
    ['\u3164 \u2800\u200b', ''],
    ['\u{E0041}\u{E0042}', ''],
    [FAMILY, FAMILY],
  ])('%j -> %j', (input, name) => {
    expect(normalizeName(input)).toBe(name);
  });

  it('cuts, but never a character in two', () => {
    expect(normalizeName('x'.repeat(300))).toBe('x'.repeat(MAX_NAME_CHARS));
    const cut = normalizeName(FAMILY.repeat(50));
    expect(cut).toBe(FAMILY.repeat(Math.floor(MAX_NAME_CHARS / FAMILY.length)));
    const surrogates = normalizeName(`a${'\u{1F600}\u0301'.repeat(40)}`);
    expect(surrogates).not.toMatch(/\p{Cs}/u);
  });

  it('cuts one character of a thousand marks', () => {
    expect(normalizeName(`q${'\u0329'.repeat(999)}`).length).toBe(MAX_NAME_CHARS);
  });
});

describe('makeStreamId', () => {
  const free = (): boolean => false;

  it.each([
    ['Kitchen tablet', 'kitchen-tablet'],
    ['客厅', 'ke-ting'],
    ['Кухня', 'kuhnya'],
    ['Ärger', 'arger'],
    ['🏠 Home_2.0', 'home-2-0'],
    ['🎉', 'stream-1'],
    ['', 'stream-1'],
    ['—', 'stream-1'],
    ['Latest', 'latest-2'],
    ['ALL', 'all-2'],
    ['status', 'status-2'],
    ['../../etc', 'etc'],
    ['__proto__', 'proto'],
    ['constructor', 'constructor-2'],
    ["<img src=x onerror='1'>", 'img-src-x-onerror-1'],
  ])('%j -> %s', (name, id) => {
    expect(makeStreamId(name, free)).toBe(id);
  });

  it('counts on when an id is taken', () => {
    const taken = new Set(['kitchen', 'kitchen-2', 'stream-1']);
    const isTaken = (id: string): boolean => taken.has(id);
    expect(makeStreamId('Kitchen', isTaken)).toBe('kitchen-3');
    expect(makeStreamId('🎉', isTaken)).toBe('stream-2');
  });

  it('keeps long ids within their length, also with a number, and never ends in a dash', () => {
    const long = makeStreamId('x'.repeat(300), free);
    expect(long).toBe('x'.repeat(48));
    expect(makeStreamId('x'.repeat(300), (id) => id === long)).toBe(`${'x'.repeat(46)}-2`);
    expect(makeStreamId(`${'x'.repeat(47)} y`, free)).toBe('x'.repeat(47));
    expect(makeStreamId(`${'x'.repeat(45)} yyy`, (id) => id.includes('y'))).toBe(`${'x'.repeat(45)}-2`);
  });

  it('makes well-formed ids of anything', () => {
    const names = [
      '-',
      '---a---',
      'a/b%2f',
      '\u0000',
      '１２３',
      'ﬁ',
      '한국어 방',
      'العربية',
      '𝕂itchen',
      '12',
      ...RESERVED_STREAM_IDS,
    ];
    for (const name of names) {
      const id = makeStreamId(name, free);
      expect(isStreamId(id) && !RESERVED_STREAM_IDS.has(id), `${name} -> ${id}`).toBe(true);
    }
  });
});
