/** Players of one URL: they read all and count it. */
import { request } from '../../test/support/player.ts';
import { serve } from '../support/child.ts';

const bytes: number[] = [];

const methods = {
  async play({ url, count }: { url: string; count: number }): Promise<void> {
    const responses = await Promise.all(Array.from({ length: count }, () => request(url)));
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

export type Listeners = typeof methods;
serve(methods);
