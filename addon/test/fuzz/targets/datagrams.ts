/** Whatever comes to a peer's UDP port: STUN, DTLS, SRTP and what looks like them, from its client and from strangers. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import type { RTCDtlsTransport } from 'werift';
import { openConnection, type OpenConnection } from '../../../src/webrtc/peer-connection.ts';
import { bindingRequest } from '../../support/stun.ts';
import { openClient } from '../../support/werift-client.ts';
import { bentBytes } from '../arbitraries.ts';
import { dtlsRecord, FORMER_RECORDS } from '../dtls-record.ts';
import { defineTarget, must } from '../target.ts';

/** Mostly few addresses, so that one says several things. */
const from = fc.oneof(fc.nat({ max: 1 }), fc.nat({ max: 1 }), fc.nat({ max: 40 }));

interface Datagram {
  data: Buffer;
  from: number;
}

const MAX_CANDIDATES = 16;
const alert = Buffer.from([21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0]);
const hello = Buffer.concat([
  Buffer.from([22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 52, 1, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0, 40, 254, 253]),
  Buffer.alloc(38, 7),
]);
const rtp = Buffer.concat([Buffer.from([0x80, 111, 0, 1, 0, 0, 3, 192, 0, 0, 0, 7]), Buffer.alloc(60, 1)]);
const rtcp = Buffer.concat([Buffer.from([0x81, 201, 0, 7]), Buffer.alloc(44, 2)]);

export const datagrams = defineTarget<Datagram[]>({
  name: 'datagrams',
  share: 100,
  async open() {
    const client = openClient('sendonly');
    const offer = await client.offer();
    await client.close();
    const clientUfrag = /a=ice-ufrag:(\S+)/.exec(offer)?.[1] ?? '';
    const open = (): Promise<OpenConnection> => openConnection(offer, 'sends', 1, { addresses: ['127.0.0.1'] });
    let victim = await open();
    let runs = 0;
    const right = (): { name: string; password: string } => {
      const { localUsername, localPassword } = victim.transport.iceTransport.connection;
      return { name: `${localUsername}:${clientUfrag}`, password: localPassword };
    };
    // The words of each victim are its own, so they are put in when the input is run.
    const data = bentBytes(
      fc.oneof(
        fc.constantFrom(Buffer.from('SIGNED'), Buffer.from('SIGNED AND NOMINATING'), Buffer.from('UNSIGNED')),
        fc.constantFrom(alert, hello, rtp, rtcp),
        dtlsRecord,
        dtlsRecord,
        fc.uint8Array({ maxLength: 200 }),
      ),
      3,
    );
    const signed = (nominates: boolean): Buffer => bindingRequest(right().name, right().password, nominates);
    const filled = (text: Buffer): Buffer => {
      const word = text.toString('latin1');
      if (word === 'SIGNED') return signed(false);
      if (word === 'SIGNED AND NOMINATING') return signed(true);
      if (word === 'UNSIGNED') return bindingRequest(right().name, undefined);
      // Half of what is signed, with the rest bent: begins as STUN does.
      return word.startsWith('SIGNED') ? Buffer.concat([signed(true).subarray(0, 50), text]) : text;
    };
    return {
      inputs: fc.array(fc.record({ data, from }), { minLength: 1, maxLength: 20 }),
      former: FORMER_RECORDS.map((record): Datagram[] => [
        { data: Buffer.from('SIGNED'), from: 0 },
        { data: record, from: 0 },
      ]),
      count: (story) => story.length,
      async run(story) {
        // A handshake that was begun with garbage may be over for good: a fresh peer now and then.
        if ((runs += 1) % 200 === 0) {
          await victim.connection.close();
          victim = await open();
        }
        const { transport, connection } = inside(victim.transport);
        for (const { data: bytes, from: port } of story) transport.onData(filled(bytes), ['127.0.0.1', 50_000 + port]);
        await nextTurn();
        must(connection.checkList.length <= MAX_CANDIDATES, `${connection.checkList.length} candidates`);
        must(connection.remoteCandidates.length <= MAX_CANDIDATES, `${connection.remoteCandidates.length} remote ones`);
      },
      sizes: () => ({}),
      async witness() {
        const fresh = await open();
        const { transport, connection } = inside(fresh.transport);
        const { localUsername, localPassword } = connection;
        const check = bindingRequest(`${localUsername}:${clientUfrag}`, localPassword);
        transport.onData(check, ['127.0.0.1', 40_000]);
        await nextTurn();
        await fresh.connection.close();
        must(connection.checkList.length === 1, 'a right check is not taken any more');
      },
      close: () => victim.connection.close(),
    };
  },
});

interface Inside {
  transport: { onData: (data: Buffer, address: readonly [string, number]) => void };
  connection: {
    checkList: unknown[];
    remoteCandidates: unknown[];
    localUsername: string;
    localPassword: string;
  };
}

/** Where werift's socket hands datagrams on, with our guard before it. */
function inside({ iceTransport }: RTCDtlsTransport): Inside {
  const { connection } = iceTransport as unknown as { connection: Inside['connection'] & { protocols: Inside[] } };
  const [protocol] = connection.protocols;
  return { transport: protocol!.transport, connection };
}
