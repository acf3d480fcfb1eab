/** Who may import what: the layers of addon, card and shared. Works on text alone, so that it can be tested itself. */
import { posix } from 'node:path';
import ts from 'typescript';

/** One import, export-from, `import()` or `import('…').Type` of a file. */
export interface Import {
  specifier: string;
  typeOnly: boolean;
}

/** npm packages with an owner: the only folders or files that may import them. */
const PACKAGE_OWNERS: Record<string, string[]> = {
  werift: ['addon/src/webrtc/'],
  'sdp-transform': ['addon/src/webrtc/'],
  // werift's own, see key-agreement.ts.
  tweetnacl: ['addon/src/webrtc/key-agreement.ts'],
  '@noble/curves': ['addon/src/webrtc/key-agreement.ts'],
  // Node 20 has no WebSocket client of its own.
  ws: ['addon/src/signaling/', 'addon/src/homeassistant/core-socket.ts'],
  'home-assistant-js-websocket': ['addon/src/homeassistant/'],
  mqtt: ['addon/src/homeassistant/'],
  express: ['addon/src/http/'],
  helmet: ['addon/src/http/'],
  'prom-client': ['addon/src/http/'],
  'ipaddr.js': ['addon/src/network.ts', 'addon/src/http/', 'addon/src/webrtc/'],
  transliteration: ['addon/src/signaling/'],
  'libopus-wasm': ['addon/src/media/transcoder/'],
  '@breezystack/lamejs': ['addon/src/media/transcoder/'],
  'mpg123-decoder': ['addon/src/speakers/chime-files.ts'],
  valibot: [
    'shared/src/parse-client.ts',
    'addon/src/options.ts',
    'addon/src/speaker-options.ts',
    'addon/src/http/',
    'addon/src/signaling/',
    'addon/src/homeassistant/',
    'addon/src/speakers/',
  ],
  lit: ['card/src/'],
};

/** Folders of addon/src and the other folders each may import. */
const FOLDERS: Record<string, string[]> = {
  media: [],
  webrtc: ['media'],
  signaling: ['media'],
  http: ['media'],
  homeassistant: ['media'],
  speakers: ['media'],
};
/** Files of addon/src that every folder may import; of `options` only the types. */
const COMMON_FILES = ['log.ts', 'closeable.ts', 'options.ts'];
const SHARED_PACKAGE = '@voice-streaming/shared';

/** All imports of a TypeScript file, in the order of the text. */
export function readImports(text: string): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node | undefined, typeOnly: boolean): void => {
    if (node && ts.isStringLiteralLike(node)) found.push({ specifier: node.text, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isCallExpression(node) && isModuleCall(node.expression)) add(node.arguments[0], false);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, false));
  return found;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  if (clause.name || !bindings || !ts.isNamedImports(bindings)) return false;
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

function isModuleCall(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
}

/** What is wrong with the imports of one file (path from the repository's root); empty when nothing is. */
export function checkImports(file: string, text: string): string[] {
  return readImports(text).flatMap((entry) => {
    const problem = entry.specifier.startsWith('.') ? checkRelative(file, entry) : checkPackage(file, entry.specifier);
    return problem === undefined ? [] : [`${file} imports ${entry.specifier}: ${problem}`];
  });
}

function checkPackage(file: string, specifier: string): string | undefined {
  if (isTestOrBench(file)) return undefined;
  if (specifier.startsWith('node:')) {
    return file.startsWith('addon/') ? undefined : 'only the add-on runs in Node';
  }
  const name = packageName(specifier);
  if (name === SHARED_PACKAGE) return checkShared(file);
  const owners = PACKAGE_OWNERS[name];
  if (!owners) return `the package has no owner; give it one in ${import.meta.filename.split('/').at(-1) ?? ''}`;
  return owners.some((owner) => file.startsWith(owner)) ? undefined : `only ${owners.join(' and ')} may`;
}

function checkShared(file: string): string | undefined {
  if (file.startsWith('card/src/')) return undefined;
  if (file.startsWith('addon/src/media/')) return 'media knows nothing of the protocol';
  return file.startsWith('addon/src/') ? undefined : 'inside shared, imports are relative';
}

function checkRelative(file: string, { specifier, typeOnly }: Import): string | undefined {
  const target = posix.normalize(posix.join(posix.dirname(file), specifier));
  if (target === 'addon/src/main.ts') return 'nobody imports main.ts';
  if (isTestOrBench(file)) return undefined;
  const [from, to] = [workspaceSource(file), workspaceSource(target)];
  if (from === undefined || from !== to) return 'it leaves its workspace';
  if (from !== 'addon/src/' || file === 'addon/src/main.ts') return undefined;
  return checkAddon(file.slice(from.length), target.slice(from.length), typeOnly);
}

/** Both paths are below addon/src. */
function checkAddon(file: string, target: string, typeOnly: boolean): string | undefined {
  const [from, to] = [folderOf(file), folderOf(target)];
  if (from === '') return to === '' ? undefined : 'only main.ts sees the folders';
  const allowed = FOLDERS[from];
  if (!allowed) return `the folder ${from} is not in the table of folders`;
  if (from === to) return undefined;
  if (to !== '')
    return allowed.includes(to) ? undefined : `${from} may import ${allowed.join(', ') || 'no other folder'}`;
  if (!COMMON_FILES.includes(target)) return `of addon/src a folder may import ${COMMON_FILES.join(', ')}`;
  if (target !== 'options.ts') return undefined;
  if (from === 'media') return 'media is told its limits by constructor options';
  return typeOnly ? undefined : 'of options.ts only the types';
}

function isTestOrBench(file: string): boolean {
  return /^(?:addon|card|shared)\/(?:test|bench|soak|tools)\//.test(file);
}

function workspaceSource(path: string): string | undefined {
  return /^(?:addon|card|shared)\/src\//.exec(path)?.[0];
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
