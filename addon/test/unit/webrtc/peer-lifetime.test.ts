import type { IceConnection, RTCDtlsTransport } from 'werift';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { IceGuard } from '../../../src/webrtc/ice-guard.ts';
import { PeerLifetime } from '../../../src/webrtc/peer-lifetime.ts';

type State = RTCDtlsTransport['state'];

let toState: (state: State) => void;
let ended: string[];
let lifetime: PeerLifetime;

beforeEach(() => {
  vi.useFakeTimers();
  ended = [];
  const transport = {
    onStateChange: {
      subscribe: (listener: (state: State) => void) => {
        toState = listener;
        return { unSubscribe: () => undefined };
      },
    },
  };
  lifetime = new PeerLifetime(
    transport as unknown as RTCDtlsTransport,
    new IceGuard({ protocols: [] } as unknown as IceConnection),
    { connected: () => undefined, ended: (reason) => ended.push(reason) },
    { silenceTimeoutMs: 15_000 },
  );
});

afterEach(() => {
  lifetime.close();
  vi.useRealTimers();
});

test.each([-3_600_000, 3_600_000])('a clock set by %i ms neither hides a silence nor makes one', (byMs) => {
  toState('connected');
  vi.setSystemTime(Date.now() + byMs);
  toState('connected');
  vi.advanceTimersByTime(14_999);
  expect(ended).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(ended).toEqual(['nothing heard for 15000 ms']);
});
