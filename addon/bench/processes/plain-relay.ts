/** The control of CPU: werift as its documentation shows it, one `sendRtp` per receiver and packet, and nothing else. */
import { RTCPeerConnection, RTCRtpCodecParameters, RtpHeader, RtpPacket, type RTCRtpSender } from 'werift';
import { serve } from '../support/child.ts';
import { delay, nowMs } from '../support/clock.ts';
import { FRAME_MS, FRAME_TICKS } from '../support/voices.ts';

const PAYLOAD_BYTES = 120;

const senders: RTCRtpSender[] = [];

const methods = {
  async answer({ offer }: { offer: string }): Promise<string> {
    const connection = new RTCPeerConnection({
      codecs: { audio: [new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 })] },
      iceServers: [],
      iceUseIpv4: false,
      iceUseIpv6: false,
      iceAdditionalHostAddresses: ['127.0.0.1'],
      bundlePolicy: 'max-bundle',
      iceLite: true,
    });
    await connection.setRemoteDescription({ type: 'offer', sdp: offer });
    for (const transceiver of connection.getTransceivers()) {
      transceiver.setDirection('sendonly');
      senders.push(transceiver.sender);
    }
    await connection.setLocalDescription(await connection.createAnswer());
    return connection.localDescription?.sdp ?? '';
  },

  /** One packet to each receiver in each FRAME_MS; microseconds of CPU per packet. */
  async run({ durationMs }: { durationMs: number }): Promise<{ usPerPacket: number }> {
    const payload = Buffer.alloc(PAYLOAD_BYTES, 7);
    const before = process.cpuUsage();
    const startedAtMs = nowMs();
    let packets = 0;
    for (let tick = 1; nowMs() - startedAtMs < durationMs; tick += 1) {
      const header = new RtpHeader({ sequenceNumber: tick & 0xffff, timestamp: tick * FRAME_TICKS });
      const packet = new RtpPacket(header, payload);
      for (const sender of senders) {
        sender.sendRtp(packet).catch(() => undefined);
        packets += 1;
      }
      await delay(Math.max(0, startedAtMs + tick * FRAME_MS - nowMs()));
    }
    const { user, system } = process.cpuUsage(before);
    return { usPerPacket: (user + system) / packets };
  },
};

export type PlainRelay = typeof methods;
serve(methods);
