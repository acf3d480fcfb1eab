// @ts-check
/**
 * `npm test`: the stages in order, or those named on the command line (`npm run test:unit`). All of them run, whatever
 * an earlier one says; at the end all failures are named again, and the last line adds everything up: `N passed, N failed`.
 * Exit code 0 only when something passed and nothing failed. A process that a stage leaves behind is a failure of that stage.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareHomeAssistant } from './home-assistant.mjs';
import { containerNeeds, NEEDS, prepareMachine } from './prepare-machine.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const MINUTE_MS = 60_000;
/** All descendants of this run carry it in their environment: that is how leftovers are found. */
const RUN_MARK_NAME = 'VOICE_STREAMING_TEST_RUN';
const RUN_MARK = randomUUID();
/** Browsers take a moment to fold up their process tree after their parent is gone. */
const LEFTOVER_GRACE_MS = 5_000;

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @type {[name: string, run: () => Promise<Counts>][]} */
const STAGES = [
  ['lint', lint],
  ['unit', () => vitest('unit', 5 * MINUTE_MS)],
  ['integration', async () => sum([prepare(), await vitest('integration', 10 * MINUTE_MS)])],
  ['e2e', async () => sum([prepare(), await vitest('e2e', 15 * MINUTE_MS)])],
  ['container', async () => sum([prepare(containerNeeds()), await vitest('container', 10 * MINUTE_MS)])],
  ['ha', homeAssistant],
];

/** Only by name. @type {[name: string, run: () => Promise<Counts>][]} */
const MEASUREMENTS = [['speakers', () => homeAssistant('speakers', 20 * MINUTE_MS)]];

/** What failed, named once more at the end: a log of CI is often read from there. @type {string[]} */
const failures = [];
/** Lines of a failed test's message that are named. */
const MESSAGE_LINES = 12;

/** @type {import('node:child_process').ChildProcess | undefined} */
let running;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    killGroup(running, 'SIGKILL');
    for (const pid of leftovers()) kill(pid);
    process.exit(130);
  });
}

process.exitCode = await main(process.argv.slice(2));

/** @param {string[]} names */
async function main(names) {
  const all = names.length === 0 ? STAGES : [...STAGES, ...MEASUREMENTS];
  const known = all.map(([name]) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`No such stage: ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
    return 2;
  }
  /** @type {Counts[]} */
  const results = [];
  for (const [name, runStage] of all.filter(([name]) => names.length === 0 || names.includes(name))) {
    console.log(`\n== ${name}`);
    const startedAt = Date.now();
    const counts = sum([await runStage(), await countLeftovers()]);
    console.log(`== ${name}: ${describe(counts)} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
    results.push(counts);
  }
  const total = sum(results);
  if (failures.length > 0) console.log(`\n== failed\n${failures.join('\n')}`);
  console.log(`\n${describe(total)}`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** @param {Counts} counts */
function describe({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** @param {Counts[]} list @returns {Counts} */
function sum(list) {
  return list.reduce(
    (a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/** @returns {Counts} */
function passed() {
  return { passed: 1, failed: 0, skipped: 0 };
}

/** @param {string} what @returns {Counts} */
function fail(what) {
  console.log(`FAILED ${what}`);
  failures.push(`FAILED ${what}`);
  return { passed: 0, failed: 1, skipped: 0 };
}

async function lint() {
  return sum([
    await check('prettier', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.']),
    await check('tsc', ['node_modules/typescript/bin/tsc', '-b']),
    await check('eslint', ['node_modules/eslint/bin/eslint.js', '--max-warnings=0', '.']),
  ]);
}

/** One tool as one check. @param {string} name @param {string[]} args */
async function check(name, args) {
  const exitCode = await run(args, 10 * MINUTE_MS);
  if (exitCode !== 0) return fail(name);
  console.log(`ok     ${name}`);
  return passed();
}

/** The tools of the machine that the stage runs; counts only when some cannot be had. */
function prepare(needs = NEEDS) {
  return prepareMachine(needs) ? sum([]) : fail('preparation of this machine');
}

/** With the real Home Assistant, in the network of a house that is made for it. */
async function homeAssistant(project = 'ha', timeoutMs = 10 * MINUTE_MS) {
  if (!prepareMachine() || !prepareHomeAssistant()) return fail('preparation of Home Assistant');
  const network = ['unshare', '--net', '--mount', 'sh', 'addon/tools/house-network.sh'];
  return vitest(project, timeoutMs, network);
}

/** @param {string} project @param {number} timeoutMs @param {string[]} [within] Command that runs it. @returns {Promise<Counts>} */
async function vitest(project, timeoutMs, within = []) {
  const folder = mkdtempSync(join(tmpdir(), 'voice-streaming-tests-'));
  const report = join(folder, 'report.json');
  try {
    const exitCode = await run(
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        ...['--project', project],
        `--reporter=${['e2e', 'container', 'ha', 'speakers'].includes(project) ? 'verbose' : 'default'}`,
        '--reporter=json',
        `--outputFile.json=${report}`,
      ],
      timeoutMs,
      within,
    );
    if (!existsSync(report)) return fail(`${project}: vitest wrote no report (exit code ${exitCode})`);
    return count(JSON.parse(readFileSync(report, 'utf8')), exitCode);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A file that could not be loaded has no tests to count, and an unhandled error belongs to none: one failure each.
 * @param {import('vitest/reporters').JsonTestResults} report
 * @param {number} exitCode
 */
function count(report, exitCode) {
  const isFailed = (/** @type {{ status: string }} */ { status }) => status === 'failed';
  const brokenFiles = report.testResults.filter((file) => isFailed(file) && !file.assertionResults.some(isFailed));
  const counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  for (const { name, assertionResults } of report.testResults) {
    for (const { fullName, failureMessages } of assertionResults.filter(isFailed)) {
      failures.push(`FAILED ${relative(ROOT, name)} > ${fullName}\n${firstLines((failureMessages ?? []).join('\n'))}`);
    }
  }
  for (const { name, message } of brokenFiles) failures.push(`FAILED ${relative(ROOT, name)}\n${firstLines(message)}`);
  if (counts.failed > 0) return counts;
  if (exitCode !== 0) return sum([counts, fail(`an error outside of any test (exit code ${exitCode})`)]);
  return counts.passed === 0 ? fail('nothing: there was no test') : counts;
}

/** @param {string} message */
function firstLines(message) {
  return message.split('\n', MESSAGE_LINES).join('\n');
}

/**
 * Runs a script in a process group of its own; kills the group when it takes too long. Resolves to its exit code.
 * @param {string[]} args
 * @param {number} timeoutMs
 * @param {string[]} [within] A command that runs it.
 * @returns {Promise<number>}
 */
function run(args, timeoutMs, within = []) {
  return new Promise((resolve) => {
    const [command = '', ...rest] = [...within, process.execPath, ...args];
    const child = spawn(command, rest, {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, [RUN_MARK_NAME]: RUN_MARK },
      detached: true,
    });
    running = child;
    const timer = setTimeout(() => {
      console.log(`FAILED ${args[0]} took longer than ${timeoutMs / MINUTE_MS} minutes and was killed`);
      killGroup(child, 'SIGKILL');
    }, timeoutMs);
    const done = (/** @type {number} */ code) => {
      clearTimeout(timer);
      running = undefined;
      resolve(code);
    };
    child.on('error', (error) => {
      console.log(`FAILED ${args[0]}: ${error.message}`);
      done(127);
    });
    child.on('exit', (code) => done(code ?? 128));
  });
}

/** @returns {Promise<Counts>} */
async function countLeftovers() {
  const deadline = Date.now() + LEFTOVER_GRACE_MS;
  while (leftovers().length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
  const pids = leftovers();
  if (pids.length === 0) return sum([]);
  const counts = fail(`left behind: ${pids.map((pid) => `process ${pid}: ${commandLine(pid)}`).join(', ')}`);
  for (const pid of pids) kill(pid);
  return counts;
}

/** Processes with our mark (Linux; elsewhere none is found). @returns {number[]} */
function leftovers() {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => readProc(pid, 'environ').split('\0').includes(`${RUN_MARK_NAME}=${RUN_MARK}`))
    .map(Number);
}

/** @param {number} pid */
function commandLine(pid) {
  return readProc(String(pid), 'cmdline').replaceAll('\0', ' ').slice(0, 200);
}

/** @param {string} pid @param {string} file */
function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // Gone meanwhile, or another user's.
  }
}

/** @param {import('node:child_process').ChildProcess | undefined} child @param {NodeJS.Signals} signal */
function killGroup(child, signal) {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Gone already.
  }
}

/** @param {number} pid */
function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
