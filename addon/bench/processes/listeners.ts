/** Players of one URL: they read all and count it. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { serve } from '../support/child.ts';

/** One address takes at most half of the players' places. */
const ADDRESSES = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'];

const bytes: number[] = [];

const methods = {
  async play({ url, count }: { url: string; count: number }): Promise<void> {
    const responses = await Promise.all(Array.from({ length: count }, (_, index) => open(url, index)));
    for (const response of responses) {
      if (response.statusCode !== 200) throw new Error(`${url} said ${String(response.statusCode)}`);
      const player = bytes.push(0) - 1;
      response.on('data', (chunk: Buffer) => (bytes[player]! += chunk.length));
    }
  },

  /** Of each player since the last call. */
  take(_args: undefined): number[] {
    return bytes.map((count, player) => {
      bytes[player] = 0;
      return count;
    });
  },
};

async function open(url: string, index: number): Promise<IncomingMessage> {
  const request = get(url, { agent: false, localAddress: ADDRESSES[index % ADDRESSES.length] });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

export type Listeners = typeof methods;
serve(methods);
