/** The answer to an upgrade that will be no WebSocket: plain text, under the headers that all our answers have. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** ws says 400, 405 and 426 in words of its own, as HTML. */
export function refuseUpgrade(socket: Duplex, status: number, sentence: string, headers: readonly string[] = []): void {
  const answer = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(sentence) + 1}`,
    'Cache-Control: no-store',
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
    'Referrer-Policy: no-referrer',
    'X-Content-Type-Options: nosniff',
    ...headers,
    'Connection: close',
    '',
    `${sentence}\n`,
  ];
  socket.end(answer.join('\r\n'), () => socket.destroy());
}
