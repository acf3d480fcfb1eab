/** Instructions per delivered packet, which unlike time do not depend on the machine: what one costs more than another. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { NONE, type Figure } from '../support/figure.ts';

const run = promisify(execFile);
const HOOK = join(import.meta.dirname, '../typescript.mjs');
const PACKETS = join(import.meta.dirname, '../processes/packets.ts');
/** Both warm; what lies between is the packets. */
const [FEW, MANY] = [5_000, 15_000];

export async function instructions(): Promise<Figure[]> {
  const [few, many] = [await count(FEW), await count(MANY)];
  const perPacket = (many.instructions - few.instructions) / (many.sent - few.sent);
  return [
    {
      what: 'instructions per packet delivered, without the kernel',
      ours: perPacket.toFixed(0),
      goal: NONE,
      python: NONE,
      control: NONE,
      data: { few, many, perPacket },
    },
  ];
}

async function count(packets: number): Promise<{ sent: number; instructions: number }> {
  const { stdout, stderr } = await run('valgrind', [
    ...['--tool=lackey', '--basic-counts=yes', '--smc-check=all-non-file'],
    ...[process.execPath, '--import', HOOK, PACKETS, String(packets)],
  ]);
  const sent = /sent (\d+)/.exec(stdout)?.[1];
  const executed = /guest instrs:\s+([\d,]+)/.exec(stderr)?.[1];
  if (sent === undefined || executed === undefined) throw new Error(`valgrind counted nothing: ${stderr.slice(-500)}`);
  return { sent: Number(sent), instructions: Number(executed.replaceAll(',', '')) };
}
