/**
 * A Raspberry Pi 4, which is not here: the built server under qemu, in the image's Node for arm64, does what it does in a
 * house, and its instructions are counted. How long a Pi takes for them is an estimate: README.md has where its figures are from.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { startServer } from '../../test/support/server.ts';
import { Arm64, PI_4, WITH_AES } from '../support/arm64.ts';
import { NONE, type Figure } from '../support/figure.ts';
import { houseCosts, type HouseCosts } from '../support/house-load.ts';
import { round } from '../support/statistics.ts';

const run = promisify(execFile);
const PACKETS = join(import.meta.dirname, '../processes/packets.ts');
/** Both warm; what lies between is the packets. */
const [FEW, MANY] = [5_000, 15_000];
const UNDER_QEMU = { settleMs: 15_000, windowMs: 10_000 };
const OPEN = { ANNOUNCED_ADDRESS: '127.0.0.1', MEDIA_ACCESS: 'open' };
const HERE = { settleMs: 10_000, windowMs: 10_000 };
/** Bundled dependencies in CommonJS call it, which an ES module does not have. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
/** Of Linux, which all of this needs. */
const CLOCK_TICKS_HZ = 100;

/** From a board that was made lately to an old one: instructions a second of a core, and the kernel's slowness beside this machine's. */
const BEST = { instructionsPerSecond: 0.6 * 1.8e9, kernel: 4 };
const WORST = { instructionsPerSecond: 0.35 * 1.5e9, kernel: 6 };

export async function pi(): Promise<Figure[]> {
  const arm64 = new Arm64();
  try {
    const counted = await countServer(arm64);
    const [user, kernel] = await measureHere();
    const sealing = await sealings(arm64);
    const figure = (what: string, key: keyof HouseCosts, unit: string, scale: number): Figure => {
      const [least, most] = [BEST, WORST].map(
        (board) => (counted[key] / board.instructionsPerSecond + Math.max(0, kernel![key]) * board.kernel) * scale,
      );
      return {
        what,
        ours: `${round(least!)} to ${round(most!)} ${unit}`,
        goal: NONE,
        python: NONE,
        control: `here ${round(user![key] * scale)} + kernel ${round(kernel![key] * scale)} ${unit}; ${(counted[key] / 1e6).toPrecision(3)} million instructions`,
        data: { counted: counted[key], userHere: user![key], kernelHere: kernel![key] },
      };
    };
    return [
      figure('Pi 4, idle', 'idle', '% of a core', 100),
      figure('Pi 4, a talk that nobody hears', 'talk', '% of a core', 100),
      figure('Pi 4, each packet to each receiver', 'packet', 'us', 1e6),
      figure('Pi 4, MP3 of it', 'mp3', '% of a core', 100),
      ...sealing,
    ];
  } finally {
    arm64.close();
  }
}

async function countServer(arm64: Arm64): Promise<HouseCosts> {
  const counter = arm64.counter();
  const server = await startServer({ ...OPEN, OPENSSL_armcap: PI_4 }, arm64.command(counter));
  try {
    return (await houseCosts(server, [() => counter.read()], UNDER_QEMU))[0]!;
  } finally {
    await server.stop();
  }
}

/** Seconds: of the program itself, and of the kernel for it. */
async function measureHere(): Promise<HouseCosts[]> {
  const server = await startServer(OPEN);
  const seconds = (field: number) => (): number => {
    // After the name, which may hold anything.
    const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return Number(fields[field]) / CLOCK_TICKS_HZ;
  };
  try {
    return await houseCosts(server, [seconds(11), seconds(12)], HERE);
  } finally {
    await server.stop();
  }
}

/** The packet path alone, by what seals it: what choosing another profile would cost. */
async function sealings(arm64: Arm64): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'voice-streaming-packets-'));
  try {
    const outfile = join(folder, 'packets.mjs');
    await build({
      ...{ entryPoints: [PACKETS], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20' },
      banner: { js: REQUIRE },
    });
    const count = async (armcap: string, sealing: string): Promise<number> => {
      const counts: number[] = [];
      for (const packets of [FEW, MANY]) {
        const counter = arm64.counter();
        const [program, ...args] = arm64.node(counter);
        const env = { ...process.env, OPENSSL_armcap: armcap };
        const { stdout } = await run(program, [...args, outfile, String(packets), sealing], { env });
        counts.push(counter.read(), Number(/sent (\d+)/.exec(stdout)?.[1]));
      }
      const [few, sentFew, many, sentMany] = counts as [number, number, number, number];
      return (many - few) / (sentMany - sentFew);
    };
    const figures: Figure[] = [];
    for (const [sealing, name] of [
      ['sha1', 'AES_CM_128_HMAC_SHA1_80'],
      ['gcm', 'AEAD_AES_128_GCM'],
    ] as const) {
      const [plain, withAes] = [await count(PI_4, sealing), await count(WITH_AES, sealing)];
      figures.push({
        what: `instructions of the packet path, ${name}`,
        ours: plain.toFixed(0),
        goal: NONE,
        python: NONE,
        control: `with instructions for AES and SHA: ${withAes.toFixed(0)}`,
        data: { plain, withAes },
      });
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
