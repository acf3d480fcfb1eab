import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PacketWatchdog } from '../src/packet-watchdog.ts';

describe('PacketWatchdog', () => {
  let packets: number | null;
  let dog: PacketWatchdog;
  const starved = vi.fn<() => void>();
  const suspicious = vi.fn<() => void>();
  const doubtful = vi.fn<(flowed: boolean) => void>();

  beforeEach(() => {
    vi.useFakeTimers();
    vi.clearAllMocks();
    packets = 0;
    dog = new PacketWatchdog({ readPackets: () => Promise.resolve(packets), starved, suspicious, doubtful });
  });

  afterEach(() => {
    dog.watch([]);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  /** As the server says it: five levels a second; and packets, or none. */
  const pass = async (ms: number, { level, flows }: { level?: (step: number) => number; flows: boolean }) => {
    for (let step = 0; step < ms / 200; step += 1) {
      if (level) dog.levels({ hall: level(step) });
      if (flows && packets !== null) packets += 10;
      await vi.advanceTimersByTimeAsync(200);
    }
  };
  const loud = (step: number): number => -20 - (step % 5);
  const silent = (): number => -127;

  it('says nothing while packets come', async () => {
    dog.watch(['hall']);
    await pass(20_000, { level: loud, flows: true });
    await pass(20_000, { level: silent, flows: true });
    expect(starved).not.toHaveBeenCalled();
    expect(suspicious).not.toHaveBeenCalled();
    expect(doubtful).not.toHaveBeenCalled();
  });

  it('suspects that the server is gone a second before it doubts, once per silence', async () => {
    dog.watch(['hall']);
    await pass(5_000, { level: loud, flows: true });
    await pass(1_600, { flows: false });
    expect(suspicious).toHaveBeenCalledOnce();
    expect(doubtful).not.toHaveBeenCalled();
    await pass(60_000, { flows: false });
    expect(suspicious).toHaveBeenCalledOnce();
    await pass(1_000, { flows: true });
    await pass(1_600, { flows: false });
    expect(suspicious).toHaveBeenCalledTimes(2);
  });

  it('finds within two seconds that a voice which the server has does not arrive', async () => {
    dog.watch(['hall']);
    await pass(5_000, { level: loud, flows: true });
    await pass(2_000, { level: loud, flows: false });
    expect(starved).toHaveBeenCalledOnce();
  });

  it('finds it also when nothing ever came, on a transport that says it is connected', async () => {
    dog.watch(['hall']);
    await pass(2_000, { level: loud, flows: false });
    expect(starved).toHaveBeenCalledOnce();
  });

  it.each([0, 200, 600])('has patience with a sender that is silent, lost or in a pause (%i ms)', async (lagMs) => {
    dog.watch(['hall']);
    await pass(5_000, { level: loud, flows: true });
    await pass(lagMs, { level: loud, flows: false }); // The last word's levels are still on their way.
    dog.levels({ hall: -127 }); // Told once, as it stays so.
    await pass(60_000, { flows: false });
    expect(starved).not.toHaveBeenCalled();
    expect(suspicious).not.toHaveBeenCalled();
    expect(doubtful).not.toHaveBeenCalled();
  });

  it('doubts when packets of silence stop, of which the server said long ago that they are silent', async () => {
    dog.watch(['hall']);
    dog.levels({ hall: -127 });
    await pass(5_000, { flows: true });
    await pass(3_000, { flows: false });
    expect(doubtful.mock.calls).toEqual([[true]]);
  });

  it('doubts once per silence where the server has no word on levels', async () => {
    dog.watch(['hall']);
    await pass(5_000, { flows: true });
    await pass(2_600, { flows: false });
    expect(doubtful).toHaveBeenCalledOnce();
    await pass(60_000, { flows: false });
    expect(doubtful).toHaveBeenCalledOnce();
    await pass(1_000, { flows: true });
    await pass(3_000, { flows: false });
    expect(doubtful).toHaveBeenCalledTimes(2);
    expect(starved).not.toHaveBeenCalled();
  });

  it('doubts, but not the transport, when neither packet nor word of a voice ever came', async () => {
    dog.watch(['hall']);
    await pass(2_600, { flows: false });
    expect(doubtful.mock.calls).toEqual([[false]]);
    await pass(60_000, { flows: false });
    expect(doubtful).toHaveBeenCalledOnce();
  });

  it('does not doubt pauses of Opus, which sends a packet every 400 ms in them', async () => {
    dog.watch(['hall']);
    for (let pause = 0; pause < 30; pause += 1) {
      packets = (packets ?? 0) + 1;
      await pass(400, { flows: false });
    }
    expect(suspicious).not.toHaveBeenCalled();
    expect(doubtful).not.toHaveBeenCalled();
  });

  it('gives a transport that starves again and again ever more time', async () => {
    const at: number[] = [];
    const begin = Date.now();
    starved.mockImplementation(() => {
      at.push(Date.now() - begin);
      dog.watch([]);
      dog.watch(['hall']);
    });
    dog.watch(['hall']);
    await pass(60_000, { level: loud, flows: false });
    expect(at.length).toBeGreaterThan(3);
    expect(at.length).toBeLessThan(9);
    expect(at[1]! - at[0]!).toBeGreaterThan(at[0]!);
  });

  it('does not judge while there is no open transport', async () => {
    packets = null;
    dog.watch(['hall']);
    await pass(20_000, { level: loud, flows: false });
    expect(starved).not.toHaveBeenCalled();
  });
});
