/** Facts of a card that hears somebody, and of one whose server is away. */
import type { DetailsFacts, PathFacts } from '../../src/details/facts.ts';

const path: PathFacts = {
  state: 'connected',
  local: { type: 'host', protocol: 'udp', address: '192.168.1.34', port: 52_619 },
  remote: { type: 'host', protocol: 'udp', address: '192.168.1.10', port: 41_033 },
  roundTripMs: 4.2,
  jitterMs: 2.6,
  codec: 'opus, 48 kHz',
  counters: null,
  atMs: 0,
  quality: { loss: 0.004, concealed: 0.002, bufferMs: 41.6, frameMs: 20, kbps: 33 },
};

export const listening: DetailsFacts = {
  signaling: 'ready',
  serverVersion: '0.1.0',
  trouble: null,
  receiving: path,
  sending: { ...path, quality: null, jitterMs: null, codec: null },
  signalingMs: null,
  outputMs: 30,
  onAir: false,
  heardBy: 0,
  hearing: ['Anna’s phone'],
  echo: { state: 'idle' },
};

export const away: DetailsFacts = {
  ...listening,
  signaling: 'away',
  serverVersion: null,
  trouble: { code: 'serverAway' },
  receiving: null,
  sending: null,
  outputMs: null,
  hearing: [],
  echo: { state: 'failed', reason: 'away', at: 0 },
};
