/** What ten thousand comings and goings leave behind: memory of the server's process after a collection, as it goes. */
import { startServer } from '../../test/support/server.ts';
import type { Receivers } from '../processes/receivers.ts';
import type { Sender } from '../processes/sender.ts';
import { Child } from '../support/child.ts';
import { delay } from '../support/clock.ts';
import { NONE, type Figure } from '../support/figure.ts';
import { readMemory, WITH_INSPECTOR, type Memory } from '../support/memory.ts';
import { round } from '../support/statistics.ts';

const JOINS = Number(process.env['JOINS'] ?? 10_000);
const STEPS = 10;
const AT_ONCE = 4;
/** Handshakes that time out on a machine that is busy with clients. */
const MAX_FAILED = 0.01;
/** What is left of the last ones is gone by then. */
const SETTLE_MS = 1000;

export async function joins(): Promise<Figure[]> {
  const server = await startServer({ ANNOUNCED_ADDRESS: '127.0.0.1', ...WITH_INSPECTOR });
  const sender = new Child<Sender>('processes/sender.ts');
  const receivers = new Child<Receivers>('processes/receivers.ts');
  try {
    await sender.call('talk', { port: server.port, name: 'Bench', saying: 'speech' });
    const memory: Memory[] = [];
    let failed = 0;
    for (let step = 0; step <= STEPS; step += 1) {
      // The first round only makes what a running server has anyway: compiled code, pools.
      for (let left = JOINS / STEPS; left > 0; left -= AT_ONCE) {
        const one = (): Promise<unknown> =>
          receivers.call('coldJoin', { port: server.port }).catch(() => {
            failed += 1;
          });
        await Promise.all(Array.from({ length: AT_ONCE }, one));
      }
      await delay(SETTLE_MS);
      memory.push(await readMemory(server));
      process.stderr.write(`joins: ${((step + 1) * JOINS) / STEPS}, live ${megabytes(memory.at(-1)!.liveBytes)} MB\n`);
    }
    // Compiled code and the like grow over the first thousands; what a join leaves behind shows in the second half.
    const [middle, last] = [memory[STEPS / 2]!, memory.at(-1)!];
    if (failed > JOINS * MAX_FAILED) throw new Error(`${failed} of ${JOINS} joins failed`);
    const perJoin = ((last.liveBytes - middle.liveBytes) / (JOINS / 2)).toFixed(0);
    return [
      {
        what: `memory after ${JOINS} joins of a receiver that left again`,
        ours: `${megabytes(last.liveBytes)} MB live, half-way ${megabytes(middle.liveBytes)} MB: ${perJoin} bytes a join`,
        goal: 'flat',
        python: NONE,
        control: `resident ${megabytes(last.residentBytes)} MB, half-way ${megabytes(middle.residentBytes)} MB`,
        data: { joins: JOINS, failed, memory },
      },
    ];
  } finally {
    await Promise.all([sender.close(), receivers.close()]);
    await server.stop();
  }
}

function megabytes(bytes: number): string {
  return round(bytes / 1e6);
}
