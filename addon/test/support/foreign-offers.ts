/** Offers as other programs wrote them, without their candidates and shortened where lines repeat. */

const FINGERPRINT = `a=fingerprint:sha-256 ${Array(32).fill('1B').join(':')}`;
const H264 = [
  'a=rtpmap:96 H264/90000',
  'a=rtcp-fb:96 nack',
  'a=rtcp-fb:96 nack pli',
  'a=fmtp:96 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1',
];

/** libdatachannel 0.24 as OBS 30 sets it up: audio first, no candidates, `LS` group, two ICE options. */
export const OBS = sdp(
  ['o=rtc 3844243652 0 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0 1', 'a=group:LS 0 1'],
  ['a=msid-semantic:WMS *', 'a=ice-options:ice2,trickle', FINGERPRINT],
  ['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'c=IN IP4 0.0.0.0', 'a=mid:0', 'a=sendonly'],
  ['a=ssrc:3388068600 cname:Yuu1KDxQcc3L5CpY', 'a=ssrc:3388068600 msid:XmQSKutZo7zYcEQl XmQSKutZo7zYcEQl-audio'],
  ['a=msid:XmQSKutZo7zYcEQl XmQSKutZo7zYcEQl-audio', 'a=rtcp-mux', 'a=rtpmap:111 opus/48000/2'],
  ['a=fmtp:111 minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1'],
  ['a=setup:actpass', 'a=ice-ufrag:mGGH', 'a=ice-pwd:X0qusXbxmEfYOJ2qi2irq1'],
  ['m=video 9 UDP/TLS/RTP/SAVPF 96', 'c=IN IP4 0.0.0.0', 'a=mid:1', 'a=sendonly', 'a=ssrc:3388068601 cname:Yuu1'],
  ['a=rtcp-mux', ...H264, 'a=setup:actpass', 'a=ice-ufrag:mGGH', 'a=ice-pwd:X0qusXbxmEfYOJ2qi2irq1'],
);

/** FFmpeg 8's whip muxer: it is the DTLS server, and names a second section in BUNDLE that audio alone does not have. */
export const FFMPEG = sdp(
  ['o=FFmpeg 4489045141692799359 2 IN IP4 127.0.0.1', 's=FFmpegPublishSession', 't=0 0', 'a=group:BUNDLE 0 1'],
  ['a=extmap-allow-mixed', 'a=msid-semantic: WMS', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'c=IN IP4 0.0.0.0'],
  ['a=ice-ufrag:8c1d4f20', 'a=ice-pwd:8c1d4f208c1d4f208c1d4f208c1d4f20', FINGERPRINT, 'a=setup:passive', 'a=mid:0'],
  ['a=sendonly', 'a=msid:FFmpeg audio', 'a=rtcp-mux', 'a=rtpmap:111 opus/48000/2', 'a=ssrc:3776556342 cname:FFmpeg'],
  ['a=ssrc:3776556342 msid:FFmpeg audio'],
);

/** pion 4 as go2rtc listens: video first, fingerprint for the whole session, other codecs beside Opus. */
export const GO2RTC = sdp(
  ['o=- 3402267346962085992 1795365198 IN IP4 0.0.0.0', 's=-', 't=0 0', 'a=msid-semantic:WMS *', FINGERPRINT],
  ['a=extmap-allow-mixed', 'a=cryptex', 'a=group:BUNDLE 0 1', 'm=video 9 UDP/TLS/RTP/SAVPF 96 97', 'c=IN IP4 0.0.0.0'],
  ['a=setup:actpass', 'a=mid:0', 'a=ice-ufrag:nfOfXLrKzxKdRBOf', 'a=ice-pwd:HjKkuXlGnRyADbrfrsApCvQIfcsjhNPN'],
  ['a=rtcp-mux', 'a=rtcp-rsize', 'a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96', 'a=recvonly'],
  ['m=audio 9 UDP/TLS/RTP/SAVPF 111 9 0 8', 'c=IN IP4 0.0.0.0', 'a=setup:actpass', 'a=mid:1'],
  ['a=ice-ufrag:nfOfXLrKzxKdRBOf', 'a=ice-pwd:HjKkuXlGnRyADbrfrsApCvQIfcsjhNPN', 'a=rtcp-mux', 'a=rtcp-rsize'],
  ['a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;useinbandfec=1', 'a=rtcp-fb:111 transport-cc'],
  ['a=rtpmap:9 G722/8000', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000', 'a=recvonly'],
);

/** GStreamer's whepsrc 0.13: no channel count, words as mids, video that rides on audio. */
export const GSTREAMER = sdp(
  ['o=- 405986985404806101 0 IN IP4 0.0.0.0', 's=-', 't=0 0', 'a=ice-options:trickle', 'a=group:BUNDLE audio0 video1'],
  [
    'm=audio 9 UDP/TLS/RTP/SAVPF 96',
    'c=IN IP4 0.0.0.0',
    'a=setup:actpass',
    'a=ice-ufrag:W78ZwV/X/mbFVi7UpppT9O5ilroaZz7o',
  ],
  ['a=ice-pwd:ntEL37gKBWXdsOs/UsgDf/5mWvIBUQhB', 'a=rtcp-mux', 'a=rtcp-rsize', 'a=recvonly', 'a=rtpmap:96 OPUS/48000'],
  ['a=rtcp-fb:96 transport-cc', 'a=mid:audio0', FINGERPRINT, 'a=rtcp-mux-only', 'm=video 0 UDP/TLS/RTP/SAVPF 101 102'],
  ['c=IN IP4 0.0.0.0', 'a=setup:actpass', 'a=ice-ufrag:W78ZwV/X/mbFVi7UpppT9O5ilroaZz7o'],
  ['a=ice-pwd:ntEL37gKBWXdsOs/UsgDf/5mWvIBUQhB', 'a=bundle-only', 'a=rtcp-mux', 'a=recvonly', 'a=rtpmap:101 VP8/90000'],
  ['a=rtpmap:102 VP9/90000', 'a=mid:video1', FINGERPRINT, 'a=rtcp-mux-only'],
);

/** aiortc 1.16: `sendrecv`, three fingerprints, its codecs beside Opus. */
export const AIORTC = sdp(
  ['o=- 4004353761 4004353761 IN IP4 0.0.0.0', 's=-', 't=0 0', 'a=group:BUNDLE 0', 'a=msid-semantic:WMS *'],
  ['m=audio 46533 UDP/TLS/RTP/SAVPF 96 9 0 8', 'c=IN IP4 192.0.2.2', 'a=sendrecv'],
  [
    'a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid',
    'a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
    'a=mid:0',
  ],
  ['a=msid:b8842375 75637a5b', 'a=rtcp:9 IN IP4 0.0.0.0', 'a=rtcp-mux', 'a=ssrc:2918367894 cname:284dbb43'],
  ['a=rtpmap:96 opus/48000/2', 'a=rtpmap:9 G722/8000', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000'],
  ['a=end-of-candidates', 'a=ice-ufrag:SiNa', 'a=ice-pwd:IshD0syABAu5bueYyro6iV', FINGERPRINT],
  [
    `a=fingerprint:sha-384 ${Array(48).fill('9A').join(':')}`,
    `a=fingerprint:sha-512 ${Array(64).fill('90').join(':')}`,
  ],
  ['a=setup:actpass'],
);

function sdp(...lines: string[][]): string {
  return ['v=0', ...lines.flat(), ''].join('\r\n');
}
