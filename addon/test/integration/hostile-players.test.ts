/** One machine that wants all the places, and never reads, resets or only asks: it gets its share, and nobody else hears of it. */
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpRig, type HttpRig } from '../support/http-rig.ts';
import { encodeOpus, OpusVoice, tone } from '../support/opus-voice.ts';
import { fromInt16 } from '../support/pcm.ts';
import { Player, request } from '../support/player.ts';

const STREAM_ID = 'kitchen-tablet';
/** Another machine than that of the good player. */
const HOSTILE = '127.0.0.2';
const CROWD = 200;
/** See PlayerLimits. */
const PER_ADDRESS = 64;
const WAV_BYTES_PER_MS = 96;
const TALK_MS = 1000;

let rig: HttpRig;
let good: Player;
const sockets: Socket[] = [];

beforeEach(async () => {
  rig = await httpRig();
  good = await Player.play(rig.mediaUrls.channelUrls(STREAM_ID).wavUrl);
  await good.heard(500 * WAV_BYTES_PER_MS);
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  good.leave();
  await expect.poll(() => rig.transcoder.listenerCount, { timeout: 10_000 }).toBe(0);
  expect([rig.counters.places.of(HOSTILE), rig.counters.places.of('127.0.0.1')]).toEqual([0, 0]);
  await rig.close();
});

/** Asks from the hostile machine; resolved with the status when an answer comes, and reads no more. */
function ask(url: string, method = 'GET'): Promise<{ socket: Socket; status: number }> {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), localAddress: HOSTILE });
    sockets.push(socket);
    socket.on('error', reject);
    socket.once('data', (head: Buffer) => {
      socket.pause();
      resolve({ socket, status: Number(head.toString('latin1').split(' ')[1]) });
    });
    socket.write(`${method} ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  });
}

/** Somebody speaks, and the good player hears it. */
async function expectHeard(): Promise<void> {
  const from = good.bytes;
  const stream = rig.relay.start({ id: STREAM_ID, name: 'Kitchen' });
  await new OpusVoice({ stream, packets: await encodeOpus(tone(440, TALK_MS)) }).speak();
  rig.relay.end(stream, 'stopped');
  await good.heard(from + (TALK_MS + 1500) * WAV_BYTES_PER_MS);
  const pcm = fromInt16(Buffer.concat(good.chunks).subarray(from + (from % 2)));
  const loudMs = pcm.filter((sample) => Math.abs(sample) > 0.1).length / 48;
  // A tone of amplitude 0.3 is above 0.1 for 78 % of the time; were it disturbed, it would have been cut off.
  expect(loudMs).toBeGreaterThan(0.5 * TALK_MS);
}

describe('a hostile player', () => {
  it.each(['channel', 'talk'])('of a %s that takes all places and never reads gets its share', async (kind) => {
    const stream = rig.relay.start({ id: STREAM_ID, name: 'Kitchen' });
    const { talkId } = stream;
    await new OpusVoice({ stream, packets: await encodeOpus(tone(440, 200)) }).speak();
    rig.relay.end(stream, 'stopped');
    const url =
      kind === 'channel'
        ? rig.mediaUrls.channelUrls(STREAM_ID).mp3Url
        : rig.mediaUrls.talkUrls({ talkId, streamId: STREAM_ID, private: false }).mp3Url;
    const answers = await Promise.all(Array.from({ length: CROWD }, () => ask(url)));
    const admitted = answers.filter(({ status }) => status === 200).length;
    const refused = answers.filter(({ status }) => status === 503).length;
    expect(admitted + refused).toBe(CROWD);
    expect(rig.counters.refusedListeners).toBe(refused);
    // What is over is gone at once, and its place free again.
    if (kind === 'channel') expect(admitted).toBe(PER_ADDRESS);
    expect(rig.transcoder.listenerCount).toBeLessThanOrEqual(PER_ADDRESS + 1);
    const another = await Player.play(rig.mediaUrls.channelUrls(STREAM_ID).mp3Url);
    expect(another.response.statusCode).toBe(200);
    another.leave();
    await expectHeard();
  });

  it('that opens and resets in a loop leaves nothing behind', async () => {
    const url = rig.mediaUrls.channelUrls(STREAM_ID).mp3Url;
    for (let turn = 0; turn < CROWD; turn += 10) {
      const ten = await Promise.all(Array.from({ length: 10 }, () => ask(url)));
      for (const { socket } of ten) socket.resetAndDestroy();
    }
    await expect.poll(() => rig.transcoder.listenerCount, { timeout: 10_000 }).toBe(1);
    expect(rig.counters.places.of(HOSTILE)).toBe(0);
    await expectHeard();
  });

  it('that asks and asks for the head only takes no place', async () => {
    const url = rig.mediaUrls.channelUrls(STREAM_ID).mp3Url;
    const answers = await Promise.all(Array.from({ length: CROWD }, () => ask(url, 'HEAD')));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect([rig.transcoder.listenerCount, rig.counters.places.of(HOSTILE)]).toEqual([1, 0]);
    const next = await request(url);
    expect(next.statusCode).toBe(200);
    next.destroy();
    await expectHeard();
  });
});
