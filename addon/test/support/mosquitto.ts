/** A real Mosquitto on loopback, and what a subscriber of it sees. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once as onceEvent } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectSocket, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { once } from './once.ts';

export interface MosquittoOptions {
  port?: number;
  /** Only this user is let in. */
  user?: { name: string; password: string };
}

export interface Mosquitto {
  port: number;
  url: string;
  /** As a power cut. */
  kill(): Promise<void>;
}

/** Debian puts servers where a user's PATH does not look. */
const env = { ...process.env, PATH: [process.env['PATH'], '/usr/sbin', '/usr/local/sbin'].join(delimiter) };

export async function startMosquitto({ port, user }: MosquittoOptions = {}): Promise<Mosquitto> {
  const chosen = port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'mosquitto-'));
  const lines = [`listener ${chosen} 127.0.0.1`, 'persistence false', `allow_anonymous ${user ? 'false' : 'true'}`];
  if (process.getuid?.() === 0) lines.push('user root');
  if (user) {
    const passwords = join(folder, 'passwords');
    execFileSync('mosquitto_passwd', ['-b', '-c', passwords, user.name, user.password], { env, stdio: 'pipe' });
    lines.push(`password_file ${passwords}`);
  }
  const conf = join(folder, 'mosquitto.conf');
  await writeFile(conf, lines.join('\n') + '\n');
  const broker = spawn('mosquitto', ['-c', conf], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  broker.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const kill = async (): Promise<void> => {
    if (isRunning(broker)) {
      const exited = onceEvent(broker, 'exit');
      broker.kill('SIGKILL');
      await exited;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await listening(chosen, broker);
  } catch (error) {
    await kill();
    throw new Error(`Mosquitto did not start: ${said}`, { cause: error });
  }
  return { port: chosen, url: `mqtt://127.0.0.1:${chosen}`, kill };
}

const OURS = /^voice_streaming\/[0-9a-f]{8}\/(.*)$/;

/** Sees everything, keeps the last word of each topic and all words in order. */
export class MqttEar {
  readonly latest = new Map<string, string>();
  readonly heard: { topic: string; payload: string; retain: boolean }[] = [];
  readonly client: MqttClient;

  private constructor(client: MqttClient) {
    this.client = client;
    client.on('message', (topic, data, { retain }) => {
      const payload = data.toString();
      this.heard.push({ topic, payload, retain });
      if (payload === '') this.latest.delete(topic);
      else this.latest.set(topic, payload);
    });
  }

  static async open(
    { url }: Pick<Mosquitto, 'url'>,
    credentials: { username?: string; password?: string } = {},
  ): Promise<MqttEar> {
    const ear = new MqttEar(await connectAsync(url, { ...credentials, reconnectPeriod: 0 }));
    await ear.client.subscribeAsync('#');
    return ear;
  }

  /** The last word on the one topic that ends so, below the place of whichever installation of ours. */
  ofAddOn(end: string): string | undefined {
    return this.latest.get([...this.latest.keys()].find((topic) => OURS.exec(topic)?.[1] === end) ?? '');
  }

  json(topic: string): Record<string, unknown> {
    return JSON.parse(this.latest.get(topic) ?? '{}') as Record<string, unknown>;
  }

  async close(): Promise<void> {
    await this.client.endAsync(true);
  }
}

function isRunning(process: ChildProcess): boolean {
  return process.exitCode === null && process.signalCode === null;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

function listening(port: number, broker: ChildProcess): Promise<void> {
  return once((resolve: (value?: undefined) => void, reject) => {
    broker.once('error', reject);
    broker.once('exit', (code) => reject(new Error(`exit ${String(code)}`)));
    const knock = (): void => {
      const socket = connectSocket({ port, host: '127.0.0.1' });
      socket.once('connect', () => {
        socket.destroy();
        resolve();
      });
      socket.once('error', () => isRunning(broker) && setTimeout(knock, 20));
    };
    knock();
  }, 'Mosquitto listens');
}
