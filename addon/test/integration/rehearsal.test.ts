/** The rehearsal after a start: it goes through everything, and leaves nothing behind. */
import nacl from 'tweetnacl';
import { afterEach, expect, test, vi } from 'vitest';
import { agreeOnKeysByOpenSsl } from '../../src/webrtc/key-agreement.ts';
import { rehearse } from '../../src/webrtc/rehearsal.ts';
import { quietLog } from '../support/quiet-log.ts';

const openSockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length;

afterEach(() => vi.restoreAllMocks());

test('one voice is heard from end to end, and no socket is left', async () => {
  const before = openSockets();
  agreeOnKeysByOpenSsl();
  const agreed = vi.spyOn(nacl, 'scalarMult');
  expect(await rehearse({ log: quietLog(), timeoutMs: 15_000 })).toBe(50);
  // Both ends of both connections asked the library that key-agreement.ts answers for.
  expect(agreed).toHaveBeenCalledTimes(4);
  await vi.waitFor(() => expect(openSockets()).toBe(before), 10_000);
});

test('one that does not come to its end in time is given up, and no socket is left', async () => {
  const before = openSockets();
  expect(await rehearse({ log: quietLog(), timeoutMs: 0 })).toBeLessThan(50);
  await vi.waitFor(() => expect(openSockets()).toBe(before), 10_000);
});
