/** What DOCS.md and README.md say of the card is what the card takes. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { OWN_KEYS, parseConfig } from '../src/config.ts';
import { en } from '../src/translations/en.ts';
import more from '../src/translations/more/en.ts';

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

const cardKeys = (document: string, heading: string): string[] => {
  const section = document.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `(\w+)` +\|/gm)].map(([, key]) => key ?? '');
};

const cards = [...read('DOCS.md').matchAll(/```yaml\n([\s\S]*?)```/g)]
  .map(([, block]) => parseYaml(block ?? '') as Record<string, unknown>)
  .filter(({ type }) => type === 'custom:voice-streaming-card');

describe('DOCS.md', () => {
  it.each([
    ['DOCS.md', 'The card'],
    ['card/README.md', 'Config'],
  ])('%s explains every key of the card and no other', (document, heading) => {
    expect(cardKeys(read(document), heading).sort()).toEqual(OWN_KEYS.filter((key) => key !== 'type').sort());
  });

  it('shows cards that the card takes', () => {
    expect(cards.length).toBeGreaterThan(2);
    for (const card of cards) expect(() => parseConfig(card)).not.toThrow();
  });

  it('quotes what the card says', () => {
    const { texts, troubles } = en;
    const quoted = [
      texts['talk.onAir'],
      texts['listen.tap'],
      texts['talk.nobody'],
      texts['menu.devices'],
      more['test.start'],
      ...(['serverAway', 'insecurePage', 'permissionDenied', 'mediaBlocked'] as const).map((code) => troubles[code][0]),
    ];
    const docs = read('DOCS.md');
    expect(quoted.filter((words) => !docs.includes(`_${words}_`) && !docs.includes(`**${words}**`))).toEqual([]);
  });
});
