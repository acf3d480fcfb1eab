import { RtcpRrPacket, type GenericNack, type RtcpPacket, type RtcpTransportLayerFeedback } from 'werift';
import { expect, test } from 'vitest';
import { readRtcp } from '../../../src/webrtc/rtcp-intake.ts';

/** A packet of this type and count, with a length that may lie. */
function rtcp(type: number, count: number, body: Buffer, words = body.length / 4): Buffer {
  const header = Buffer.from([0x80 | count, type, 0, 0]);
  header.writeUInt16BE(words, 2);
  return Buffer.concat([header, body]);
}

const ssrcs = Buffer.from([0, 0, 0, 1, 0, 0, 0, 9]);
const receiverReport = rtcp(201, 0, ssrcs.subarray(0, 4));
const nack = rtcp(205, 1, Buffer.concat([ssrcs, Buffer.from([0, 7, 0, 1])]));
const lostOf = (packet: RtcpPacket): number[] => ((packet as RtcpTransportLayerFeedback).feedback as GenericNack).lost;

test('a request is read by its own length, wherever in the compound', () => {
  const read = readRtcp(Buffer.concat([nack, receiverReport, nack]));
  expect(read?.map(({ type }) => type)).toEqual([205, 201, 205]);
  expect(read?.filter(({ type }) => type === 205).map(lostOf)).toEqual([
    [7, 8],
    [7, 8],
  ]);
  expect(read?.[1]).toBeInstanceOf(RtcpRrPacket);
});

/** Eight run-length chunks that say "65535 packets came". */
const absurdFeedback = rtcp(205, 15, Buffer.concat([ssrcs, Buffer.from([0, 0, 255, 255, 0, 0, 0, 0]), chunks(8)]));

function chunks(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => Buffer.from([0x3f, 0xff])));
}

test.each([
  ['transport feedback', absurdFeedback],
  ['REMB', rtcp(206, 15, Buffer.concat([ssrcs, Buffer.from('REMB'), Buffer.alloc(8, 255)]))],
  ['BYE of somebody else', rtcp(203, 2, ssrcs)],
  ['XR', rtcp(207, 0, Buffer.alloc(64, 255))],
  ['SDES without an end', rtcp(202, 31, Buffer.alloc(64, 255))],
  ['APP', rtcp(204, 0, Buffer.alloc(12))],
  ['nothing', Buffer.alloc(0)],
])('%s is left unread', (_name, data) => {
  expect(readRtcp(data)).toEqual([]);
});

test.each([
  ['a length beyond the datagram', rtcp(201, 0, ssrcs, 60_000)],
  ['more reports than there are', rtcp(201, 31, ssrcs)],
  ['a sender report without its body', rtcp(200, 0, ssrcs)],
  ['a request for nothing', rtcp(205, 1, ssrcs)],
  ['a request beyond all measure', rtcp(205, 1, Buffer.concat([ssrcs, Buffer.alloc(257 * 4, 255)]))],
  ['half a header', Buffer.from([0x80, 201])],
  ['another version', Buffer.from([0x40, 201, 0, 0])],
  ['packets without end', Buffer.concat(Array.from({ length: 17 }, () => receiverReport))],
])('%s: nothing of the datagram is believed', (_name, data) => {
  expect(readRtcp(data)).toBeUndefined();
});
