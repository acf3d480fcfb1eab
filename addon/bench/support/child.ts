/**
 * Work in a process of its own, so that its CPU and its delays are not the server's or the bench's: calls and results
 * over Node's IPC. The child's file ends with `serve({…})`.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';

export type Methods = Record<string, (args: never) => unknown>;

interface Call {
  id: number;
  name: string;
  args: unknown;
}
type Reply = { id: number; result: unknown } | { id: number; error: string };

const HOOK = join(import.meta.dirname, '../typescript.mjs');
const CALL_TIMEOUT_MS = 90_000;

/** The other end of a child that serves `M`. */
export class Child<M extends Methods> {
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  readonly #exited: Promise<void>;
  #calls = 0;

  /** `file`: next to this folder's parent, e.g. `processes/sender.ts`. */
  constructor(file: string) {
    this.#process = fork(join(import.meta.dirname, '..', file), {
      execArgv: ['--import', HOOK],
      serialization: 'advanced',
    });
    this.#process.on('message', (reply: Reply) => {
      const pending = this.#pending.get(reply.id);
      this.#pending.delete(reply.id);
      if ('error' in reply) pending?.reject(new Error(`${file}: ${reply.error}`));
      else pending?.resolve(reply.result);
    });
    this.#exited = new Promise((resolve) => {
      this.#process.on('exit', (code) => {
        for (const { reject } of this.#pending.values()) reject(new Error(`${file} ended with ${String(code)}`));
        this.#pending.clear();
        resolve();
      });
    });
  }

  call<N extends keyof M & string>(name: N, args: Parameters<M[N]>[0]): Promise<Awaited<ReturnType<M[N]>>> {
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${name} took more than ${CALL_TIMEOUT_MS} ms`)),
        CALL_TIMEOUT_MS,
      );
      const settle =
        <T>(done: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          done(value);
        };
      this.#pending.set(id, { resolve: settle(resolve as (result: unknown) => void), reject: settle(reject) });
      this.#process.send({ id, name, args } satisfies Call);
    });
  }

  async close(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }
}

/** In the child. */
export function serve(methods: Methods): void {
  process.on('message', (call: Call) => {
    new Promise((resolve) => resolve(methods[call.name]!(call.args as never))).then(
      (result) => process.send?.({ id: call.id, result } satisfies Reply),
      (error: unknown) =>
        process.send?.({ id: call.id, error: error instanceof Error ? (error.stack ?? '') : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
}
