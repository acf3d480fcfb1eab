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

/** Letters to add, drop or change. */
function distanceOf(a: string, b: string): number {
  let row = Array.from(b, (_, index) => index + 1);
  Array.from(a).forEach((letter, line) => {
    let [left, corner] = [line + 1, line];
    row = row.map((above, index) => {
      const least = Math.min(left + 1, above + 1, corner + (letter === b[index] ? 0 : 1));
      corner = above;
      return (left = least);
    });
  });
  return row.at(-1) ?? a.length;
}
