/**
 * Two machines on one wire, of network namespaces (Linux, root): the house, with the server, and the far one, which holds one
 * browser. Nothing leads outside; both end with `close`.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const HOUSE = '10.77.0.1';
const FAR = '10.77.0.2';
/** Where the far one moves to. */
const MOVED = '10.77.0.9';
/** Nobody's: what is sent there is lost without a word. */
const NOBODY = '02:00:00:00:00:99';

export class TwoHosts {
  readonly #holders: readonly [house: ChildProcess, far: ChildProcess];
  readonly #folder: string;
  #farAddress = FAR;

  private constructor(holders: readonly [ChildProcess, ChildProcess], folder: string) {
    this.#holders = holders;
    this.#folder = folder;
  }

  static async open(): Promise<TwoHosts> {
    const hold = (): Promise<ChildProcess> =>
      new Promise((resolve, reject) => {
        // Says a word once it is in its namespace.
        const child = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up && echo && exec sleep infinity']);
        child.once('error', reject);
        child.stdout.once('data', () => resolve(child));
        child.once('exit', () => reject(new Error('network namespaces need Linux and root')));
      });
    const hosts = new TwoHosts([await hold(), await hold()], await mkdtemp(join(tmpdir(), 'voice-streaming-hosts-')));
    await hosts.#in('house', `ip link add wire type veth peer name wire netns ${hosts.#pid('far')}`);
    for (const [host, address] of [
      ['house', HOUSE],
      ['far', FAR],
    ] as const) {
      await hosts.#in(host, `ip address add ${address}/24 dev wire && ip link set wire up`);
      await hosts.#in(host, `ip route add default dev wire`);
    }
    return hosts;
  }

  /** What runs a program there, by `exec`. */
  entry(host: 'house' | 'far'): string[] {
    return ['nsenter', '--net', '--target', String(this.#pid(host))];
  }

  /** The program, as one file that runs it there. */
  async executable(host: 'house' | 'far', program: string): Promise<string> {
    const file = join(this.#folder, `${host}.sh`);
    await writeFile(file, `#!/bin/sh\nexec ${this.entry(host).join(' ')} ${program} "$@"\n`);
    await chmod(file, 0o755);
    return file;
  }

  /** Everything is lost on the way, and nobody is told. */
  async cut(): Promise<void> {
    await this.#in('far', `ip neigh replace ${HOUSE} lladdr ${NOBODY} dev wire nud permanent`);
    await this.#in('house', `ip neigh replace ${this.#farAddress} lladdr ${NOBODY} dev wire nud permanent`);
  }

  async mend(): Promise<void> {
    await this.#in('far', `ip neigh del ${HOUSE} dev wire`);
    await this.#in('house', `ip neigh del ${this.#farAddress} dev wire`);
  }

  /** The far one gets another address, and loses the one it had: as on another Wi-Fi of the house. */
  async move(): Promise<void> {
    const [from, to] = this.#farAddress === FAR ? [FAR, MOVED] : [MOVED, FAR];
    this.#farAddress = to;
    await this.#in('far', `ip address del ${from}/24 dev wire && ip address add ${to}/24 dev wire`);
    await this.#in('far', 'ip route replace default dev wire');
  }

  async close(): Promise<void> {
    for (const holder of this.#holders) {
      holder.removeAllListeners('exit');
      holder.kill('SIGKILL');
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  #pid(host: 'house' | 'far'): number {
    return this.#holders[host === 'house' ? 0 : 1].pid!;
  }

  async #in(host: 'house' | 'far', command: string): Promise<void> {
    const [program, ...words] = [...this.entry(host), 'sh', '-c', command];
    await run(program, words);
  }
}
