/**
 * ServedCard: whether Core gives the card's file to browsers. It looks for the folder `www` only when it starts, so a new
 * one is not served before the next start; nothing but asking for the file tells that.
 */
import http from 'node:http';
import https from 'node:https';
import { isIPv6 } from 'node:net';
import { CARD_PATH } from './card-resource.ts';
import type { CoreInfo } from './supervisor.ts';

/** `unknown`: Core did not answer, or not about this. */
export type Served = 'served' | 'missing' | 'unknown';

const TIMEOUT_MS = 5_000;

/** Never rejects. */
export function isCardServed({ ip_address: address, port, ssl }: CoreInfo): Promise<Served> {
  return new Promise((resolve) => {
    const request = (ssl ? https : http).request(
      {
        method: 'HEAD',
        host: address,
        port,
        path: CARD_PATH,
        headers: { Host: isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}` },
        agent: false,
        timeout: TIMEOUT_MS,
        // The certificate names the house, not this address, and a public file is all we look for.
        rejectUnauthorized: false,
      },
      (response) => {
        response.resume();
        const { statusCode } = response;
        resolve(statusCode === 200 ? 'served' : statusCode === 404 ? 'missing' : 'unknown');
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve('unknown'));
    request.on('close', () => resolve('unknown'));
    request.end();
  });
}
