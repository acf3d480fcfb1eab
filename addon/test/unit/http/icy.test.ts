import { describe, expect, it } from 'vitest';
import { icyBlock, IcyMetadata } from '../../../src/http/icy.ts';

describe('IcyMetadata', () => {
  it('leaves the bytes alone until metadata is due', () => {
    const icy = new IcyMetadata(() => 'Anna', 100);
    const bytes = Buffer.alloc(99, 1);
    expect(icy.weave(bytes)).toBe(bytes);
  });

  it('puts a title after each interval, one zero where it did not change', () => {
    let title = 'Anna';
    const icy = new IcyMetadata(() => title, 4);
    const anna = icyBlock('Anna');
    expect(icy.weave(Buffer.from('abcdefgh'))).toEqual(
      Buffer.concat([Buffer.from('abcd'), anna, Buffer.from('efgh'), Buffer.from([0])]),
    );
    title = 'Bob';
    expect(icy.weave(Buffer.from('ij'))).toEqual(Buffer.from('ij'));
    expect(icy.weave(Buffer.from('klm'))).toEqual(
      Buffer.concat([Buffer.from('kl'), icyBlock('Bob'), Buffer.from('m')]),
    );
  });

  it('cuts the sound in the same places however it comes', () => {
    const sound = Buffer.from(Array.from({ length: 200 }, (_, i) => i));
    const whole = new IcyMetadata(() => 'x', 16).weave(sound);
    const icy = new IcyMetadata(() => 'x', 16);
    const pieces = Array.from({ length: 200 }, (_, i) => icy.weave(sound.subarray(i, i + 1)));
    expect(Buffer.concat(pieces)).toEqual(whole);
  });
});

describe('icyBlock', () => {
  it('counts blocks of 16 bytes and pads with zeros', () => {
    const block = icyBlock('Anna');
    expect(block[0]).toBe(2);
    expect(block).toHaveLength(33);
    expect(block.toString('utf8', 1).replace(/\0+$/, '')).toBe("StreamTitle='Anna';");
  });

  it('lets no name end the title, and none be longer than the count can say', () => {
    expect(icyBlock("a';StreamUrl='x").toString()).not.toContain("a';");
    expect(icyBlock('客'.repeat(5000))).toHaveLength(1 + 255 * 16);
  });
});
