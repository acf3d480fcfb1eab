/**
 * Bundles what ships: `addon/dist/` (server, transcoder worker, LAME, mpg123) and `card/dist/` (the card and its page).
 *   node addon/tools/bundle.mjs            everything that exists
 *   node addon/tools/bundle.mjs worker     only these parts: main, worker, card
 *   node addon/tools/bundle.mjs --release  as the image ships it: without source maps, which hold the sources
 * Files are replaced whole and only when they changed, so that several runs at once do not hurt each other.
 */
import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, transform } from 'esbuild';
import { minify } from 'terser';
import { tunedLame } from './lame.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(import.meta.url);

/** The LGPL wants LAME replaceable: a readable file of its own that the worker imports by this name. */
const LAME_FILE = './lame.js';

/** So does mpg123's licence: loaded by name, and only when the house has a chime in MP3. */
const MP3_DECODER_FILE = './mp3-decoder.js';

const MP3_DECODER_HEADER = `/*!
 * mpg123, the MP3 decoder, as WebAssembly: mpg123-decoder, unchanged, in one file.
 * LGPL-2.1; https://github.com/eshaz/wasm-audio-decoders, of https://www.mpg123.de
 * This file may be replaced by another build that exports the same MPEGDecoder.
 */`;

/** Bundled dependencies in CommonJS call \`require\`, which an ES module does not have. */
const REQUIRE_BANNER =
  "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);";

/**
 * V8 keeps the source of what it runs, at two bytes a character if a single one (of a comment, say) is not ASCII: without
 * comments and indentation the server takes 6 MB less. Names stay, and lines are short, for the sake of stack traces.
 */
const node = {
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 200,
  banner: { js: REQUIRE_BANNER },
};

/** Only where there is a broker. */
const MQTT_FILE = './mqtt.js';

const isRelease = process.argv.includes('--release');

/** esbuild leaves the text of templates as it is; styles need neither their comments nor spaces, markup no indentation. */
const smallerTemplates = {
  name: 'smaller-templates',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]card[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const styles = source.replace(/css`[^`]*`/g, smallerStyle);
      return { contents: source.includes('html`') ? styles.replace(/\n +/g, '\n') : styles, loader: 'ts' };
    });
  },
};

const smallerStyle = (style) =>
  style
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{;,>]) ?/g, '$1')
    .replace(/: /g, ':')
    .replace(/;? }/g, '}');

const browser = { platform: 'browser', target: 'es2022', format: 'esm', minify: true, plugins: [smallerTemplates] };

const parts = {
  main: async () => {
    await bundleFile('addon/src/main.ts', 'addon/dist/main.js', {
      ...node,
      plugins: [mp3DecoderStaysApart, mqttStaysApart, unreachableLeftOut, requiresWhenCalled],
    });
    const mqtt = { contents: "export { connect } from 'mqtt';", resolveDir: root };
    await bundleFile('node_modules/mqtt', 'addon/dist/mqtt.js', { ...node, entryPoints: [], stdin: mqtt });
    const decoder = { ...node, banner: { js: `${MP3_DECODER_HEADER}\n${REQUIRE_BANNER}` } };
    await bundleFile('node_modules/mpg123-decoder/index.js', 'addon/dist/mp3-decoder.js', decoder);
    await bundleFile('addon/src/health-check.ts', 'addon/dist/health-check.js', node);
  },
  worker: async () => {
    const entry = 'addon/src/media/transcoder/worker.ts';
    if (!existsSync(join(root, entry))) return;
    const lame = require.resolve('@breezystack/lamejs').replace(/lamejs\.iife\.js$/, 'lamejs.js');
    await replaceFile('addon/dist/lame.js', tunedLame(await readFile(lame, 'utf8')));
    await bundleFile(entry, 'addon/dist/transcoder-worker.js', { ...node, plugins: [lameStaysApart] });
  },
  card: async () => {
    await bundleFile('card/src/main.ts', 'card/dist/voice-streaming-card.js', browser, smaller);
    // Holds the card too: two bundles on one page would be two sessions.
    await bundleFile('card/src/page.ts', 'card/dist/page.js', browser);
    await bundleLanguages();
    await bundleWords('card/src/translations/page', 'page-', ['en']);
    await bundleWords('card/src/translations/editor', 'editor-');
    await bundleWords('card/src/translations/details', 'details-', ['en']);
    await bundleWords('card/src/translations/more', 'more-', ['en']);
    await bundleFile('card/src/fetched-pages.ts', 'card/dist/pages.js', browser);
    await bundleFile('card/src/editor-form.ts', 'card/dist/editor.js', browser);
    if (existsSync(join(root, 'card/page'))) {
      await cp(join(root, 'card/page'), join(root, 'card/dist'), { recursive: true });
    }
  },
};

const lameStaysApart = {
  name: 'lame-stays-apart',
  setup(builder) {
    builder.onResolve({ filter: /^@breezystack\/lamejs$/ }, () => ({ path: LAME_FILE, external: true }));
  },
};

const mp3DecoderStaysApart = {
  name: 'mp3-decoder-stays-apart',
  setup(builder) {
    builder.onResolve({ filter: /^mpg123-decoder$/ }, () => ({ path: MP3_DECODER_FILE, external: true }));
  },
};

const mqttStaysApart = {
  name: 'mqtt-stays-apart',
  setup(builder) {
    builder.onResolve({ filter: /^mqtt$/ }, () => ({ path: MQTT_FILE, external: true }));
  },
};

/**
 * What nobody here can reach, and stayed in memory at three times its size: tables of East Asian charsets (bodies are UTF-8),
 * the 1,500 media types that no file name ends in, and OpenTelemetry, whose span prom-client asks for only with exemplars.
 */
const unreachableLeftOut = {
  name: 'unreachable-left-out',
  setup(builder) {
    const charsets = /[\\/]iconv-lite[\\/]encodings[\\/](dbcs-data\.js|tables[\\/].*)$/;
    const telemetry = /[\\/]@opentelemetry[\\/]api[\\/]dist[\\/]index\.cjs$/;
    for (const filter of [charsets, telemetry])
      builder.onLoad({ filter }, () => ({ contents: 'module.exports = {};' }));
    builder.onLoad({ filter: /[\\/]mime-db[\\/]db\.json$/ }, async ({ path }) => {
      const types = Object.entries(JSON.parse(await readFile(path, 'utf8')));
      const ofFiles = types.filter(([, { extensions }]) => extensions !== undefined);
      return { contents: JSON.stringify(Object.fromEntries(ofFiles)), loader: 'json' };
    });
  },
};

/** A `require` that a module makes itself is left to Node; without that line it is bundled, and run when it is called. */
const requiresWhenCalled = {
  name: 'requires-when-called',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]addon[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const line = 'const require = createRequire(import.meta.url);';
      return source.includes(line) ? { contents: source.replace(line, ''), loader: 'ts' } : undefined;
    });
  },
};

/** Bundles the named parts, by default all; rejects with esbuild's messages already printed. */
export async function bundle(names = Object.keys(parts)) {
  await Promise.all(
    names.map((name) => {
      const part = parts[name];
      if (!part) throw new Error(`There is no part "${name}"; there are: ${Object.keys(parts).join(', ')}.`);
      return part();
    }),
  );
}

/** Words that are loaded when they are wanted: a module of each file in `folder`. */
async function bundleWords(folder, prefix, builtIn = []) {
  for (const name of await namesIn(folder, builtIn)) {
    const outfile = `card/dist/translations/${prefix}${name}.js`;
    await bundleFile(`${folder}/${name}.ts`, outfile, { ...browser, charset: 'utf8', sourcemap: false });
  }
}

/** The languages of the card, each packed after English, see packed-translation.ts. */
async function bundleLanguages() {
  const folder = 'card/src/translations';
  const names = await namesIn(folder, ['en']);
  const all = [...names.map((name) => `import ${name.replace('-', '')} from './${name}.ts';`)];
  const contents = `import { pack } from '../packed-translation.ts'; import { en } from './en.ts'; ${all.join('')}
    export default { ${names.map((name) => `'${name}': pack(en, ${name.replace('-', '')})`).join()} };`;
  const stdin = { contents, resolveDir: join(root, folder) };
  const { outputFiles } = await build({ stdin, bundle: true, write: false, format: 'esm', logLevel: 'warning' });
  const module = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);
  for (const [name, packed] of Object.entries(module.default)) {
    const options = { loader: 'js', minify: true, charset: 'utf8' };
    const { code } = await transform(`export default ${JSON.stringify(packed)}`, options);
    await replaceFile(`card/dist/translations/${name}.js`, code);
  }
}

async function namesIn(folder, without) {
  const names = existsSync(join(root, folder)) ? await readdir(join(root, folder)) : [];
  return names
    .filter((name) => /\.ts$/.test(name))
    .map((name) => name.slice(0, -3))
    .filter((name) => !without.includes(name));
}

async function bundleFile(entry, outfile, options, finish = (files) => files) {
  if (!existsSync(join(root, entry))) return;
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    write: false,
    sourcemap: !isRelease,
    legalComments: 'eof',
    logLevel: 'warning',
    ...options,
  });
  for (const file of await finish(result.outputFiles)) await replaceFile(file.path, file.contents);
}

/** What every dashboard loads is minified by terser as well, the other well-kept minifier: 1.5 kB less over the network. */
async function smaller(files) {
  const code = files.find(({ path }) => path.endsWith('.js'));
  const map = files.find(({ path }) => path.endsWith('.map'));
  const result = await minify(code.text, {
    module: true,
    ecma: 2020,
    compress: { passes: 3, keep_fargs: false },
    format: { comments: 'some' },
    ...(map ? { sourceMap: { content: map.text, includeSources: true } } : {}),
  });
  const link = map ? `//# sourceMappingURL=${basename(map.path)}\n` : '';
  return [
    { path: code.path, contents: `${result.code}\n${link}` },
    ...(map ? [{ path: map.path, contents: result.map }] : []),
  ];
}

async function replaceFile(path, contents) {
  const target = join(root, path.startsWith(root) ? path.slice(root.length) : path);
  const bytes = Buffer.from(contents);
  const before = await readFile(target).catch(() => undefined);
  if (before?.equals(bytes)) return;
  await mkdir(dirname(target), { recursive: true });
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  await writeFile(temporary, bytes);
  await rename(temporary, target);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const startedAt = performance.now();
  const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  try {
    await bundle(names.length > 0 ? names : undefined);
    process.stdout.write(`bundled in ${Math.round(performance.now() - startedAt)} ms\n`);
  } catch (error) {
    // esbuild has printed its own messages.
    if (!Array.isArray(error?.errors)) process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
