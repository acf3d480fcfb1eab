import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Needs } from '../src/needs.ts';
import { Session } from '../src/session.ts';
import { leaseSession } from '../src/session-lease.ts';
import { FakeAudio } from './fakes/fake-audio.ts';
import { FakePeer } from './fakes/fake-peer.ts';

/** A server that answers every request, behind the browser's own WebSocket. */
class FakeServer extends EventTarget {
  static readonly all: FakeServer[] = [];
  closed = false;

  constructor() {
    super();
    FakeServer.all.push(this);
    queueMicrotask(() => {
      this.dispatchEvent(new Event('open'));
      const limits = { maxMessageBytes: 65_536, maxMessagesPerSecond: 50, slots: 2, maxEchoMs: 10_000 };
      const versions = { protocolVersion: 1, minProtocolVersion: 1, serverVersion: '0.1.0' };
      this.say({ type: 'hello', ...versions, auth: 'none', user: { name: null, isAdmin: true }, limits });
    });
  }

  send(text: string): void {
    const { id, type } = JSON.parse(text) as { id: number; type: string };
    const results: Record<string, object> = { introduce: { streamId: 'wall' }, connectReceiver: { answer: 'answer' } };
    queueMicrotask(() => this.say({ type: 'result', id, result: results[type] ?? {} }));
  }

  say(message: object): void {
    if (!this.closed) this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }

  close(): void {
    this.closed = true;
  }
}

const page = Object.assign(new EventTarget(), {
  hidden: false,
  body: { append: () => undefined },
  createElement: () => new FakeAudio(),
});
const url = 'ws://house/ws';
const receives: Needs = { sender: false, receiver: true };
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1);

/** Time that passes while the server is there and says so. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 4) {
    FakeServer.all.at(-1)!.say({ type: 'alive' });
    await vi.advanceTimersByTimeAsync(4_000);
  }
}

function setHidden(hidden: boolean): void {
  page.hidden = hidden;
  page.dispatchEvent(new Event('visibilitychange'));
}

const isOpen = (): boolean => FakePeer.made.some(({ closed }) => !closed);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', page);
  vi.stubGlobal('window', new EventTarget());
  vi.stubGlobal('navigator', { userAgent: 'Firefox (Linux)' });
  vi.stubGlobal('location', { protocol: 'http:' });
  vi.stubGlobal('WebSocket', FakeServer);
  vi.stubGlobal('RTCPeerConnection', FakePeer);
  vi.stubGlobal('MediaStream', Object);
  vi.stubGlobal('BroadcastChannel', undefined);
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Not here.')));
  FakePeer.made.length = 0;
  FakeServer.all.length = 0;
  page.hidden = false;
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('Session in a page that is hidden', () => {
  let session: Session;

  const listening = async (needs: Needs = receives): Promise<void> => {
    session = new Session({ url });
    session.use(needs);
    session.receiver.listenByDefault('latest');
    await settle();
    FakePeer.made.at(-1)!.become('connected');
    expect(isOpen()).toBe(true);
  };

  afterEach(() => {
    session.close();
  });

  it('lets go of an idle receiver after a minute, and has it back at once when the page is seen again', async () => {
    await listening();
    setHidden(true);
    await pass(56);
    expect(isOpen()).toBe(true);
    await pass(8);
    expect(isOpen()).toBe(false);
    await pass(3_600);
    setHidden(false);
    await settle();
    expect(isOpen()).toBe(true);
    expect(session.receiver.target).toBe('latest');
  });

  it('hears a voice to its end first', async () => {
    await listening();
    FakeServer.all.at(-1)!.say({ type: 'slots', slots: { 0: 'hall', 1: null } });
    setHidden(true);
    await pass(1);
    FakePeer.made.at(-1)!.packetsReceived += 1;
    session.receiver.setLevels({ hall: -127 });
    await pass(64);
    expect(isOpen()).toBe(true);
    FakeServer.all.at(-1)!.say({ type: 'slots', slots: { 0: null, 1: null } });
    await settle();
    expect(isOpen()).toBe(false);
  });

  it('goes on hearing for a card that listens by itself', async () => {
    await listening({ ...receives, autoListen: true });
    setHidden(true);
    await pass(3_600);
    expect(isOpen()).toBe(true);
    expect(FakePeer.made).toHaveLength(1);
  });

  it('is back within a second of waking up from a sleep in which the server forgot it', async () => {
    await listening();
    const before = FakeServer.all.length;
    vi.setSystemTime(Date.now() + 8 * 3_600_000); // The lid was closed: no timer ran, no event told.
    await vi.advanceTimersByTimeAsync(3_000);
    expect(FakeServer.all.length).toBe(before + 1);
    await settle();
    expect(FakePeer.made.at(-1)!.closed).toBe(false);
    expect(FakePeer.made).toHaveLength(2);
  });
});

describe('leaseSession', () => {
  it('keeps the session for a minute without a card, and then what a person chose', async () => {
    const first = leaseSession({ url }, receives);
    first.session.receiver.listen(null);
    await settle();
    first.release();
    await pass(56);
    const second = leaseSession({ url }, receives);
    expect(second.session).toBe(first.session);
    second.release();
    await pass(64);
    expect(FakeServer.all.at(-1)!.closed).toBe(true);

    const third = leaseSession({ url }, receives);
    expect(third.session).not.toBe(first.session);
    third.session.receiver.listenByDefault('latest');
    expect(third.session.receiver.target).toBeNull();
    third.release();
    await pass(64);
  });

  it('keeps it longer where a hidden dashboard, taken out of its page, listens by itself', async () => {
    const lease = leaseSession({ url: 'ws://garden/ws' }, { ...receives, autoListen: true });
    lease.session.receiver.listenByDefault('latest');
    await settle();
    // Else it is tried again and again, with random pauses in which nothing is open.
    FakePeer.made.at(-1)!.become('connected');
    setHidden(true);
    lease.release();
    await pass(3_600);
    expect(isOpen()).toBe(true);
    setHidden(false);
    await pass(64);
    expect(isOpen()).toBe(false);
  });

  it('keeps it for as long as a monitor is heard, though another view without a card is looked at', async () => {
    const lease = leaseSession({ url: 'ws://nursery/ws' }, receives);
    lease.session.receiver.listenByDefault(['nursery']);
    await settle();
    const info = { id: 'nursery', name: 'Nursery', live: true, since: 1, receivers: 1, listeners: 0 };
    FakeServer.all.at(-1)!.say({
      type: 'streams',
      streams: [{ ...info, monitor: { state: 'live', lastSoundAt: null } }],
    });
    FakePeer.made.at(-1)!.become('connected');
    lease.release();
    await pass(600);
    expect(isOpen()).toBe(true);
    lease.session.receiver.listen(null);
    await pass(64);
    expect(isOpen()).toBe(false);
    expect(FakeServer.all.at(-1)!.closed).toBe(true);
  });
});
