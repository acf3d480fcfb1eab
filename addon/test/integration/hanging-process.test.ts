/** A server in which nothing gets its turn any more: as a process among others, and as the first one of a container. */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

const urlOf = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
const SCRIPT = `
  import { LoopWatch } from ${urlOf('../../src/loop-watch.ts')};
  import { quietLog } from ${urlOf('../support/quiet-log.ts')};
  const watch = new LoopWatch({ log: quietLog(), guardSeconds: 1, endSeconds: 2 });
  watch.guard();
  setTimeout(() => { for (;;); }, 1000);`;
const LOADER = new URL('../../bench/typescript.mjs', import.meta.url).href;
const NODE = [process.execPath, '--import', LOADER, '--input-type=module', '-e', SCRIPT];
const AS_PROCESS_1 = ['unshare', process.getuid?.() === 0 ? '-pf' : '-rpf', '--kill-child', ...NODE];

it.each([
  { who: 'a process', command: NODE, end: { signal: 'SIGKILL', status: null } },
  { who: 'process 1 of a container, which no signal of its own can end', command: AS_PROCESS_1, end: { status: 70 } },
])(
  'ends $who that nothing gets its turn in any more, and says why',
  ({ command: [file = '', ...args], end }) => {
    const result = spawnSync(file, args, { encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL' });
    expect(result.error).toBeUndefined();
    expect(result.stderr).toMatch(
      /ERROR \[loop\] nothing got its turn for 1 s, and it lasts.*\n.* for 2 s: ended, to be started anew\n/,
    );
    expect(result).toMatchObject(end);
  },
  25_000,
);
