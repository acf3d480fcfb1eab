import { expect, test } from 'vitest';
import { queueIn, unconfirmedBytes } from '../../../src/http/socket-queue.ts';

/** 8081 is 1F91; 192.168.1.77:50000 has 4,660 bytes waiting, a stranger with the same port 1. */
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 20001 1 0 100 0 0 10 0
   1: 0501A8C0:1F91 4E01A8C0:C350 01 00000001:00000000 00:00000000 00000000     0        0 20002 1 0 20 4 30 10 -1
   2: 0501A8C0:1F91 4D01A8C0:C350 01 00001234:00000000 01:00000014 00000000     0        0 20003 1 0 20 4 30 10 -1
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when
   0: 0000000000000000FFFF00000501A8C0:1F91 0000000000000000FFFF00004D01A8C0:C351 01 00000200:00000000 00:00000000
   1: 000080FE00000000FF02A8C0FE010203:1F91 000080FE00000000FF02A8C0FE010204:C352 01 00000300:00000000 00:00000000
`;
const connection = { localPort: 8081, remotePort: 50_000, remoteAddress: '192.168.1.77' };

test('finds the send queue of a connection by both its ends', () => {
  expect(queueIn(TCP, connection)).toBe(0x1234);
  expect(queueIn(TCP, { ...connection, remoteAddress: '192.168.1.78' })).toBe(1);
  expect(queueIn(TCP, { ...connection, remoteAddress: '::ffff:192.168.1.77' })).toBe(0x1234);
  expect(queueIn(TCP6, { ...connection, remoteAddress: '::ffff:192.168.1.77', remotePort: 50_001 })).toBe(0x200);
  expect(queueIn(TCP6, { ...connection, remoteAddress: 'fe80::1', remotePort: 50_002 })).toBe(0x300);
});

test('knows nothing of a connection that is not there, or not any more', () => {
  expect(queueIn(TCP, { ...connection, remotePort: 50_001 })).toBeUndefined();
  expect(queueIn(TCP, { ...connection, remoteAddress: '192.168.1.79' })).toBeUndefined();
  expect(queueIn(TCP, {})).toBeUndefined();
  expect(queueIn('', connection)).toBeUndefined();
});

test('says 0 where the system does not tell', async () => {
  expect(await unconfirmedBytes(connection, ['/nowhere/tcp'])).toBe(0);
});
