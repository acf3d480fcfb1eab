// @ts-check
/**
 * Home Assistant Core for `npm run test:ha`: in a small Debian that has the Python it wants, in a folder outside of the project,
 * made once and kept. `node addon/tools/home-assistant.mjs` only makes it.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepareMachine } from './prepare-machine.mjs';

/** The newest that installs; raise it when there is a newer one. HOME_ASSISTANT_VERSION tries another. */
const CORE_VERSION = process.env['HOME_ASSISTANT_VERSION'] ?? '2026.11.0';
const SUITE = 'forky';
const MIRROR = 'http://deb.debian.org/debian';
const PYTHON = 'python3.14';
/** Where Debian keeps the machine's libraries. */
const LIBRARIES = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
const PACKAGES = ['ca-certificates', PYTHON, `${PYTHON}-venv`];
/** Beside what Core sets up by itself. */
const INTEGRATIONS = [
  'mqtt',
  'mpd',
  'dlna_dmr',
  'vlc_telnet',
  'recorder',
  'history',
  'logbook',
  'media_source',
  'google_translate',
  'met',
  'radio_browser',
  'shopping_list',
];
/** Without a wheel for this Python they would need a compiler. Only the voice assistant uses them; others only import them. */
const LEFT_OUT = ['pymicro-vad', 'pyspeex-noise'];
const STAND_INS = { 'pymicro_vad.py': 'class MicroVad: ...\n', 'pyspeex_noise.py': 'class AudioProcessor: ...\n' };
/** @type {import('./prepare-machine.mjs').Need[]} */
const NEEDS = [
  { what: 'debootstrap (a small Debian for Home Assistant)', commands: ['debootstrap'], aptPackage: 'debootstrap' },
  { what: 'ip (a network for it)', commands: ['ip'], aptPackage: 'iproute2' },
  { what: 'mosquitto (the MQTT broker)', commands: ['mosquitto'], aptPackage: 'mosquitto' },
  // Speakers that Home Assistant drives.
  { what: 'mpd (Music Player Daemon)', commands: ['mpd'], aptPackage: 'mpd' },
  { what: 'gmediarender (a DLNA renderer)', commands: ['gmediarender'], aptPackage: 'gmediarender' },
  {
    what: 'what gmediarender fetches with',
    commands: [`/usr/lib/${LIBRARIES}/gstreamer-1.0/libgstsoup.so`],
    aptPackage: 'gstreamer1.0-plugins-good',
  },
  { what: 'VLC without a screen', commands: ['cvlc'], aptPackage: 'vlc-bin' },
  {
    what: "VLC's decoders",
    commands: [`/usr/lib/${LIBRARIES}/vlc/plugins/codec/libavcodec_plugin.so`],
    aptPackage: 'vlc-plugin-base',
  },
];
const STEP_TIMEOUT_MS = 10 * 60_000;
/** As the network has them in which the command runs. */
const MACHINE_FILES = ['/etc/hosts', '/etc/resolv.conf'];
const CERTIFICATES = 'etc/ssl/certs/ca-certificates.crt';

/** What Core's manifests ask for, as `--skip-pip` keeps it from fetching that itself. */
const LIST_REQUIREMENTS = `
import json, pathlib, sys
import homeassistant
from homeassistant import bootstrap
components = pathlib.Path(homeassistant.__file__).parent / "components"
todo = [*bootstrap.CORE_INTEGRATIONS, *bootstrap.DEFAULT_INTEGRATIONS, *bootstrap.DEFAULT_INTEGRATIONS_SUPERVISOR]
todo += sys.argv[1].split()
seen, found = set(), set()
while todo:
    name = todo.pop()
    if name in seen:
        continue
    seen.add(name)
    manifest = json.loads((components / name / "manifest.json").read_text())
    todo += manifest.get("dependencies", [])
    found |= set(manifest.get("requirements", []))
left_out = sys.argv[2].split()
print("\\n".join(sorted(r for r in found if r.split("==")[0].lower() not in left_out)))
`;

/** Where the small Debian is kept, without its last part. */
function cacheFolder() {
  const caches = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(caches, 'voice-streaming', 'home-assistant');
}

/** The folder that is the root of the small Debian. */
export function homeAssistantRoot() {
  return join(cacheFolder(), SUITE);
}

/**
 * A command line that runs `command` inside the small Debian, with `binds` (from the machine: to the root) mounted.
 * Mounts are the process's own and end with it.
 * @param {string[]} command
 * @param {{ binds?: Record<string, string>, env?: Record<string, string> }} [options]
 * @returns {string[]}
 */
export function insideRoot(command, { binds = {}, env = {} } = {}) {
  const root = homeAssistantRoot();
  const mounts = ['mount --rbind /dev "$0/dev"', 'mount -t proc proc "$0/proc"'];
  for (const file of MACHINE_FILES) mounts.push(`mount --bind ${file} "$0${file}"`);
  for (const [from, to] of Object.entries(binds)) mounts.push(`mount --bind ${quote(from)} "$0"${quote(to)}`);
  const variables = {
    PATH: '/venv/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    SSL_CERT_FILE: `/${CERTIFICATES}`,
    ...passedOn(),
    ...env,
  };
  const assignments = Object.entries(variables).map(([name, value]) => quote(`${name}=${value}`));
  const script = `${mounts.join(' && ')} && exec env -i ${assignments.join(' ')} "$(command -v chroot)" "$0" "$@"`;
  return ['unshare', '--mount', 'sh', '-c', script, root, ...command];
}

/** Sees to it that everything is there. False, with the reason on stderr, when it cannot be had. */
export function prepareHomeAssistant() {
  const obstacle = findObstacle();
  if (obstacle !== undefined) {
    console.error(`Home Assistant cannot be tested here: ${obstacle}`);
    return false;
  }
  try {
    makeRoot();
    installCore();
    return true;
  } catch (error) {
    console.error(`Home Assistant could not be installed: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

/** @returns {string | undefined} */
function findObstacle() {
  const isLinux = process.platform === 'linux';
  if (!isLinux || process.getuid?.() !== 0) {
    return 'it needs root on Linux, for network namespaces and a small Debian of its own.';
  }
  return prepareMachine(NEEDS) ? undefined : 'something is missing, see above.';
}

/** Step 1: Debian itself. A half-made one is thrown away. */
function makeRoot() {
  const root = homeAssistantRoot();
  const want = digest([SUITE, ...PACKAGES]);
  if (readMark(root, 'debian') === want) return;
  const unfinished = `${root}.unfinished`;
  for (const folder of [root, unfinished]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(cacheFolder(), { recursive: true });
  // The suite may be newer than the machine's debootstrap; sid's script is for all of them.
  const script = '/usr/share/debootstrap/scripts/sid';
  const packages = `--include=${PACKAGES.join(',')}`;
  timed(`Debian ${SUITE} with ${PYTHON}`, () =>
    // In a mount namespace, so that an end in the midst leaves nothing mounted in what is to be thrown away.
    run(['unshare', '--mount', 'debootstrap', '--variant=minbase', packages, SUITE, unfinished, MIRROR, script]),
  );
  // Whatever the machine trusts, as it may sit behind a proxy of its own.
  copyFileSync(`/${CERTIFICATES}`, join(unfinished, CERTIFICATES));
  rmSync(join(unfinished, 'var/cache/apt'), { recursive: true, force: true });
  for (const file of MACHINE_FILES) writeFileSync(join(unfinished, file), '');
  mkdirSync(join(unfinished, 'config'));
  renameSync(unfinished, root);
  writeMark(root, 'debian', want);
}

/** Step 2: Core and what its integrations need. */
function installCore() {
  const root = homeAssistantRoot();
  const want = digest([CORE_VERSION, ...INTEGRATIONS, LIST_REQUIREMENTS, JSON.stringify(STAND_INS)]);
  if (readMark(root, 'core') === want) return;
  const uv = ['uv', 'pip', 'install', '--quiet', '--no-cache', '--python', '/venv/bin/python'];
  timed(`Home Assistant Core ${CORE_VERSION}`, () => {
    run(insideRoot([PYTHON, '-m', 'venv', '--clear', '/venv']));
    run(insideRoot(['pip', 'install', '--quiet', '--no-cache-dir', 'uv']));
    run(insideRoot([...uv, CORE_VERSION === 'latest' ? 'homeassistant' : `homeassistant==${CORE_VERSION}`]));
  });
  timed('what its integrations need', () => {
    const list = insideRoot(['python', '-c', LIST_REQUIREMENTS, INTEGRATIONS.join(' '), LEFT_OUT.join(' ')]);
    writeFileSync(join(root, 'requirements.txt'), run(list));
    const constraints = run(
      insideRoot(['python', '-c', 'import homeassistant as h; print(h.__path__[0] + "/package_constraints.txt")']),
    ).trim();
    run(insideRoot([...uv, '--requirement', '/requirements.txt', '--constraint', constraints]));
    const packages = join(root, constraints, '../..');
    for (const [name, text] of Object.entries(STAND_INS)) writeFileSync(join(packages, name), text);
  });
  writeMark(root, 'core', want);
}

/** Its output; an error, with the end of what it said, when it fails. @param {string[]} command */
function run([command = '', ...args]) {
  const options = { timeout: STEP_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
  const result = spawnSync(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  if (result.status === 0) return result.stdout;
  const said = `${result.stdout ?? ''}${result.stderr ?? ''}`.trimEnd().slice(-2000);
  throw new Error(`${command} ${args.at(-1) ?? ''} failed (${result.error?.message ?? result.status}):\n${said}`);
}

/** @param {string} what @param {() => void} step */
function timed(what, step) {
  const startedAt = Date.now();
  console.log(`Installing ${what} …`);
  step();
  console.log(`Installed ${what} in ${((Date.now() - startedAt) / 1000).toFixed(0)} s.`);
}

/** @param {string[]} parts */
function digest(parts) {
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}

/** @param {string} root @param {string} step */
function readMark(root, step) {
  const file = join(root, `.${step}`);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** @param {string} root @param {string} step @param {string} value */
function writeMark(root, step, value) {
  writeFileSync(join(root, `.${step}`), value);
}

/** What the machine needs to reach others, and the mark by which run-tests.mjs finds what is left behind. */
function passedOn() {
  const names = /^(?:https?_proxy|no_proxy|pip_index_url|uv_default_index|voice_streaming_test_run)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => names.test(name)));
}

/** @param {string} value */
function quote(value) {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = prepareHomeAssistant() ? 0 : 1;
}
