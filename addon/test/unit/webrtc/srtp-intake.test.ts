import type { RTCDtlsTransport } from 'werift';
import { expect, test } from 'vitest';
import { guardIntake } from '../../../src/webrtc/srtp-intake.ts';

interface State {
  rolloverCounter: number;
  lastSequenceNumber: number;
}

/** werift's part, that believes every signature. */
function intake(): { receive: (datagram: Buffer) => Buffer; states: Record<number, State>; refused: string[] } {
  const states: Record<number, State> = {};
  const decryptRtp = (datagram: Buffer): unknown => {
    const [sequenceNumber, ssrc] = [datagram.readUInt16BE(2), datagram.readUInt32BE(8)];
    states[ssrc] ??= { rolloverCounter: 0, lastSequenceNumber: 0 };
    states[ssrc].lastSequenceNumber = sequenceNumber;
    return [datagram, { sequenceNumber, ssrc }];
  };
  const srtp = { remoteContext: { srtpSSRCStates: states, decryptRtp }, decrypt: (datagram: Buffer) => datagram };
  const refused: string[] = [];
  guardIntake({ srtp, srtcp: { remoteContext: {} } } as unknown as RTCDtlsTransport, {
    authenticated: () => undefined,
    refused: (kind) => void refused.push(kind),
  });
  return { receive: (datagram) => srtp.decrypt(datagram), states, refused };
}

function rtp(sequenceNumber: number, ssrc = 1): Buffer {
  const header = Buffer.from([0x80, 111, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16BE(sequenceNumber, 2);
  header.writeUInt32BE(ssrc, 8);
  return Buffer.concat([header, Buffer.alloc(20)]);
}

test('sources without end take no memory without end', () => {
  const { receive, states } = intake();
  for (let ssrc = 1; ssrc <= 1000; ssrc += 1) expect(receive(rtp(1, ssrc))).toHaveLength(32);
  expect(Object.keys(states).map(Number)).toEqual([993, 994, 995, 996, 997, 998, 999, 1000]);
});

test('what came before does not come again, nor move the number that the next is counted from', () => {
  const { receive, states, refused } = intake();
  for (const sequenceNumber of [30_000, 30_001]) receive(rtp(sequenceNumber));
  expect(receive(rtp(30_000))).toHaveLength(0);
  expect(states[1]).toMatchObject({ rolloverCounter: 0, lastSequenceNumber: 30_001 });
  expect(refused).toEqual(['replayedMedia']);
});
