/**
 * SocketQueue: how many bytes the system still holds of a connection, as the other end has not confirmed them. Linux tells
 * in /proc/net/tcp; a microcontroller with a window of a few kilobytes leaves megabytes there that Node counts as sent.
 * Elsewhere it is always 0.
 */
import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';

export interface Connection {
  localPort?: number | undefined;
  remotePort?: number | undefined;
  remoteAddress?: string | undefined;
}

/** IPv4 clients of a socket that takes both families stand in tcp6. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const HEX = 16;

export async function unconfirmedBytes(connection: Connection, tables: readonly string[] = TABLES): Promise<number> {
  for (const table of tables) {
    const queued = queueIn(await readFile(table, 'latin1').catch(() => ''), connection);
    if (queued !== undefined) return queued;
  }
  return 0;
}

/** Columns: number, local address, remote address, state, send queue and receive queue, … all in hexadecimal. */
export function queueIn(table: string, { localPort, remotePort, remoteAddress }: Connection): number | undefined {
  if (localPort === undefined || remotePort === undefined) return undefined;
  const here = `:${hexOfPort(localPort)}`;
  const there = `${hexOf(remoteAddress ?? '')}:${hexOfPort(remotePort)}`;
  for (const line of table.split('\n')) {
    const [, local, remote, , queues] = line.trim().split(/\s+/);
    if (local?.endsWith(here) && remote?.endsWith(there)) return Number.parseInt(queues ?? '0', HEX);
  }
  return undefined;
}

function hexOfPort(port: number): string {
  return port.toString(HEX).toUpperCase().padStart(4, '0');
}

/** As the table has it, the lowest byte first; empty for IPv6, where the ports have to do. */
function hexOf(address: string): string {
  const ipv4 = address.replace(/^::ffff:/, '');
  if (!isIPv4(ipv4)) return '';
  const bytes = ipv4.split('.').map((byte) => Number(byte).toString(HEX).toUpperCase().padStart(2, '0'));
  return bytes.reverse().join('');
}
