/** What others answered, as it is told on to people and logs: short, and without the token that we showed them. */

/** As long as any sentence of Home Assistant's own; a template's error can be a page. */
const MAX_CHARS = 300;

export function quoted(text: string, token: string): string {
  const safe = token === '' ? text : text.replaceAll(token, '(our token)');
  return safe.length > MAX_CHARS ? `${safe.slice(0, MAX_CHARS)}…` : safe;
}
