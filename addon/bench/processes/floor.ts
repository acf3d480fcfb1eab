/** The floor: what Node itself needs to encrypt a packet and send it, paced as the server is, and nothing else. */
import { createCipheriv, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { serve } from '../support/child.ts';
import { delay, nowMs } from '../support/clock.ts';
import { FRAME_MS } from '../support/voices.ts';

const PAYLOAD_BYTES = 120;
const HEADER_BYTES = 20;

const methods = {
  /** One packet to each port in each FRAME_MS; microseconds of CPU per packet. */
  async run({ ports, durationMs }: { ports: number[]; durationMs: number }): Promise<{ usPerPacket: number }> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const [key, payload] = [randomBytes(16), randomBytes(PAYLOAD_BYTES)];
    const header = randomBytes(HEADER_BYTES);
    const before = process.cpuUsage();
    const startedAtMs = nowMs();
    const iv = Buffer.alloc(12);
    let packets = 0;
    for (let tick = 1; nowMs() - startedAtMs < durationMs; tick += 1) {
      for (const port of ports) {
        iv.writeUInt32BE(packets, 8);
        const cipher = createCipheriv('aes-128-gcm', key, iv);
        cipher.setAAD(header);
        const packet = Buffer.concat([header, cipher.update(payload), cipher.final(), cipher.getAuthTag()]);
        socket.send(packet, port, '127.0.0.1');
        packets += 1;
      }
      await delay(Math.max(0, startedAtMs + tick * FRAME_MS - nowMs()));
    }
    const { user, system } = process.cpuUsage(before);
    socket.close();
    return { usPerPacket: (user + system) / packets };
  },
};

export type Floor = typeof methods;
serve(methods);
