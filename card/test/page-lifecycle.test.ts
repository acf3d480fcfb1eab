import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchPage } from '../src/page-lifecycle.ts';

describe('watchPage', () => {
  const page = Object.assign(new EventTarget(), { hidden: false });
  const view = new EventTarget();
  const connection = new EventTarget();
  const handlers = { hidden: vi.fn<() => void>(), awake: vi.fn<() => void>(), leaving: vi.fn<() => void>() };
  let stop: () => void;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.clearAllMocks();
    vi.stubGlobal('document', page);
    vi.stubGlobal('window', view);
    vi.stubGlobal('navigator', { connection });
    stop = watchPage(handlers);
  });

  afterEach(() => {
    stop();
    expect(vi.getTimerCount()).toBe(0);
    view.dispatchEvent(new Event('online'));
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('knows hidden from awake', () => {
    page.hidden = true;
    page.dispatchEvent(new Event('visibilitychange'));
    expect(handlers.hidden).toHaveBeenCalledOnce();
    expect(handlers.awake).not.toHaveBeenCalled();
    page.hidden = false;
    page.dispatchEvent(new Event('visibilitychange'));
    expect(handlers.awake).toHaveBeenCalledOnce();
  });

  it.each([
    ['pageshow', view],
    ['online', view],
    ['focus', view],
    ['resume', page],
    ['change', connection],
  ])('%s is a reason to look at once', (type, target) => {
    target.dispatchEvent(new Event(type));
    expect(handlers.awake).toHaveBeenCalledOnce();
  });

  it('a jump of the clock is a sleep; timers that are a little late, or once a minute in time, are none', () => {
    vi.advanceTimersByTime(60_000);
    expect(handlers.awake).not.toHaveBeenCalled();
    vi.setSystemTime(Date.now() + 9_000);
    vi.advanceTimersByTime(2_000);
    expect(handlers.awake).not.toHaveBeenCalled();
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(2_000);
    expect(handlers.awake).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(60_000);
    expect(handlers.awake).toHaveBeenCalledOnce();
  });

  it('tells the last moment', () => {
    view.dispatchEvent(new Event('pagehide'));
    expect(handlers.leaving).toHaveBeenCalledOnce();
  });
});
