/** Invented facts for the page "Details". */
import type { DetailsFacts, PathFacts } from '../src/details/facts.ts';

const path: PathFacts = {
  state: 'connected',
  local: { type: 'host', protocol: 'udp', address: '192.168.1.34', port: 52_619 },
  remote: { type: 'host', protocol: 'udp', address: '192.168.1.10', port: 41_033 },
  roundTripMs: 4.2,
  jitterMs: 2.6,
  codec: 'opus, 48 kHz',
  counters: null,
  atMs: 0,
  quality: { loss: 0.004, concealed: 0.002, bufferMs: 41.6, frameMs: 10, kbps: 33 },
};

const listening: DetailsFacts = {
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

const hidden = { type: 'host', protocol: 'udp', address: null, port: 38_092 };

export const details = {
  listening,
  onAir: {
    ...listening,
    receiving: { ...path, local: hidden, quality: null, jitterMs: null, codec: null },
    sending: { ...path, local: hidden },
    outputMs: null,
    onAir: true,
    heardBy: 3,
    hearing: [],
    echo: { state: 'measured', ms: 48.4, at: 0 },
  },
  measuring: { ...listening, echo: { state: 'running' } },
  away: {
    ...listening,
    signaling: 'away',
    serverVersion: null,
    trouble: { code: 'serverAway' },
    receiving: null,
    sending: null,
    outputMs: null,
    hearing: [],
    echo: { state: 'failed', reason: 'away', at: 0 },
  },
} satisfies Record<string, DetailsFacts>;
