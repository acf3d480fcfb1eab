/** Names, sizes and contents of the repository's files. */

/** Lines; a file that needs more has two nouns in it. */
export const MAX_SOURCE_LINES = 350;

/** Absolute folders of somebody's machine: spelled in parts, as this file is read by its own rule. */
const FORBIDDEN_PREFIXES = ['work', 'tmp', 'home', 'Users'].map((folder) => `/${folder}/`);

/**
 * The Supervisor searches the whole repository for these, first match wins, hidden folders included for some of them:
 * a second one would be taken for an add-on, a build configuration or a store.
 */
const SUPERVISOR_NAME = /^(?:config|build|repository)\.(?:json|ya?ml)$/i;
const SUPERVISOR_FILES = ['config.yaml', 'build.yaml', 'repository.yaml'];

export function checkFileName(path: string): string[] {
  const name = path.split('/').at(-1) ?? '';
  if (!SUPERVISOR_NAME.test(name) || SUPERVISOR_FILES.includes(path)) return [];
  return [`${path}: the Supervisor would read it; only ${SUPERVISOR_FILES.join(', ')} at the root may be named so`];
}

export function checkSource(path: string, text: string): string[] {
  const problems: string[] = [];
  const lines = text.split('\n').length - 1;
  if (isCode(path) && lines > MAX_SOURCE_LINES) {
    problems.push(`${path}: ${lines} lines, at most ${MAX_SOURCE_LINES}`);
  }
  for (const prefix of FORBIDDEN_PREFIXES) {
    const line = text.split('\n').findIndex((candidate) => mentions(candidate, prefix));
    if (line >= 0) problems.push(`${path}:${line + 1}: mentions ${prefix}`);
  }
  return problems;
}

/** Whether a line holds an absolute path below `prefix`; a longer path or URL that merely contains it is fine. */
function mentions(line: string, prefix: string): boolean {
  for (let at = line.indexOf(prefix); at >= 0; at = line.indexOf(prefix, at + 1)) {
    if (at === 0 || !/[\w.\-~}*]/.test(line.charAt(at - 1))) return true;
  }
  return false;
}

function isCode(path: string): boolean {
  return /\.(?:ts|mts|mjs|js)$/.test(path);
}

/** Files whose text is read: all but binaries and what npm writes. */
export function isReadable(path: string): boolean {
  return !/\.(?:png|ico|webp|wav|mp3|opus|wasm)$/.test(path) && path !== 'package-lock.json';
}
