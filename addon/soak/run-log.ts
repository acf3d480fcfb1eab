/**
 * RunLog: what one card heard, as runs: packets of a talk that came one after the other, in the talker's numbers and in the
 * numbers of RTP. Hours of hearing take some bytes for each loss, not for each packet.
 */
export interface Run {
  talk: number;
  /** The first packet, by the talker's number. */
  packet: number;
  /** Its number of RTP, unwrapped. */
  index: number;
  length: number;
}

interface Slot {
  highest: number;
  runs: Run[];
}

export class RunLog {
  /** The same packet under the same number: who reports loss and asks for nothing is sent each again. */
  repeated = 0;
  /** Two packets under one number of RTP. */
  twice = 0;
  readonly #slots = new Map<number, Slot>();

  hear(ssrc: number, sequenceNumber: number, talk: number, packet: number): void {
    const slot = this.#slots.get(ssrc);
    if (!slot) {
      this.#slots.set(ssrc, { highest: sequenceNumber, runs: [{ talk, packet, index: sequenceNumber, length: 1 }] });
      return;
    }
    const index = slot.highest + (((sequenceNumber - (slot.highest & 0xffff) + 0x1_8000) & 0xffff) - 0x8000);
    slot.highest = Math.max(slot.highest, index);
    const last = slot.runs.at(-1)!;
    const follows = last.talk === talk && last.packet + last.length === packet && last.index + last.length === index;
    if (follows) {
      last.length += 1;
      return;
    }
    const run = slot.runs.findLast((one) => index >= one.index && index < one.index + one.length);
    if (run === undefined) slot.runs.push({ talk, packet, index, length: 1 });
    else if (run.talk === talk && run.packet + index - run.index === packet) this.repeated += 1;
    else this.twice += 1;
  }

  /** Of each slot, in the order of RTP's numbers. */
  slots(): Run[][] {
    return [...this.#slots.values()].map(({ runs }) => [...runs].sort((a, b) => a.index - b.index));
  }

  get heard(): number {
    let sum = 0;
    for (const { runs } of this.#slots.values()) for (const { length } of runs) sum += length;
    return sum;
  }
}

/** An Opus frame by its first byte, so that players decode something; the rest says which packet it is. */
export function payloadOf(talk: number, packet: number): Buffer {
  const payload = Buffer.alloc(40, 1);
  payload[0] = 0xf8;
  payload.writeUInt32BE(talk, 4);
  payload.writeUInt32BE(packet, 8);
  return payload;
}

export function readPayload(payload: Buffer): { talk: number; packet: number } {
  return { talk: payload.readUInt32BE(4), packet: payload.readUInt32BE(8) };
}
