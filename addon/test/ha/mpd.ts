/** A speaker of the house: the Music Player Daemon, whose output goes into a file. */
import { spawn } from 'node:child_process';
import { once as onceEvent } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { fromInt16, SAMPLE_RATE_HZ } from '../support/pcm.ts';

export interface Mpd {
  port: number;
  /** All it has played so far. */
  played(): Promise<Float32Array>;
  log(): string;
  close(): Promise<void>;
}

export async function startMpd(port = 6600): Promise<Mpd> {
  const folder = await mkdtemp(join(tmpdir(), 'mpd-'));
  const output = join(folder, 'output.raw');
  const conf = join(folder, 'mpd.conf');
  await mkdir(join(folder, 'music'));
  await writeFile(output, '');
  await writeFile(
    conf,
    `
music_directory "${join(folder, 'music')}"
bind_to_address "127.0.0.1"
port "${port}"
zeroconf_enabled "no"
input {
  plugin "curl"
}
audio_output {
  type "pipe"
  name "file"
  command "cat >> ${output}"
  format "${SAMPLE_RATE_HZ}:16:1"
}
`,
  );
  let said = '';
  const mpd = spawn('mpd', ['--no-daemon', '--stderr', '--verbose', conf], { stdio: ['ignore', 'ignore', 'pipe'] });
  mpd.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const exited = onceEvent(mpd, 'exit');
  const close = async (): Promise<void> => {
    mpd.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await vi.waitFor(() => reach(port), { timeout: 10_000, interval: 50 });
  } catch (error) {
    await close();
    throw new Error(`mpd did not start: ${said}`, { cause: error });
  }
  return { port, close, log: () => said, played: async () => fromInt16(await readFile(output)) };
}

/** Its greeting. */
async function reach(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await onceEvent(socket, 'data');
  } finally {
    socket.destroy();
  }
}
