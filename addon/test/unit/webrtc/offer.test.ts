import { expect, it } from 'vitest';
import { prepareOffer } from '../../../src/webrtc/offer.ts';

/** Names to look up, and addresses of this house, in every place an offer has for them. */
const LURES = [
  'a=candidate:1 1 udp 1 lure.example 9 typ host',
  'a=candidate:2 1 udp 1 lure.local 9 typ host',
  'a=candidate:3 1 tcp 1 169.254.169.254 80 typ host tcptype passive',
  'a=candidate:4 1 udp 1 1.2.3.4 9 typ relay raddr lure.example rport 9',
  'a=remote-candidates:1 127.0.0.1 8099',
  'a=end-of-candidates',
];

it('asks nobody whom an offer names: no host or address of it gets to werift', () => {
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 lure.example',
    's=-',
    'c=IN IP4 lure.example',
    't=0 0',
    ...LURES,
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'c=IN IP4 lure.example',
    'a=rtcp:9 IN IP4 lure.example',
    'a=mid:0',
    'a=recvonly',
    'a=ice-ufrag:abcd',
    'a=ice-pwd:abcdefabcdefabcdefabcdef',
    'a=fingerprint:sha-256 00:11',
    'a=rtpmap:111 opus/48000/2',
    ...LURES,
    '',
  ];
  const { sdp } = prepareOffer(lines.join('\r\n'), 'receives', 1);
  expect(sdp).toContain('a=rtpmap:111 opus/48000/2');
  expect(sdp.split('\r\n').filter((line) => /candidate|lure|127\.0\.0|169\.254/.test(line))).toEqual([]);
});

it('takes an offer that does not say whence it comes', () => {
  const offer =
    'v=0\r\ns=-\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=sendonly\r\na=ice-ufrag:a\r\na=ice-pwd:b\r\na=fingerprint:sha-256 00\r\na=rtpmap:111 opus/48000/2\r\n';
  expect(prepareOffer(offer, 'sends', 1).sections).toHaveLength(1);
});
