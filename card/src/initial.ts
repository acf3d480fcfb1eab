/** The first character as a person counts them, an emoji of several code points too. */
export function initialOf(name: string): string {
  const first = new Intl.Segmenter().segment(name.trim())[Symbol.iterator]().next();
  return first.done ? '·' : first.value.segment.toLocaleUpperCase();
}
