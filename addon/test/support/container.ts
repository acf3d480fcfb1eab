/** One running container, and what it says. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerEngine } from './container-engine.ts';
import type { Listening } from './server.ts';

const LISTENING_TIMEOUT_MS = 10_000;
const HEALTHY_TIMEOUT_MS = 20_000;
const POLL_MS = 30;

export interface ExitedContainer {
  exitCode: number;
  log: string;
}

export class Container {
  readonly name: string;
  readonly #engine: ContainerEngine;

  private constructor(engine: ContainerEngine, name: string) {
    this.#engine = engine;
    this.name = name;
  }

  /** `args` are what a person writes between `docker run` and the image. */
  static async start(engine: ContainerEngine, image: string, args: readonly string[] = []): Promise<Container> {
    const name = `voice-streaming-test-${randomUUID().slice(0, 8)}`;
    await engine.run(['run', '--detach', '--name', name, ...args, image]);
    return new Container(engine, name);
  }

  /** What main.ts says once it listens. */
  async listening(): Promise<Listening> {
    const deadline = Date.now() + LISTENING_TIMEOUT_MS;
    while (Date.now() < deadline) {
      const found = /\blistening (\{.*\})\s*\n/.exec(await this.log())?.[1];
      if (found !== undefined) return JSON.parse(found) as Listening;
      await delay(POLL_MS);
    }
    throw new Error(`The container does not listen. It says:\n${await this.log()}`);
  }

  /** Both of its outputs. */
  async log(): Promise<string> {
    const [program, ...first] = this.#engine.command;
    return new Promise((resolve, reject) => {
      const logs = spawn(program, [...first, 'logs', this.name], { env: this.#engine.env });
      let text = '';
      for (const output of [logs.stdout, logs.stderr])
        output.setEncoding('utf8').on('data', (each: string) => (text += each));
      logs.on('error', reject);
      logs.on('close', () => resolve(text));
    });
  }

  async inspect(format: string): Promise<string> {
    return (await this.#engine.run(['inspect', '--format', format, this.name])).trim();
  }

  /** Runs the HEALTHCHECK of the image once, as the engine does. */
  async isHealthy(): Promise<boolean> {
    const check = JSON.parse(await this.inspect('{{json .Config.Healthcheck.Test}}')) as string[];
    const [kind, ...command] = check;
    if (kind !== 'CMD') throw new Error(`HEALTHCHECK is ${JSON.stringify(check)}`);
    return this.#engine.run(['exec', this.name, ...command]).then(
      () => true,
      () => false,
    );
  }

  /** Resolves to how long it took, from when the engine had started it. */
  async becomesHealthy(): Promise<number> {
    const startedAt = performance.now();
    while (!(await this.isHealthy())) {
      if (performance.now() - startedAt > HEALTHY_TIMEOUT_MS) {
        throw new Error(`It never became healthy:\n${await this.log()}`);
      }
      await delay(POLL_MS);
    }
    return performance.now() - startedAt;
  }

  /** SIGTERM, then waits for the end, as long as the engine's patience is. */
  async stop(patienceSeconds = 5): Promise<ExitedContainer> {
    await this.#engine.run(['stop', '--time', String(patienceSeconds), this.name]);
    return this.exited();
  }

  /** As a watchdog does. */
  async restart(): Promise<void> {
    await this.#engine.run(['restart', '--time', '1', this.name]);
  }

  /** Runs a script in its server, as no door of its own would let anybody: by Node's inspector. Does not wait for its end. */
  async runInServer(script: string): Promise<void> {
    const command = `exec(${JSON.stringify(script)})\n`;
    await this.node(`
      process.kill(1, 'SIGUSR1');
      const attach = () => {
        const client = child_process.spawn('node', ['inspect', '127.0.0.1:9229'], { stdio: ['pipe', 'pipe', 'ignore'] });
        let said = '';
        let asked = false;
        client.stdout.on('data', (text) => {
          said += text;
          if (asked || !said.includes('debug>')) return;
          asked = true;
          client.stdin.write(${JSON.stringify(command)}, () => setTimeout(() => client.kill('SIGKILL'), 1000));
        });
        client.on('exit', () => { if (!asked) setTimeout(attach, 200); });
      };
      attach();`);
  }

  async exited(): Promise<ExitedContainer> {
    await this.#engine.run(['wait', this.name]);
    return { exitCode: Number(await this.inspect('{{.State.ExitCode}}')), log: await this.log() };
  }

  /** `uid mode name` of everything in /data. */
  data(): Promise<string> {
    return this.node(`
      const show = (path) => { const { uid, mode } = fs.statSync(path); return [uid, (mode & 0o777).toString(8), path].join(' '); };
      console.log(['/data', ...fs.readdirSync('/data').map((name) => '/data/' + name)].map(show).join('\\n'));`);
  }

  /** What a program of Node prints in it. */
  async node(script: string): Promise<string> {
    return (await this.#engine.run(['exec', this.name, 'node', '-e', script])).trim();
  }

  async remove(): Promise<void> {
    // docker kills at once, podman only when told so.
    const now = this.#engine.name === 'podman' ? ['--time', '0'] : [];
    await this.#engine.run(['rm', '--force', ...now, '--volumes', this.name]);
  }
}
