/** What somebody probably meant: for a key or a value that is nearly right. */

/** Of so many letters, one may be wrong. */
const LETTERS_PER_MISTAKE = 3;

/** "autoListen" -> "auto_listen", "reciever" -> "receiver"; undefined where nothing is near. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const [best] = known
    .map((one) => ({ one, distance: distanceOf(plain(written), plain(one)) }))
    .filter(({ one, distance }) => distance <= Math.ceil(one.length / LETTERS_PER_MISTAKE) && distance < 3)
    .sort((a, b) => a.distance - b.distance);
  return best?.one;
}

/** Letters to add, drop, change or swap with their neighbour (optimal string alignment). */
function distanceOf(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const differs = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + differs);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, at(beforeLast, j - 2) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
