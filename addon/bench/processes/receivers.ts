/** Those who hear: werift clients with bare sinks, and the other end of the direct connection. */
import { createSocket, type Socket } from 'node:dgram';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openConnection, type OpenConnection } from '../../src/webrtc/peer-connection.ts';
import { once } from '../../test/support/once.ts';
import { openClient, type WeriftClient } from '../../test/support/werift-client.ts';
import { tap, takeLog, type SinkLog, type Tapped } from '../support/bare-sink.ts';
import { serve } from '../support/child.ts';
import { nowMs } from '../support/clock.ts';
import { Signaling } from '../support/signaling.ts';

/** As cards come: handshakes of a few at once, not of a hundred. */
const JOINING_AT_ONCE = 4;

const loopDelay = monitorEventLoopDelay({ resolution: 1 });
loopDelay.enable();
const sinks: SinkLog[] = [];
const kept: unknown[] = [];
let directSink: SinkLog | undefined;
let direct: OpenConnection | undefined;
let weriftClients: WeriftClient[] = [];
const weriftLogs: SinkLog[] = [];
let plain: { sockets: Socket[]; packets: number } | undefined;

const methods = {
  /** So many more receivers of `latest`, each with a WebSocket of its own, as a card has. */
  async join({ port, count }: { port: number; count: number }): Promise<void> {
    let left = count;
    const join = async (): Promise<void> => {
      while (left-- > 0) {
        const { signaling, client } = await connect(await Signaling.open(port));
        sinks.push(tap(transportOf(client)));
        kept.push(signaling, client);
      }
    };
    await Promise.all(Array.from({ length: JOINING_AT_ONCE }, join));
  },

  /** A whole join, from nothing to the first packet heard, and gone again. */
  async coldJoin({ port }: { port: number }): Promise<{ fromSocketMs: number; fromRequestMs: number }> {
    const startedAtMs = nowMs();
    const opened = await Signaling.open(port);
    const requestedAtMs = nowMs();
    const { signaling, client } = await connect(opened);
    await client.waitForHeard(1);
    const heardAtMs = nowMs();
    await client.close();
    signaling.close();
    return { fromSocketMs: heardAtMs - startedAtMs, fromRequestMs: heardAtMs - requestedAtMs };
  },

  /** Answers the sender's direct offer with the stack that the server uses. */
  async directAnswer({ offer }: { offer: string }): Promise<string> {
    direct = await openConnection(offer, 'sends', 1, { addresses: ['127.0.0.1'] });
    return direct.answer;
  },

  async tapDirect(_args: undefined): Promise<void> {
    if (!direct) throw new Error('there is no direct connection');
    const { transport } = direct;
    await once<unknown>((resolve) => {
      const look = (): void => {
        if (transport.state === 'connected') resolve(undefined);
      };
      transport.onStateChange.subscribe(look);
      look();
    }, 'the direct connection');
    directSink = tap(transport);
  },

  /** What came since the last call. */
  take(_args: undefined): { sinks: SinkLog[]; direct: SinkLog | undefined; stoodStillMs: number } {
    const stoodStillMs = loopDelay.max / 1e6;
    loopDelay.reset();
    return { sinks: sinks.map(takeLog), direct: directSink && takeLog(directSink), stoodStillMs };
  },

  /** Receivers of the control, which has no signaling. */
  async offerWerift({ count }: { count: number }): Promise<string[]> {
    weriftClients = Array.from({ length: count }, () => openClient('recvonly'));
    return Promise.all(weriftClients.map((client) => client.offer()));
  },

  async acceptWerift({ answers }: { answers: string[] }): Promise<void> {
    for (const [index, client] of weriftClients.entries()) {
      await client.accept(answers[index]!);
      weriftLogs.push(tap(transportOf(client)));
    }
  },

  /** How many packets had come. */
  async closeWerift(_args: undefined): Promise<number> {
    const packets = weriftLogs.reduce((sum, log) => sum + takeLog(log).sequenceNumbers.length, 0);
    await Promise.all(weriftClients.splice(0).map((client) => client.close()));
    weriftLogs.length = 0;
    return packets;
  },

  /** Plain UDP sockets, for the floor. */
  async openPlain({ count }: { count: number }): Promise<number[]> {
    const opened = { sockets: [] as Socket[], packets: 0 };
    plain = opened;
    for (let i = 0; i < count; i += 1) {
      const socket = createSocket('udp4').on('message', () => (opened.packets += 1));
      await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
      opened.sockets.push(socket);
    }
    return opened.sockets.map((socket) => socket.address().port);
  },

  closePlain(_args: undefined): number {
    for (const socket of plain?.sockets ?? []) socket.close();
    return plain?.packets ?? 0;
  },
};

async function connect(signaling: Signaling): Promise<{ signaling: Signaling; client: WeriftClient }> {
  const client = openClient('recvonly');
  const offer = await client.offer();
  const [{ answer }] = await Promise.all([
    signaling.request('connectReceiver', { offer }),
    signaling.request('listen', { to: 'latest' }),
  ]);
  await client.accept(answer);
  return { signaling, client };
}

function transportOf(client: WeriftClient): Tapped {
  return client.connection.dtlsTransports[0] as unknown as Tapped;
}

export type Receivers = typeof methods;
serve(methods);
