/** A real Icecast on loopback that pulls what a `<relay>` of its configuration says. */
import { spawn } from 'node:child_process';
import { once as onceEvent } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from './free-port.ts';

export interface Icecast {
  /** Of a mount: `/kitchen.mp3`. */
  url(mount: string): string;
  /** Mounts that have a source now. */
  mounts(): Promise<string[]>;
  log(): Promise<string>;
  kill(): Promise<void>;
}

/** Debian puts servers where a user's PATH does not look; others call it icecast. */
const env = { ...process.env, PATH: [process.env['PATH'], '/usr/sbin', '/usr/local/sbin'].join(delimiter) };

/** `relay` is the whole element. */
export async function startIcecast(relay: string): Promise<Icecast> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'icecast-'));
  await chmod(folder, 0o777);
  const file = join(folder, 'icecast.xml');
  // As root it refuses to run, so it becomes nobody.
  const owner = '<changeowner><user>nobody</user><group>nogroup</group></changeowner>';
  await writeFile(
    file,
    `<icecast>
      <limits><clients>20</clients><sources>2</sources><burst-on-connect>0</burst-on-connect></limits>
      <authentication>
        <source-password>unused</source-password><admin-user>admin</admin-user><admin-password>unused</admin-password>
      </authentication>
      <hostname>localhost</hostname>
      <listen-socket><port>${port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
      ${relay}
      <paths>
        <logdir>${folder}</logdir>
        <webroot>/usr/share/icecast2/web</webroot>
        <adminroot>/usr/share/icecast2/admin</adminroot>
      </paths>
      <logging><errorlog>error.log</errorlog><accesslog>access.log</accesslog><loglevel>3</loglevel></logging>
      <security><chroot>0</chroot>${process.getuid?.() === 0 ? owner : ''}</security>
    </icecast>`,
  );
  const icecast = spawn('icecast2', ['-c', file], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  icecast.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const log = async (): Promise<string> => said + (await readFile(join(folder, 'error.log'), 'utf8').catch(() => ''));
  return {
    url: (mount) => `http://127.0.0.1:${port}${mount}`,
    mounts: async () => {
      if (icecast.exitCode !== null) throw new Error(`Icecast ended: ${await log()}`);
      const status = await fetch(`http://127.0.0.1:${port}/status-json.xsl`).catch(() => undefined);
      if (!status?.ok) return [];
      const { icestats } = (await status.json()) as { icestats: { source?: Source | Source[] } };
      return [icestats.source ?? []].flat().map(({ listenurl }) => new URL(listenurl).pathname);
    },
    log,
    kill: async () => {
      if (icecast.exitCode === null && icecast.signalCode === null) {
        const exited = onceEvent(icecast, 'exit');
        icecast.kill('SIGKILL');
        await exited;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Source {
  listenurl: string;
}
