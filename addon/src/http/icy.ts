/**
 * IcyMetadata: the title of what is playing, put between the bytes of one listener that asked for it (`Icy-MetaData: 1`).
 * After every `metaInterval` bytes of sound comes one byte that counts blocks of 16, then the text, padded with zeros;
 * 0 means that nothing changed. Own code, as the format is these few lines and the npm packages are players' side.
 */

export const ICY_META_INTERVAL_BYTES = 16_000;
const BLOCK_BYTES = 16;
const MAX_TEXT_BYTES = 255 * BLOCK_BYTES;
const NOTHING_NEW = Buffer.from([0]);

export class IcyMetadata {
  readonly #title: () => string;
  readonly #intervalBytes: number;
  #untilMeta: number;
  #sentTitle: string | undefined;

  /** `title` is asked once an interval. */
  constructor(title: () => string, intervalBytes = ICY_META_INTERVAL_BYTES) {
    this.#title = title;
    this.#intervalBytes = intervalBytes;
    this.#untilMeta = intervalBytes;
  }

  /** The same bytes with metadata where it is due. */
  weave(bytes: Buffer): Buffer {
    if (bytes.length < this.#untilMeta) {
      this.#untilMeta -= bytes.length;
      return bytes;
    }
    const pieces: Buffer[] = [];
    let rest = bytes;
    while (rest.length >= this.#untilMeta) {
      pieces.push(rest.subarray(0, this.#untilMeta), this.#block());
      rest = rest.subarray(this.#untilMeta);
      this.#untilMeta = this.#intervalBytes;
    }
    this.#untilMeta -= rest.length;
    pieces.push(rest);
    return Buffer.concat(pieces);
  }

  #block(): Buffer {
    const title = this.#title();
    if (title === this.#sentTitle) return NOTHING_NEW;
    this.#sentTitle = title;
    return icyBlock(title);
  }
}

/** Quotes end the title in players that look for `';`, so they become typographic ones. */
export function icyBlock(title: string): Buffer {
  const text = Buffer.from(`StreamTitle='${title.replaceAll("'", '’')}';`).subarray(0, MAX_TEXT_BYTES);
  const blocks = Math.ceil(text.length / BLOCK_BYTES);
  const block = Buffer.alloc(1 + blocks * BLOCK_BYTES);
  block[0] = blocks;
  text.copy(block, 1);
  return block;
}
