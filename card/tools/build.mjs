/** Bundles the sheet into one script and one style sheet, fonts inside, for a page that is opened from nowhere. */
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

/** @returns {Promise<{ script: string, style: string }>} */
export async function bundleSheet() {
  const result = await build({
    absWorkingDir: here,
    stdin: {
      contents: `
        import '@fontsource/roboto/latin-400.css';
        import '@fontsource/roboto/latin-500.css';
        import './sheet.css';
        import './sheet.ts';`,
      resolveDir: here,
    },
    bundle: true,
    write: false,
    outdir: 'out',
    format: 'iife',
    // Nothing is loaded on demand here.
    define: { 'import.meta.url': '"about:blank"' },
    target: 'es2022',
    loader: { '.woff2': 'dataurl', '.woff': 'empty' },
    logLevel: 'warning',
  });
  const text = (end) => result.outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  return { script: text('.js'), style: text('.css') };
}

/** A page of Playwright's with the sheet in it, still empty. */
export async function openSheet(page) {
  const { script, style } = await bundleSheet();
  await page.setContent('<!doctype html><html lang="en"><head><title>States</title></head><body></body></html>');
  await page.addStyleTag({ content: style });
  await page.addScriptTag({ content: script });
  await page.evaluate(() => document.fonts.ready);
}
