/** One transport as getStats describes it, in the words that Chromium, Firefox and Safari share. Reads, judges nothing. */

export interface Candidate {
  /** `host`, `srflx`, `prflx` or `relay`. */
  type: string;
  protocol: string;
  /** Null where the browser keeps it to itself: a name of mDNS, or nothing at all. */
  address: string | null;
  port: number | null;
}

/** What counts up since the transport opened: only differences mean anything. */
export interface Counters {
  /** That should have arrived: here, or at the server. */
  packets: number;
  lost: number;
  bytes: number;
  /** Of the jitter buffer: samples that came out of it, and the time that all of them together were in it. */
  bufferSeconds: number;
  emittedSamples: number;
  samples: number;
  /** Samples the browser invented where sound was missing; silence it put into pauses is not among them. */
  concealedSamples: number;
}

export interface PathStats {
  state: RTCPeerConnectionState;
  local: Candidate | null;
  remote: Candidate | null;
  /** Of the STUN checks; by RTCP, while speaking, where the browser does not tell that. */
  roundTripMs: number | null;
  jitterMs: number | null;
  /** `opus, 48 kHz`. */
  codec: string | null;
  /** Null where nothing flows, and never did. */
  counters: Counters | null;
  atMs: number;
}

type Entry = Record<string, unknown>;

export async function readPath(peer: RTCPeerConnection): Promise<PathStats> {
  const report = (await peer.getStats()) as unknown as Map<string, Entry>;
  return pathStats([...report.values()], peer.connectionState, performance.now());
}

/** `entries` as getStats gives them, of either direction. */
export function pathStats(entries: readonly Entry[], state: RTCPeerConnectionState, atMs: number): PathStats {
  const all = (type: string): Entry[] => entries.filter((entry) => entry['type'] === type);
  const byId = (id: unknown): Entry | undefined => entries.find((entry) => entry['id'] === id);
  const pair =
    byId(all('transport')[0]?.['selectedCandidatePairId']) ??
    // Firefox before 124 has no `transport`.
    all('candidate-pair').find((one) => one['selected'] === true);
  const [inbound, outbound, reports] = [all('inbound-rtp'), all('outbound-rtp'), all('remote-inbound-rtp')];
  const flows = inbound.length > 0 ? inbound : outbound;
  const codec = byId(flows[0]?.['codecId']);
  const jitters = [...inbound, ...reports].map((entry) => toMs(entry['jitter']));
  return {
    state,
    local: candidate(byId(pair?.['localCandidateId'])),
    remote: candidate(byId(pair?.['remoteCandidateId'])),
    roundTripMs: toMs(pair?.['currentRoundTripTime']) ?? toMs(reports[0]?.['roundTripTime']),
    jitterMs: jitters.reduce((most, jitter) => (jitter === null ? most : Math.max(most ?? 0, jitter)), null),
    codec: codec
      ? `${String(codec['mimeType']).replace('audio/', '')}, ${Number(codec['clockRate']) / 1000} kHz`
      : null,
    counters: counters(inbound, outbound, reports),
    atMs,
  };
}

function counters(inbound: readonly Entry[], outbound: readonly Entry[], reports: readonly Entry[]): Counters | null {
  if (inbound.length + outbound.length === 0) return null;
  const sum = (entries: readonly Entry[], name: string): number =>
    entries.reduce((total, entry) => total + (Number(entry[name]) || 0), 0);
  return {
    packets: sum(inbound, 'packetsReceived') + sum(inbound, 'packetsLost') + sum(outbound, 'packetsSent'),
    // What the server missed of ours is in its RTCP reports.
    lost: sum(inbound, 'packetsLost') + sum(reports, 'packetsLost'),
    bytes: sum(inbound, 'bytesReceived') + sum(outbound, 'bytesSent'),
    bufferSeconds: sum(inbound, 'jitterBufferDelay'),
    emittedSamples: sum(inbound, 'jitterBufferEmittedCount'),
    samples: sum(inbound, 'totalSamplesReceived'),
    concealedSamples: sum(inbound, 'concealedSamples') - sum(inbound, 'silentConcealedSamples'),
  };
}

function candidate(entry: Entry | undefined): Candidate | null {
  if (!entry) return null;
  const address = entry['address'] ?? entry['ip'];
  const port = entry['port'];
  return {
    type: String(entry['candidateType']),
    protocol: String(entry['protocol']),
    address: typeof address === 'string' && address !== '' && !address.endsWith('.local') ? address : null,
    port: typeof port === 'number' ? port : null,
  };
}

/** Of seconds; null for what is not there. */
function toMs(seconds: unknown): number | null {
  return typeof seconds === 'number' && Number.isFinite(seconds) ? seconds * 1000 : null;
}
