/** Inputs that are nearly right: what real clients say, bent, cut, doubled and spiked, and plain garbage. */
import fc, { type Arbitrary } from 'fast-check';

/** Texts that parsers, paths, numbers and object keys have stumbled over. */
const SPIKES = [
  '\0',
  '\uffff',
  '\ud800',
  '\u0663',
  '"',
  "'",
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ';',
  '=',
  '/',
  ' ',
  '\t',
  '\r\n',
  '\n',
  '-1',
  '0',
  '1e999',
  '-0',
  '9007199254740993',
  '99999999999999999999',
  '0x10',
  'null',
  'true',
  'NaN',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  '../',
  '%00',
  '%2e%2e/',
  '%ff',
  '<script>',
  'a'.repeat(5_000),
  '['.repeat(2_000),
  '\u{1d54f}',
] as const;

type Edit = { at: number; length: number } & (
  | { kind: 'delete' }
  | { kind: 'double' }
  | { kind: 'swap' }
  | { kind: 'spike'; spike: string }
  | { kind: 'replace'; text: string }
  | { kind: 'cut' }
);

const place = { at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), length: fc.nat({ max: 40 }) };
const edit: Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant('delete' as const), ...place }),
  fc.record({ kind: fc.constant('double' as const), ...place }),
  fc.record({ kind: fc.constant('swap' as const), ...place }),
  fc.record({ kind: fc.constant('spike' as const), spike: fc.constantFrom(...SPIKES), ...place }),
  fc.record({ kind: fc.constant('replace' as const), text: fc.string({ maxLength: 8, unit: 'binary' }), ...place }),
  fc.record({ kind: fc.constant('cut' as const), ...place }),
);

function edited(text: string, { at, length, ...what }: Edit): string {
  const from = Math.floor(at * text.length);
  const to = Math.min(text.length, from + length);
  const part = text.slice(from, to);
  switch (what.kind) {
    case 'delete':
      return text.slice(0, from) + text.slice(to);
    case 'double':
      return text.slice(0, to) + part + text.slice(to);
    case 'swap':
      return text.slice(0, from) + Array.from(part).reverse().join('') + text.slice(to);
    case 'spike':
      return text.slice(0, from) + what.spike + text.slice(from);
    case 'replace':
      return text.slice(0, from) + what.text + text.slice(to);
    case 'cut':
      return text.slice(0, from);
  }
}

/** As it is, or with one to four edits. */
export function bent(text: Arbitrary<string>, maxEdits = 4): Arbitrary<string> {
  return fc.tuple(text, fc.array(edit, { maxLength: maxEdits })).map(([base, edits]) => edits.reduce(edited, base));
}

/** The same of bytes: byte for byte as characters of latin1, so that the edits are one implementation. */
export function bentBytes(bytes: Arbitrary<Uint8Array>, maxEdits = 4): Arbitrary<Buffer> {
  return bent(
    bytes.map((each) => Buffer.from(each).toString('latin1')),
    maxEdits,
  ).map((text) => Buffer.from(text, 'latin1'));
}

/** The lines of a text: left out, doubled, exchanged, and then bent. */
export function bentLines(text: Arbitrary<string>): Arbitrary<string> {
  const move = fc.record({
    from: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    to: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    how: fc.constantFrom('drop', 'double', 'exchange'),
  });
  const moved = fc.tuple(text, fc.array(move, { maxLength: 3 })).map(([base, moves]) => {
    const lines = base.split('\r\n');
    for (const { from, to, how } of moves) {
      const [one, other] = [Math.floor(from * lines.length), Math.floor(to * lines.length)];
      const [line = '', second = ''] = [lines[one], lines[other]];
      if (how === 'drop') lines.splice(one, 1);
      else if (how === 'double') lines.splice(other, 0, line);
      else [lines[one], lines[other]] = [second, line];
    }
    return lines.join('\r\n');
  });
  return bent(moved);
}

/** Any JSON, with keys that objects of JavaScript have anyway. */
export const anyJson: Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.dictionary(fc.constantFrom('__proto__', 'constructor', 'length', 'id', 'type', 'a', 'state'), fc.jsonValue(), {
    maxKeys: 4,
  }),
  fc.constantFrom<unknown>(null, [], {}, '', 0, -1, 1e308, 2 ** 53, true, 'x'.repeat(3_000), Array(300).fill(0)),
);

/** What `right` makes, with any of its members replaced by something else, left out or joined by others. */
export function bentObject(right: Arbitrary<Record<string, unknown>>): Arbitrary<unknown> {
  const change = fc.record({
    at: fc.nat({ max: 20 }),
    how: fc.constantFrom('replace', 'replace', 'drop', 'add'),
    value: anyJson,
  });
  const changed = fc.tuple(right, fc.array(change, { maxLength: 2 })).map(([object, changes]) => {
    const copy: Record<string, unknown> = { ...object };
    for (const { at, how, value } of changes) {
      const keys = Object.keys(copy);
      const key = keys[at % Math.max(1, keys.length)] ?? 'none';
      if (how === 'replace') copy[key] = value;
      else if (how === 'drop') copy[key] = undefined;
      else copy[`${key}x`] = value;
    }
    return copy;
  });
  return fc.oneof({ weight: 8, arbitrary: changed }, { weight: 1, arbitrary: anyJson });
}

/** Mostly the first, now and then the second. */
export function mostly<T>(often: Arbitrary<T>, seldom: Arbitrary<T>): Arbitrary<T> {
  return fc.oneof({ weight: 4, arbitrary: often }, { weight: 1, arbitrary: seldom });
}
