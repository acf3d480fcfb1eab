/** What a dashboard loads, as the bundler makes it. English is built in, but is a translation too: its share is told apart. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { beforeAll, expect, it } from 'vitest';
import { bundle } from '../../addon/tools/bundle.mjs';

const MAX_BYTES = 48_400;
const MAX_BYTES_WITHOUT_WORDS = 45_000;

const file = (path: string): Promise<Buffer> => readFile(fileURLToPath(new URL(`../${path}`, import.meta.url)));
const zipped = (content: Buffer | string): number => gzipSync(content, { level: 9 }).length;

let card: string;

beforeAll(async () => {
  await bundle(['card']);
  card = (await file('dist/voice-streaming-card.js')).toString();
}, 30_000);

it('is light over the network', async () => {
  const bytes = zipped(card);
  // As large as a language of its own would be.
  const english = await build({
    entryPoints: [fileURLToPath(new URL('../src/translations/en.ts', import.meta.url))],
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
  });
  const words = zipped(english.outputFiles[0]?.text ?? '');
  console.log(`card: ${bytes} bytes zipped, ${words} of them English`);
  expect(bytes).toBeLessThanOrEqual(MAX_BYTES);
  expect(bytes - words).toBeLessThanOrEqual(MAX_BYTES_WITHOUT_WORDS);
});

it('has a source map', async () => {
  expect(card).toMatch(/\/\/# sourceMappingURL=voice-streaming-card\.js\.map\s*$/);
  const { sources } = JSON.parse((await file('dist/voice-streaming-card.js.map')).toString()) as { sources: string[] };
  expect(sources).toContain('../src/voice-streaming-card.ts');
});
