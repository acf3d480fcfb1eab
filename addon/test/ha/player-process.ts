/** A player as a process: started in a folder of its own, reached by TCP when it is ready, and gone without a trace. */
import { spawn, type SpawnOptions } from 'node:child_process';
import { once as onceEvent } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { SoundPipe } from './sound-pipe.ts';

export interface PlayerOptions {
  name: string;
  /** In what it writes to the pipe. */
  channels?: number;
  /** Its command line and what it needs in its folder. */
  prepare: (folder: string, pipe: string) => Promise<[command: string, ...args: string[]]>;
  host: string;
  port: number;
  /** Sees it as ready only when it says something. */
  greets?: boolean;
  spawn?: SpawnOptions;
}

export interface RealPlayer {
  readonly host: string;
  readonly port: number;
  readonly sound: SoundPipe;
  log(): string;
  /** As when it is unplugged. Idempotent. */
  kill(): Promise<void>;
  /** The same once more, at the same place. */
  revive(): Promise<void>;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 3_000;

export async function startPlayer(options: PlayerOptions): Promise<RealPlayer> {
  const { name, host, port, greets = false } = options;
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  await chmod(folder, 0o777);
  const sound = new SoundPipe(join(folder, 'sound'), options.channels);
  const [command, ...args] = await options.prepare(folder, sound.path);
  let said = '';
  let stop: (signal: NodeJS.Signals) => Promise<void> = () => Promise.resolve();
  const begin = async (): Promise<void> => {
    const player = spawn(command, args, { ...options.spawn, stdio: ['ignore', 'pipe', 'pipe'] });
    const exited = onceEvent(player, 'exit');
    for (const output of [player.stdout, player.stderr]) {
      output.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-100_000)));
    }
    stop = async (signal) => {
      stop = () => Promise.resolve();
      player.kill(signal);
      const forced = setTimeout(() => player.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(forced);
    };
    try {
      await vi.waitFor(() => reach(host, port, greets), { timeout: START_TIMEOUT_MS, interval: 50 });
    } catch (error) {
      await stop('SIGKILL');
      throw new Error(`${name} did not start: ${said}`, { cause: error });
    }
  };
  const close = async (): Promise<void> => {
    await stop('SIGTERM');
    sound.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await begin();
  } catch (error) {
    await close();
    throw error;
  }
  return { host, port, sound, log: () => said, kill: () => stop('SIGKILL'), revive: begin, close };
}

async function reach(host: string, port: number, greets: boolean): Promise<void> {
  const socket = connect(port, host);
  try {
    await onceEvent(socket, greets ? 'data' : 'connect');
  } finally {
    socket.destroy();
  }
}
