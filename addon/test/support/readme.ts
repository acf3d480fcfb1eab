/** Commands and snippets as README.md and DOCS.md show them: what people copy is what the tests run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** The fenced blocks of one language. */
export function blocksOf(document: string, language: string): string[] {
  const text = readFileSync(join(ROOT, document), 'utf8');
  return [...text.matchAll(/^ *```(\w+)\n([\s\S]*?)^ *```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , block]) => block ?? '');
}

/** Commands of the shell blocks, without line breaks; `&&` separates commands. */
export function commandsOf(document: string): string[] {
  return blocksOf(document, 'sh').flatMap((block) =>
    block
      .replaceAll(/\\\n\s*/g, '')
      .split(/\n|&&/)
      .map((command) => command.trim())
      .filter((command) => command !== '' && !command.startsWith('#')),
  );
}

/** What stands between `docker run` and the image, for each such command of README.md. */
export function dockerRuns(image: string): string[][] {
  return commandsOf('README.md')
    .filter((command) => command.startsWith('docker run '))
    .map((command) => command.split(/\s+/))
    .map((words) => {
      if (words.at(-1) !== image) throw new Error(`${words.join(' ')} does not end with ${image}`);
      return words.slice(2, -1);
    });
}
