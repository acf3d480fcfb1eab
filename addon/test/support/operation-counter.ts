/** Counts what a piece of synchronous code costs: calls into Node, bytes it allocates and copies, promises and timers. */
import { createHook } from 'node:async_hooks';
import crypto from 'node:crypto';
import dgram from 'node:dgram';
import { syncBuiltinESMExports } from 'node:module';

export interface Operations {
  sends: number;
  /** Cipher, HMAC and hash objects created. */
  cryptoObjects: number;
  /** One-shot hashes, which create none. */
  hashes: number;
  /** Buffers made, and their bytes. */
  buffers: number;
  bufferBytes: number;
  /** By `Buffer.copy` and `set`. */
  copiedBytes: number;
  promises: number;
  timers: number;
  /** Calls put off to a later turn, by `process.nextTick`. */
  putOff: number;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Nothing but `work` can run meanwhile, so all that is counted is its own; it must not be async. */
export function countOperations(work: () => void): Operations {
  const counts: Operations = {
    sends: 0,
    cryptoObjects: 0,
    hashes: 0,
    buffers: 0,
    bufferBytes: 0,
    copiedBytes: 0,
    promises: 0,
    timers: 0,
    putOff: 0,
  };
  const restore: (() => void)[] = [];
  const count = (owner: object, name: string, note: (result: unknown, args: unknown[]) => void): void => {
    const methods = owner as Record<string, Method>;
    const original = methods[name]!;
    const isOwn = Object.hasOwn(owner, name);
    methods[name] = function (...args) {
      const result = Reflect.apply(original, this, args);
      note(result, args);
      return result;
    };
    restore.push(() => {
      if (isOwn) methods[name] = original;
      else Reflect.deleteProperty(methods, name);
    });
  };
  for (const name of ['createCipheriv', 'createDecipheriv', 'createHmac', 'createHash', 'createSecretKey']) {
    count(crypto, name, () => (counts.cryptoObjects += 1));
  }
  count(crypto, 'hash', () => (counts.hashes += 1));
  count(dgram.Socket.prototype, 'send', () => (counts.sends += 1));
  for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow', 'concat', 'from']) {
    count(Buffer, name, (made) => {
      counts.buffers += 1;
      counts.bufferBytes += (made as Buffer).length;
    });
  }
  count(Buffer.prototype as object, 'copy', (copied) => (counts.copiedBytes += copied as number));
  count(Buffer.prototype as object, 'set', (_, [source]) => (counts.copiedBytes += (source as Uint8Array).length));
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'PROMISE') counts.promises += 1;
      if (type === 'TickObject') counts.putOff += 1;
      if (type === 'Timeout' || type === 'Immediate') counts.timers += 1;
    },
  });
  syncBuiltinESMExports();
  hook.enable();
  try {
    work();
  } finally {
    hook.disable();
    for (const undo of restore) undo();
    syncBuiltinESMExports();
  }
  return counts;
}
