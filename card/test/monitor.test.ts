/** The monitor of a session before its code is there, while it cannot be had, and from then on. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Emitter } from '../src/emitter.ts';
import type { PagesModule } from '../src/fetched-page.ts';
import { Monitor } from '../src/monitor.ts';
import type { MonitorSender, MonitorSenderOptions, MonitorState } from '../src/monitor-sender.ts';

class FakeMonitorSender {
  readonly changed = new Emitter();
  state: MonitorState = 'none';
  wanted = false;
  trouble = null;
  users = 0;
  closed = 0;

  use(): () => void {
    this.users += 1;
    this.state = 'live';
    this.wanted = true;
    this.changed.emit();
    let isOver = false;
    return () => {
      if (!isOver) this.users -= 1;
      isOver = true;
    };
  }

  close(): void {
    this.closed += 1;
  }
}

let loads: { come: () => void; fail: () => void }[];
let sender: FakeMonitorSender;
let monitor: Monitor;
let changes: number;

const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  [loads, changes, sender] = [[], 0, new FakeMonitorSender()];
  monitor = new Monitor({} as MonitorSenderOptions, () => {
    return new Promise((resolve, reject) => {
      const module = { createMonitor: () => sender as unknown as MonitorSender } as unknown as PagesModule;
      loads.push({ come: () => resolve(module), fail: () => reject(new Error('offline')) });
    });
  });
  monitor.changed.subscribe(() => (changes += 1));
});

afterEach(() => vi.useRealTimers());

describe('Monitor', () => {
  it('fetches nothing before a card wants it', () => {
    expect([monitor.state, monitor.wanted, monitor.isOn, loads.length]).toEqual(['none', false, false, 0]);
  });

  it('is wanted and on its way while its code comes, then it is what that says', async () => {
    const leave = monitor.use();
    monitor.use();
    expect([monitor.state, monitor.wanted, monitor.isOn, loads.length]).toEqual(['starting', true, true, 1]);
    loads[0]?.come();
    await settle();
    expect([monitor.state, sender.users]).toEqual(['live', 2]);
    expect(changes).toBeGreaterThan(1);
    leave();
    leave();
    expect(sender.users).toBe(1);
    monitor.use()();
    expect([sender.users, loads.length]).toEqual([1, 1]);
    monitor.close();
    expect(sender.closed).toBe(1);
  });

  it('tries again for as long as a card wants it', async () => {
    const leave = monitor.use();
    for (let tried = 1; tried < 5; tried += 1) {
      loads.at(-1)?.fail();
      await settle(1_000);
      expect([loads.length, monitor.state]).toEqual([tried + 1, 'starting']);
    }
    leave();
    loads.at(-1)?.fail();
    await settle(10_000);
    expect([loads.length, monitor.state, monitor.wanted]).toEqual([5, 'none', false]);
  });

  it('begins nothing when the card, or the session, is gone before its code comes', async () => {
    monitor.use()();
    loads[0]?.come();
    await settle();
    expect([monitor.state, sender.users]).toEqual(['none', 0]);
    monitor.use();
    monitor.close();
    loads.at(-1)?.fail();
    await settle(10_000);
    expect([loads.length, sender.users]).toEqual([2, 0]);
  });
});
