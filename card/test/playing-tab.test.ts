import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PlayingTab } from '../src/playing-tab.ts';
import { FakeChannels } from './fakes/fake-channels.ts';

describe('PlayingTab', () => {
  let channels: FakeChannels;
  const tabs: PlayingTab[] = [];
  const tab = (id: string, name = 'house'): PlayingTab => {
    const made = new PlayingTab({ name, id, openChannel: channels.open });
    tabs.push(made);
    return made;
  };
  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
  const elsewhere = (): boolean[] => tabs.map((one) => one.elsewhere);

  beforeEach(() => {
    vi.useFakeTimers();
    channels = new FakeChannels();
  });

  afterEach(async () => {
    for (const one of tabs.splice(0)) one.close();
    await pass(10);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('the only tab plays at once; a second one hears within milliseconds that it does', async () => {
    tab('b').setWanted(true);
    expect(elsewhere()).toEqual([false]);
    await pass(1_000);
    tab('a').setWanted(true);
    await pass(10);
    expect(elsewhere()).toEqual([false, true]);
    await pass(60_000);
    expect(elsewhere()).toEqual([false, true]);
  });

  it.each([0, 1, 100, 299, 301])('of two that begin %i ms apart exactly one plays in the end', async (apartMs) => {
    for (const [first, second] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      tab(first).setWanted(true);
      await pass(apartMs);
      tab(second).setWanted(true);
      await pass(5_000);
      expect(elsewhere().filter((one) => !one)).toHaveLength(1);
      for (const one of tabs.splice(0)) one.close();
      await pass(10);
    }
  });

  it('a tab that comes and is looked at at once takes nothing away, whatever its id', async () => {
    for (const [playing, coming] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      tab(playing).setWanted(true);
      await pass(1_000);
      const newcomer = tab(coming);
      newcomer.setWanted(true);
      newcomer.check();
      await pass(5_000);
      expect(elsewhere()).toEqual([false, true]);
      for (const one of tabs.splice(0)) one.close();
      await pass(10);
    }
  });

  it('goes to another tab that takes it over, and comes back when that closes', async () => {
    const [first, second] = [tab('a'), tab('b')];
    first.setWanted(true);
    await pass(1_000);
    second.setWanted(true);
    await pass(10);
    second.takeOver();
    await pass(10);
    expect(elsewhere()).toEqual([true, false]);
    second.setWanted(false);
    await pass(1_000);
    expect(elsewhere()).toEqual([false, false]);
  });

  it('comes back from a tab that crashed without a word', async () => {
    const crashed = tab('a');
    const its = channels.last;
    crashed.setWanted(true);
    await pass(1_000);
    const waiting = tab('b');
    waiting.setWanted(true);
    await pass(10);
    expect(waiting.elsewhere).toBe(true);
    channels.frozen.add(its);
    await pass(4_000);
    expect(waiting.elsewhere).toBe(false);

    channels.frozen.delete(its); // It was only frozen: one of the two goes on.
    crashed.check();
    await pass(1_000);
    expect(elsewhere().filter((one) => !one)).toHaveLength(1);
  });

  it('is free for others while its page is left, and asks when it comes back', async () => {
    const [left, other] = [tab('a'), tab('b')];
    left.setWanted(true);
    await pass(1_000);
    other.setWanted(true);
    await pass(10);
    left.leave();
    await pass(700);
    expect(other.elsewhere).toBe(false);
    left.check();
    await pass(10);
    expect(elsewhere()).toEqual([true, false]);
  });

  it('tells nothing to tabs with another server, and needs no channel', async () => {
    tab('a').setWanted(true);
    tab('b', 'garden').setWanted(true);
    await pass(1_000);
    expect(elsewhere()).toEqual([false, false]);
    const alone = new PlayingTab({ name: 'house', openChannel: () => null });
    alone.setWanted(true);
    alone.takeOver();
    expect(alone.elsewhere).toBe(false);
    alone.close();
  });
});
