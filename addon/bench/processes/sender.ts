/** The one who speaks: a werift client of the server and, for the control, of a direct connection, paced as FRAME_MS says. */
import { RtpHeader, RtpPacket } from 'werift';
import { openClient, type WeriftClient } from '../../test/support/werift-client.ts';
import { serve } from '../support/child.ts';
import { nowMs } from '../support/clock.ts';
import { Signaling } from '../support/signaling.ts';
import { FRAME_MS, FRAME_TICKS, voice, withIndex, type VoiceName } from '../support/voices.ts';

/** Of the audio-level extension in the client's offer. */
const LEVEL_EXTENSION_ID = 2;

let signaling: Signaling | undefined;
let client: WeriftClient | undefined;
let direct: WeriftClient | undefined;
let packets: Buffer[] = [];
let timer: NodeJS.Timeout | undefined;
let talkId = '';
/** Goes on over all voices: a stream has one line of sequence numbers. */
let next = 0;
const sentAtMs: number[] = [];
const directAtMs: number[] = [];

const methods = {
  /** Joins, speaks and resolves when it is on air; the stream's id. */
  async talk({ port, name, saying }: { port: number; name: string; saying: VoiceName }): Promise<string> {
    signaling = await Signaling.open(port);
    const streamId = await signaling.introduce(name);
    client = openClient('sendonly');
    const { answer } = await signaling.request('connectSender', { offer: await client.offer() });
    await client.accept(answer);
    ({ talkId } = await signaling.request('startTalk', {}));
    await methods.say({ saying });
    await signaling.said('onAir');
    return streamId;
  },

  /** Ends the talk and begins another: for those who hear it, all begins anew. */
  async talkAgain(_args: undefined): Promise<void> {
    await signaling?.request('stopTalk', {});
    await signaling?.request('startTalk', {});
  },

  /** From now on this; without a pause. */
  async say({ saying }: { saying: VoiceName }): Promise<void> {
    packets = await voice(saying);
    // Aligned, so that a voice begins with its first packet.
    if (timer === undefined) run();
  },

  /** Ends the talk; its id. */
  async stop(_args: undefined): Promise<string> {
    clearTimeout(timer);
    await signaling?.request('stopTalk', {});
    return talkId;
  },

  async directOffer(_args: undefined): Promise<string> {
    direct = openClient('sendonly');
    return direct.offer();
  },

  async directAnswer({ answer }: { answer: string }): Promise<void> {
    await direct?.accept(answer);
  },

  /** When each packet was handed to the WebRTC stack, by index. */
  sent(_args: undefined): { sentAtMs: number[]; directAtMs: number[]; voicePackets: number } {
    return { sentAtMs, directAtMs, voicePackets: packets.length };
  },
};

/** Half a frame behind the packet to the server goes the same packet to the direct peer: the same weather, no queue. */
function run(): void {
  const startedAtMs = nowMs() - next * FRAME_MS;
  const due = (index: number): number => startedAtMs + index * FRAME_MS;
  const later = (atMs: number, step: () => void): void => {
    timer = setTimeout(step, Math.max(0, atMs - nowMs()));
  };
  const toServer = (): void => {
    const index = next++;
    const payload = withIndex(packets[index % packets.length]!, index);
    sentAtMs[index] = nowMs();
    send(client, index, payload);
    later(due(index) + FRAME_MS / 2, () => {
      directAtMs[index] = nowMs();
      send(direct, index, payload);
      later(due(next), toServer);
    });
  };
  toServer();
}

function send(to: WeriftClient | undefined, index: number, payload: Buffer): void {
  const [transceiver] = to?.connection.getTransceivers() ?? [];
  const header = new RtpHeader({
    sequenceNumber: index & 0xffff,
    timestamp: (index * FRAME_TICKS) >>> 0,
    extensions: [{ id: LEVEL_EXTENSION_ID, payload: Buffer.from([0x80 | (20 + (index % 20))]) }],
  });
  transceiver?.sender.sendRtp(new RtpPacket(header, payload)).catch(() => undefined);
}

export type Sender = typeof methods;
serve(methods);
