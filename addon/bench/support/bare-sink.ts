/**
 * The cheapest receiver there can be: it notes the time and the clear header of each RTP packet as the datagram comes
 * and decrypts nothing, so that twenty of them in one process do not wait for each other. STUN, DTLS and RTCP still
 * reach werift behind it.
 */
import { nowMs } from './clock.ts';

export interface SinkLog {
  /** See clock.ts. */
  arrivedAtMs: number[];
  payloadBytes: number[];
  sequenceNumbers: number[];
}

/** The part of a werift transport that is tapped. */
export interface Tapped {
  iceTransport: { connection: { onData: { execute: (data: Buffer) => void } } };
  dtls?: { srtp: { srtpProfile?: number | undefined } } | undefined;
}

const PROFILE_AEAD_AES_128_GCM = 7;

/** From now on packets come here and no longer to the peer's tracks. */
export function tap(transport: Tapped): SinkLog {
  const log = emptyLog();
  const tagBytes = transport.dtls?.srtp.srtpProfile === PROFILE_AEAD_AES_128_GCM ? 16 : 10;
  const { onData } = transport.iceTransport.connection;
  const pass = onData.execute;
  onData.execute = (data) => {
    const at = nowMs();
    if (!isRtp(data)) {
      pass(data);
      return;
    }
    log.arrivedAtMs.push(at);
    log.payloadBytes.push(data.length - headerBytes(data) - tagBytes);
    log.sequenceNumbers.push(data.readUInt16BE(2));
  };
  return log;
}

export function emptyLog(): SinkLog {
  return { arrivedAtMs: [], payloadBytes: [], sequenceNumbers: [] };
}

/** All so far; the log goes on empty. */
export function takeLog(log: SinkLog): SinkLog {
  const { arrivedAtMs, payloadBytes, sequenceNumbers } = log;
  return {
    arrivedAtMs: arrivedAtMs.splice(0),
    payloadBytes: payloadBytes.splice(0),
    sequenceNumbers: sequenceNumbers.splice(0),
  };
}

/** RFC 7983 and RFC 5761: neither STUN nor DTLS nor RTCP. */
function isRtp(data: Buffer): boolean {
  const [first = 0, second = 0] = data;
  return first >= 128 && first <= 191 && !(second >= 192 && second <= 223);
}

function headerBytes(data: Buffer): number {
  const fixed = 12 + 4 * (data[0]! & 0x0f);
  return data[0]! & 0x10 ? fixed + 4 + 4 * data.readUInt16BE(fixed + 2) : fixed;
}

/** Packets that never came, by the gaps between the first and the last. */
export function lostIn(sequenceNumbers: readonly number[]): number {
  let [lost, highest] = [0, sequenceNumbers[0] ?? 0];
  for (const number of sequenceNumbers.slice(1)) {
    const delta = ((number - highest + 0x8000) & 0xffff) - 0x8000;
    if (delta > 0) {
      lost += delta - 1;
      highest = (highest + delta) & 0xffff;
    } else lost -= 1;
  }
  return lost;
}
