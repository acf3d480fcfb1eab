/**
 * Milliseconds that never go back: Date.now(), but for a clock that is set back, as by a time server after a power cut;
 * whoever counts the seconds of a silence would count none for hours. Unlike performance.now() it goes on in a sleep.
 */
let last = -Infinity;
let lead = 0;

export function steadyNow(): number {
  const now = Date.now();
  if (now < last) lead += last - now;
  last = now;
  return now + lead;
}
