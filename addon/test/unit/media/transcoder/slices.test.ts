import { describe, expect, it } from 'vitest';
import { NO_TALK_STATS } from '../../../../src/media/transcoder/messages.ts';
import { Slices, type SlicedJob } from '../../../../src/media/transcoder/slices.ts';

/** Has so many turns of work. */
class Job implements SlicedJob {
  turns: number;
  closed = false;
  readonly #name: string;
  readonly #worked: string[];

  constructor(name: string, turns: number, worked: string[]) {
    this.#name = name;
    this.turns = turns;
    this.#worked = worked;
  }

  work(sliceMs: number): boolean {
    expect(sliceMs).toBeLessThan(10);
    this.#worked.push(this.#name);
    this.turns -= 1;
    return this.turns > 0;
  }

  stats(): typeof NO_TALK_STATS {
    return NO_TALK_STATS;
  }

  close(): void {
    this.closed = true;
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Slices', () => {
  it('gives every job its turn, however much the others have to do', async () => {
    const worked: string[] = [];
    const slices = new Slices();
    ['a', 'b', 'c'].forEach((name, number) => slices.add(number, new Job(name, 3, worked)));
    for (let i = 0; i < 20; i += 1) await nextTurn();
    expect(worked.join('')).toBe('abcabcabc');
  });

  it('lets everything else happen between two turns', async () => {
    const order: string[] = [];
    const slices = new Slices();
    slices.add(1, new Job('turn', 5, order));
    for (let i = 0; i < 5; i += 1) {
      await nextTurn();
      order.push('message');
    }
    expect(order.filter((each, i) => each === 'turn' && order[i + 1] === 'turn')).toEqual([]);
  });

  it('works again when a job has something to do again, and never for one that is gone', async () => {
    const worked: string[] = [];
    const slices = new Slices<Job>();
    const [staying, leaving] = [new Job('s', 1, worked), new Job('l', 100, worked)];
    slices.add(1, staying);
    slices.add(2, leaving);
    await nextTurn();
    await nextTurn();
    slices.delete(2);
    const before = worked.length;
    slices.wants(1);
    slices.wants(2);
    for (let i = 0; i < 5; i += 1) await nextTurn();
    expect(worked.slice(before)).toEqual(['s']);
    expect([leaving.closed, staying.closed, slices.size]).toEqual([true, false, 1]);
  });
});
