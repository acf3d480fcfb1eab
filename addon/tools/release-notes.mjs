// @ts-check
/**
 * `node addon/tools/release-notes.mjs v1.2.3`: what CHANGELOG.md says of this version, on stdout. Fails when the tag is not
 * the version of package.json, or when nothing is written about it.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** @param {string} changelog @param {string} version */
export function notesOf(changelog, version) {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.split('\n', 1)[0] === version);
  const notes = section?.slice(version.length).trim() ?? '';
  if (notes === '') throw new Error(`CHANGELOG.md says nothing about ${version}.`);
  return notes;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const read = (/** @type {string} */ path) =>
    readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
  const { version } = JSON.parse(read('package.json'));
  const tag = process.argv[2];
  if (tag !== `v${version}`) {
    console.error(`The tag is ${tag ?? 'missing'}, but package.json is of version ${version}: tag it v${version}.`);
    process.exit(1);
  }
  console.log(notesOf(read('CHANGELOG.md'), version));
}
