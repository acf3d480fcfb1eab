// @ts-check
/**
 * What the tests need beyond npm: two browsers, and independent makers and judges of sound. Where something is missing
 * and we are root on Debian or Ubuntu it is installed; elsewhere the person is told exactly what to install.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium, firefox } from 'playwright-core';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const APT_TIMEOUT_MS = 10 * 60_000;
const DOCKER_TIMEOUT_MS = 10_000;

/**
 * @typedef {object} Need
 * @property {string} what
 * @property {string[]} commands Any one of them is enough; a library, by its whole path, for what is a plugin.
 * @property {string} aptPackage In Debian.
 * @property {'chromium' | 'firefox'} [playwright] Ubuntu has browsers only as snaps, which need a running snapd:
 *   there Playwright's own build serves.
 */

/** @type {Need[]} */
export const NEEDS = [
  {
    what: 'Chromium (speaks and hears as a dashboard does)',
    commands: ['chromium', 'chromium-browser', 'google-chrome'],
    aptPackage: 'chromium',
    playwright: 'chromium',
  },
  {
    what: 'Firefox (the other browser)',
    commands: ['firefox-esr', 'firefox'],
    aptPackage: 'firefox-esr',
    playwright: 'firefox',
  },
  { what: 'ffmpeg (decodes what we stream)', commands: ['ffmpeg'], aptPackage: 'ffmpeg' },
  { what: 'ffprobe (judges MP3 and WAV)', commands: ['ffprobe'], aptPackage: 'ffmpeg' },
  { what: 'mpg123 (a strict MP3 player)', commands: ['mpg123'], aptPackage: 'mpg123' },
  { what: 'espeak-ng (speaks test sentences)', commands: ['espeak-ng'], aptPackage: 'espeak-ng' },
  // Servers are not on everybody's PATH.
  {
    what: 'mosquitto (the MQTT broker)',
    commands: ['mosquitto', '/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'],
    aptPackage: 'mosquitto',
  },
  {
    what: 'icecast2 (serves a channel on)',
    commands: ['icecast2', '/usr/sbin/icecast2', '/usr/local/sbin/icecast2'],
    aptPackage: 'icecast2',
  },
  { what: 'ip (networks that something is wrong with)', commands: ['ip', '/usr/sbin/ip'], aptPackage: 'iproute2' },
  { what: 'iptables (the same)', commands: ['iptables', '/usr/sbin/iptables'], aptPackage: 'iptables' },
];

/** Podman with what makes it an engine on a machine without systemd: a runtime, and networks. @type {Need[]} */
const PODMAN_NEEDS = [
  { what: 'podman (builds and runs the image)', commands: ['podman'], aptPackage: 'podman' },
  { what: 'runc (starts containers)', commands: ['runc', 'crun'], aptPackage: 'runc' },
  {
    what: "netavark (podman's networks)",
    commands: ['/usr/lib/podman/netavark', '/usr/libexec/podman/netavark'],
    aptPackage: 'netavark',
  },
  { what: "iptables (podman's networks)", commands: ['iptables', '/usr/sbin/iptables'], aptPackage: 'iptables' },
];

/**
 * What the container tests need: an engine, which is Docker's where one answers, and the ear of the other tests.
 * @param {boolean} hasDocker
 * @returns {Need[]}
 */
export function containerNeeds(hasDocker = dockerAnswers()) {
  return [
    ...(hasDocker ? [] : PODMAN_NEEDS),
    {
      what: 'apparmor_parser (judges the AppArmor profile)',
      commands: ['apparmor_parser', '/usr/sbin/apparmor_parser'],
      aptPackage: 'apparmor',
    },
    ...NEEDS.filter(({ aptPackage }) => ['ffmpeg', 'espeak-ng'].includes(aptPackage)),
  ];
}

/** A client without an engine is no engine. */
export function dockerAnswers() {
  if (findCommand(['docker']) === undefined) return false;
  const result = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], {
    encoding: 'utf8',
    timeout: DOCKER_TIMEOUT_MS,
  });
  return result.status === 0 && result.stdout.trim() !== '';
}

/** The first of these commands on PATH, as a whole path; a whole path stands for itself. @param {string[]} commands @returns {string | undefined} */
export function findCommand(commands, path = process.env['PATH'] ?? '') {
  for (const command of commands) {
    for (const folder of isAbsolute(command) ? ['/'] : path.split(delimiter)) {
      const file = join(folder, command);
      try {
        accessSync(file, file.endsWith('.so') ? constants.R_OK : constants.X_OK);
        return file;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}

/**
 * What to do about what is missing. Pure, so that it can be tested for machines other than this one.
 * @param {Need[]} missing
 * @param {{ osRelease: string, isRoot: boolean, hasApt: boolean }} machine
 * @returns {{ apt: string[], playwright: string[], manual: boolean }}
 */
export function plan(missing, { osRelease, isRoot, hasApt }) {
  const ids = [...osRelease.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap(
    (match) => match[1]?.split(' ') ?? [],
  );
  const isUbuntu = ids.includes('ubuntu');
  const byPlaywright = missing.filter((need) => isUbuntu && need.playwright !== undefined);
  const byApt = missing.filter((need) => !byPlaywright.includes(need));
  return {
    apt: [...new Set(byApt.map((need) => need.aptPackage))],
    playwright: byPlaywright.flatMap((need) => need.playwright ?? []),
    manual: !isRoot || !hasApt || !(isUbuntu || ids.includes('debian')),
  };
}

/** Sees to it that everything is there. False, with what to do on stderr, when it is not. */
export function prepareMachine(needs = NEEDS) {
  const missing = findMissing(needs);
  if (missing.length === 0) return true;
  const todo = plan(missing, {
    osRelease: existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '',
    isRoot: process.getuid?.() === 0,
    hasApt: findCommand(['apt-get']) !== undefined,
  });
  if (todo.manual) {
    console.error(instructions(missing, todo));
    return false;
  }
  console.log(`Installing what the tests need: ${[...todo.apt, ...todo.playwright].join(', ')}`);
  try {
    install(todo);
  } catch (error) {
    console.error(`The installation failed: ${error instanceof Error ? error.message : String(error)}`);
  }
  const stillMissing = findMissing(needs);
  if (stillMissing.length > 0) console.error(instructions(stillMissing, todo));
  return stillMissing.length === 0;
}

/** @param {Need[]} needs */
function findMissing(needs) {
  return needs.filter((need) => findCommand(need.commands) === undefined && !hasPlaywrightBuild(need.playwright));
}

/** @param {Need['playwright']} name */
function hasPlaywrightBuild(name) {
  if (name === undefined) return false;
  return existsSync((name === 'chromium' ? chromium : firefox).executablePath());
}

/** @param {Need[]} missing @param {{ apt: string[], playwright: string[] }} todo */
function instructions(missing, todo) {
  const lines = ['The tests need what is not installed here:', ...missing.map((need) => `  - ${need.what}`)];
  lines.push('Install it, on Debian or Ubuntu as root with:');
  if (todo.apt.length > 0) {
    lines.push(`  apt-get update && apt-get install -y --no-install-recommends ${todo.apt.join(' ')}`);
  }
  if (todo.playwright.length > 0) lines.push(`  npx playwright-core install --with-deps ${todo.playwright.join(' ')}`);
  lines.push(
    `Elsewhere, so that these commands are found: ${missing.map((need) => need.commands.join(' or ')).join(', ')}.`,
  );
  return lines.join('\n');
}

/** @param {{ apt: string[], playwright: string[] }} todo */
function install(todo) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (/** @type {string[]} */ ...args) => {
    const options = ['-qq', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3'];
    const result = spawnSync('apt-get', [...options, ...args], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: APT_TIMEOUT_MS,
      encoding: 'utf8',
    });
    if (result.status !== 0) throw new Error(`apt-get ${args.join(' ')}:\n${result.stderr.slice(-2000)}`);
  };
  if (todo.apt.length > 0) {
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...todo.apt);
  }
  if (todo.playwright.length > 0) {
    const cli = join(ROOT, 'node_modules/playwright-core/cli.js');
    execFileSync(process.execPath, [cli, 'install', '--with-deps', ...todo.playwright], {
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: APT_TIMEOUT_MS,
    });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = prepareMachine() ? 0 : 1;
