import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Reachability } from '../src/reachability.ts';
import { webSocketOpener, type SocketHandlers } from '../src/socket.ts';

const URL = 'wss://house:8123/api/hassio_ingress/abc/ws';
const opaque = { type: 'opaque', ok: false, status: 0 } as Response;
const badGateway = { type: 'basic', ok: false, status: 502 } as Response;

/** WebSockets that the test fails or opens. */
class FakeWebSocket extends EventTarget {
  static readonly made: FakeWebSocket[] = [];
  readonly url: string;
  closed = false;

  constructor(url: string) {
    super();
    this.url = url;
    FakeWebSocket.made.push(this);
  }

  send(): void {
    return undefined;
  }

  close(): void {
    this.closed = true;
  }
}

describe('a WebSocket to a server that was away for long', () => {
  let answer: () => Promise<Response>;
  const asked = vi.fn<typeof fetch>(() => answer());
  let open: (handlers?: Partial<SocketHandlers>) => { close(): void };
  const settle = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve));

  beforeEach(() => {
    vi.stubGlobal('WebSocket', FakeWebSocket);
    FakeWebSocket.made.length = 0;
    asked.mockClear();
    answer = () => Promise.reject(new TypeError('Failed to fetch'));
    const opener = webSocketOpener(new Reachability({ fetch: asked }));
    open = (handlers) => opener(URL, { message: () => undefined, closed: () => undefined, ...handlers });
  });

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const fail = (times: number): void => {
    for (let time = 0; time < times; time += 1) {
      open();
      FakeWebSocket.made.at(-1)!.dispatchEvent(new Event('close'));
    }
  };

  it('is opened at once at first, and after some failures only when the server answers', async () => {
    fail(4);
    expect(FakeWebSocket.made).toHaveLength(4);
    const closed = vi.fn<() => void>();
    open({ closed });
    await settle();
    expect(closed).toHaveBeenCalledOnce();
    expect(FakeWebSocket.made).toHaveLength(4);
    expect(asked.mock.calls[0]![0]).toBe('https://house:8123/api/hassio_ingress/abc/health');

    answer = () => Promise.resolve(opaque);
    open({ closed });
    await settle();
    expect(FakeWebSocket.made).toHaveLength(5);
    expect(closed).toHaveBeenCalledOnce();
  });

  it('is not opened when a proxy says that the server behind it is away', async () => {
    fail(4);
    answer = () => Promise.resolve(badGateway);
    open();
    await settle();
    expect(FakeWebSocket.made).toHaveLength(4);
  });

  it('is opened blindly now and then where asking has never worked, and never where it has', async () => {
    fail(4);
    for (let time = 0; time < 10; time += 1) {
      open();
      await settle();
    }
    expect(FakeWebSocket.made).toHaveLength(6);

    answer = () => Promise.resolve(opaque);
    open();
    FakeWebSocket.made.at(-1)!.dispatchEvent(new Event('open'));
    await settle();
    answer = () => Promise.reject(new TypeError('Failed to fetch'));
    const before = FakeWebSocket.made.length;
    fail(4);
    for (let time = 0; time < 10; time += 1) {
      open();
      await settle();
    }
    expect(FakeWebSocket.made).toHaveLength(before + 4);
  });

  it('is not opened after it was closed while asking', async () => {
    fail(4);
    answer = () => Promise.resolve(opaque);
    const closed = vi.fn<() => void>();
    open({ closed }).close();
    await settle();
    expect(FakeWebSocket.made).toHaveLength(4);
    expect(closed).not.toHaveBeenCalled();
  });

  it('that never opened and was given up counts as failed', async () => {
    for (let time = 0; time < 4; time += 1) open().close();
    open();
    expect(FakeWebSocket.made).toHaveLength(4);
    await settle();
  });
});
