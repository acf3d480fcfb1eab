/**
 * A campaign: so many inputs for one target, in batches of their own seeds. Whatever an input does is judged by the target;
 * what holds for all of them is judged here: no unhandled fault, an answer in time, no hang, nothing that grows.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import type { AnyTarget, FuzzRig } from './target.ts';

export interface CampaignOptions {
  target: AnyTarget;
  /** At least so many. */
  inputs: number;
  seed: number;
  /** Runs between two looks at what grows. */
  batchRuns?: number;
  /** Of former failures: tried first. */
  paths?: readonly KeptSeed[];
  onProgress?: (inputs: number) => void;
}

/** A failure that was: fast-check finds the same input by these. */
export interface KeptSeed {
  target: string;
  seed: number;
  path: string;
  /** What was wrong. */
  what: string;
}

export interface CampaignResult {
  target: string;
  inputs: number;
  runs: number;
  seconds: number;
  /** Processor time of the slowest run. */
  slowestMs: number;
  heapGrowthBytes: number;
  failure: CampaignFailure | undefined;
}

export interface CampaignFailure {
  what: string;
  seed: number;
  path: string | undefined;
  /** As small as fast-check could make it. */
  example: string;
}

/** Processor time of one run. Garbage collection may hit any run, so a slow one is tried again. */
export const MAX_RUN_MS = 100;
const TRIES = 4;
/** Until the promise of one run settles. Far more than any of them takes, as the machine may be busy. */
const MAX_ANSWER_MS = 20_000;
/** Compiled code and warm caches of the first batches are no growth. */
const WARM_UP_BATCHES = 3;
/** From then to the end, after a collection of garbage. */
export const MAX_HEAP_GROWTH_BYTES = 24 * 1024 * 1024;

export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { target, inputs, seed, batchRuns = 500, paths = [] } = options;
  const startedAtMs = performance.now();
  const rig = await target.open();
  const faults = new Faults();
  const result: CampaignResult = {
    target: target.name,
    inputs: 0,
    runs: 0,
    seconds: 0,
    slowestMs: 0,
    heapGrowthBytes: 0,
    failure: undefined,
  };
  const check = async (parameters: fc.Parameters<[unknown]>): Promise<void> => {
    const property = fc.asyncProperty(rig.inputs, (input) => runOne(rig, input, result, faults, target.maxRunMs));
    const details = await fc.check(property, parameters);
    if (details.failed) throw new FailedInput(details);
  };
  try {
    const { former = [] } = rig;
    if (former.length > 0) await check({ seed, examples: former.map((input) => [input]), numRuns: former.length });
    for (const { seed: kept, path } of paths) await check({ seed: kept, path, endOnFailure: true });
    const before = JSON.stringify(rig.sizes());
    let heapAfterWarmUp: number | undefined;
    for (let batch = 0; result.inputs < inputs; batch += 1) {
      await check({ seed: seed + batch, numRuns: batchRuns });
      await rig.witness();
      await eventually(() => JSON.stringify(rig.sizes()) === before);
      const after = JSON.stringify(rig.sizes());
      if (after !== before) throw new Error(`it has grown: ${before} was, ${after} is`);
      faults.throwAny();
      if (batch === WARM_UP_BATCHES) heapAfterWarmUp = heapBytes();
      options.onProgress?.(result.inputs);
    }
    if (heapAfterWarmUp !== undefined) {
      result.heapGrowthBytes = heapBytes() - heapAfterWarmUp;
      if (result.heapGrowthBytes > MAX_HEAP_GROWTH_BYTES) throw new Error(`the heap grew by ${result.heapGrowthBytes}`);
    }
  } catch (error) {
    result.failure =
      error instanceof FailedInput
        ? error.failure
        : { what: describe(error), seed, path: undefined, example: 'a batch, not one input' };
  } finally {
    await rig.close();
    faults.close();
    result.seconds = (performance.now() - startedAtMs) / 1000;
  }
  return result;
}

class FailedInput extends Error {
  readonly failure: CampaignFailure;

  constructor(details: fc.RunDetails<[unknown]>) {
    super('an input failed');
    this.failure = {
      what: describe(details.errorInstance),
      seed: details.seed,
      path: details.counterexamplePath ?? undefined,
      example: fc.stringify(details.counterexample?.[0]).slice(0, 4_000),
    };
  }
}

async function runOne(
  rig: FuzzRig<unknown>,
  input: unknown,
  result: CampaignResult,
  faults: Faults,
  maxRunMs = MAX_RUN_MS,
): Promise<void> {
  result.runs += 1;
  result.inputs += rig.count(input);
  let leastMs = Infinity;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const startedAtMs = performance.now();
    const cpu = process.cpuUsage();
    const running = rig.run(input);
    if (running instanceof Promise) await within(MAX_ANSWER_MS, running);
    const wallMs = performance.now() - startedAtMs;
    faults.throwAny();
    // A run cannot have used more than it took, and most take next to nothing.
    if (wallMs <= maxRunMs) {
      leastMs = Math.min(leastMs, wallMs);
      break;
    }
    const { user, system } = process.cpuUsage(cpu);
    leastMs = Math.min(leastMs, (user + system) / 1000);
    if (leastMs <= maxRunMs) break;
  }
  result.slowestMs = Math.max(result.slowestMs, leastMs);
  if (leastMs > maxRunMs) throw new Error(`it takes ${leastMs.toFixed(0)} ms of processor time`);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error);
}

/** What nobody caught: it would have ended the server. */
class Faults {
  readonly #seen: unknown[] = [];
  readonly #keep = (fault: unknown): void => void this.#seen.push(fault);

  constructor() {
    process.on('unhandledRejection', this.#keep).on('uncaughtException', this.#keep);
  }

  throwAny(): void {
    const [fault] = this.#seen.splice(0);
    if (fault === undefined) return;
    throw new Error(`nobody caught: ${describe(fault)}`, { cause: fault });
  }

  close(): void {
    process.off('unhandledRejection', this.#keep).off('uncaughtException', this.#keep);
  }
}

async function within(ms: number, running: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  await Promise.race([running, late]).finally(() => clearTimeout(timer));
}

/** Sockets and sessions end a moment after those who used them. */
async function eventually(holds: () => boolean): Promise<void> {
  const untilMs = performance.now() + MAX_ANSWER_MS;
  while (!holds() && performance.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, 10));
  await nextTurn();
}

let collect: (() => void) | undefined;

function heapBytes(): number {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
