// @ts-check
/**
 * A stand-in for the base image, for machines that reach the npm registry but no registry of images: Node and npm from
 * npm's packages over this machine's own C library and shell. Enough for a Dockerfile whose RUN lines call only node
 * and npm; its layers say nothing about the size of the real one's.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** As in the Dockerfile's base: the LTS line of today. */
export const NODE_VERSION = '24.21.0';
const NPM_VERSION = '11.21.2';
/** What node and npm start besides themselves. */
const COMMANDS = ['/bin/sh', '/usr/bin/env'];
const PACKAGE_TIMEOUT_MS = 5 * 60_000;

/**
 * Writes the root file system and a Dockerfile around it.
 * @param {string} folder Empty; a Docker build of it gives the image.
 */
export function makeNodeBase(folder) {
  const root = join(folder, 'root');
  for (const each of ['bin', 'etc', 'proc', 'sys', 'dev', 'run', 'root', 'usr/bin', 'usr/local/bin']) {
    mkdirSync(join(root, each), { recursive: true });
  }
  mkdirSync(join(root, 'tmp'), { mode: 0o1777 });
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
  const node = unpack(folder, `node-linux-${arch}@${NODE_VERSION}`);
  cpSync(join(node, 'bin/node'), join(root, 'usr/local/bin/node'));
  cpSync(unpack(folder, `npm@${NPM_VERSION}`), join(root, 'usr/local/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));

  for (const file of [...COMMANDS, ...COMMANDS.flatMap(librariesOf), ...librariesOf(join(node, 'bin/node'))]) {
    const target = join(root, file);
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    cpSync(realpathSync(file), target);
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnode:x:1000:\n');
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n');
  writeFileSync(
    join(folder, 'Dockerfile'),
    `FROM scratch\nCOPY root /\nENV PATH=/usr/local/bin:/usr/bin:/bin NODE_VERSION=${NODE_VERSION}\nCMD ["node"]\n`,
  );
}

/** @param {string} folder @param {string} spec @returns {string} The folder of the unpacked package. */
export function unpack(folder, spec) {
  const options = { cwd: folder, encoding: /** @type {const} */ ('utf8'), timeout: PACKAGE_TIMEOUT_MS };
  const printed = execFileSync('npm', ['pack', '--silent', '--ignore-scripts', spec], options);
  const target = join(folder, spec.replace(/@.*/, ''));
  mkdirSync(target);
  execFileSync('tar', ['xzf', printed.trim().split('\n').at(-1) ?? '', '-C', target, '--strip-components=1'], options);
  return target;
}

/** Everything that the loader would load. @param {string} program */
function librariesOf(program) {
  return execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
}
