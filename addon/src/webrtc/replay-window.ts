/** ReplayWindow: which packets of one source came already (RFC 3711 3.3.2), by their SRTP or SRTCP index. */

/** As libwebrtc keeps: 20 s of voice. What is older can be told from a replay no more. */
const WINDOW_PACKETS = 1024;
const WORD_BITS = 32;

export class ReplayWindow {
  /** The highest index that came; -1 before the first. */
  highest = -1;
  /** One bit for each index of the window, at its remainder. */
  readonly #seen = new Uint32Array(WINDOW_PACKETS / WORD_BITS);

  /** Notes the index; false when it came before or is too old to know. */
  admit(index: number): boolean {
    if (index > this.highest) {
      this.#forget(index);
      this.highest = index;
    } else if (index <= this.highest - WINDOW_PACKETS || this.#has(index)) {
      return false;
    }
    this.#mark(index, true);
    return true;
  }

  /** What falls out of the window when `index` is the highest. */
  #forget(index: number): void {
    if (this.highest < 0) return;
    const first = Math.max(this.highest + 1, index - WINDOW_PACKETS + 1);
    for (let each = first; each < index; each += 1) this.#mark(each, false);
  }

  #has(index: number): boolean {
    const bit = index % WINDOW_PACKETS;
    return ((this.#seen[Math.floor(bit / WORD_BITS)] ?? 0) & (1 << (bit % WORD_BITS))) !== 0;
  }

  #mark(index: number, seen: boolean): void {
    const bit = index % WINDOW_PACKETS;
    const word = Math.floor(bit / WORD_BITS);
    const mask = 1 << (bit % WORD_BITS);
    this.#seen[word] = seen ? (this.#seen[word] ?? 0) | mask : (this.#seen[word] ?? 0) & ~mask;
  }
}
