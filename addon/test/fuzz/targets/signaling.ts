/** Signaling, driven directly: short stories of several clients, each message right, bent or garbage. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ERROR_CODES } from '@voice-streaming/shared/errors';
import fc from 'fast-check';
import { FakeAnnouncer } from '../fake-announcer.ts';
import type { FakeSocket } from '../../fakes/fake-socket.ts';
import { ADMINISTRATOR, audioPacket, PLAIN_USER, signalingRig } from '../../support/signaling-rig.ts';
import { messageText } from '../messages.ts';
import { defineTarget, must, mustNotTell, SECRET } from '../target.ts';

const CLIENTS = ['administrator', 'plain', 'nobody', 'restricted'] as const;

const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ client: fc.nat({ max: 3 }), text: messageText }) },
  { weight: 1, arbitrary: fc.record({ client: fc.nat({ max: 3 }), binary: fc.uint8Array({ maxLength: 40 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      client: fc.nat({ max: 3 }),
      event: fc.constantFrom('close', 'ping', 'pong', 'error', 'peersLost', 'packet', 'late', 'full'),
    }),
  },
);
type Step = { client: number; text?: string; binary?: Uint8Array; event?: string };
const inputs: fc.Arbitrary<Step[]> = fc.oneof(
  { weight: 9, arbitrary: fc.array(step as fc.Arbitrary<Step>, { minLength: 1, maxLength: 12 }) },
  // Long enough for the limits of a session.
  { weight: 1, arbitrary: fc.array(step as fc.Arbitrary<Step>, { minLength: 1, maxLength: 120, size: 'max' }) },
);

export const signaling = defineTarget<Step[]>({
  name: 'signaling',
  share: 400,
  async open() {
    const rig = await signalingRig({
      tokens: { userOfToken: (token) => (token === SECRET ? ADMINISTRATOR : undefined) },
      announcer: new FakeAnnouncer(),
      isRestricted: (id) => id === 'nursery',
    });
    const witness = rig.connect();
    const restricted = {
      mayTalk: false,
      mayListen: true,
      mayHear: (id: string) => id !== 'nursery',
      isNamedFor: () => false,
    };
    const enter = {
      administrator: () => rig.connect(ADMINISTRATOR),
      plain: () => rig.connect(PLAIN_USER),
      nobody: () => rig.connect(null),
      restricted: () => rig.connect({ name: 'Rita', isAdmin: false }, restricted),
    };
    return {
      inputs,
      count: (steps) => steps.length,
      async run(steps) {
        const clients = CLIENTS.map((who) => enter[who]());
        try {
          await play(clients, steps);
        } finally {
          for (const socket of clients) if (!socket.isTerminated) socket.terminate();
          await nextTurn();
          rig.peers.senders.length = rig.peers.receivers.length = 0;
        }
        mustNotTell('the log', rig.log.lines.join('\n'));
        const faults = rig.log.lines.filter((line) => line.startsWith('ERROR') && !line.includes('secret detail'));
        rig.log.lines.length = 0;
        must(faults.length === 0, `a fault of ours: ${faults[0] ?? ''}`);
      },
      sizes: () => {
        const { clients, introduced, senderPeers, receiverPeers } = rig.server.stats();
        return {
          clients,
          introduced,
          senderPeers,
          receiverPeers,
          live: rig.relay.live.length,
          told: rig.listeners.subscribers,
        };
      },
      async witness() {
        await Promise.resolve();
        must(witness.closeCode === undefined && !witness.isTerminated, 'the witness was thrown out');
        const before = witness.said.length;
        must(witness.replyTo(witness.ask('getReplays', {})).type === 'result', 'the witness gets no answer');
        must(witness.said.length > before, 'the witness hears nothing');
        witness.said.length = 0;
      },
      async close() {
        witness.terminate();
        await rig.close();
      },
    };

    async function play(clients: readonly FakeSocket[], steps: readonly Step[]): Promise<void> {
      for (const { client, text, binary, event } of steps) {
        const socket = clients[client]!;
        if (socket.closeCode !== undefined || socket.isTerminated) continue;
        if (text !== undefined) socket.emit('message', Buffer.from(text), false);
        else if (binary) socket.emit('message', Buffer.from(binary), true);
        else happen(event, socket);
        if (socket.said.length % 3 === 0) await nextTurn();
      }
      // One late offer after the other, as a session takes its requests in turn.
      for (let turns = 0; turns < steps.length + 3; turns += 1) {
        rig.peers.answerLate();
        await nextTurn();
      }
      for (const [index, socket] of clients.entries())
        judge(
          socket,
          steps.filter(({ client }) => client === index),
        );
      // Somebody else asks meanwhile.
      const other = rig.connect();
      const reply = other.replyTo(other.ask('listen', { to: 'latest' }));
      other.terminate();
      must(reply.type === 'result', 'another client gets no result');
    }

    function happen(event: string | undefined, socket: FakeSocket): void {
      if (event === 'close') socket.terminate();
      else if (event === 'ping' || event === 'pong') socket.emit(event);
      else if (event === 'error') socket.emit('error', new Error('reset'));
      else if (event === 'late') rig.peers.answerLate();
      else if (event === 'full') socket.bufferedAmount = socket.bufferedAmount === 0 ? 100_000 : 0;
      else if (event === 'packet')
        for (const peer of rig.peers.senders) peer.events.packet(audioPacket(peer.isClosed ? 1 : 2));
      else for (const peer of [...rig.peers.senders, ...rig.peers.receivers]) peer.events.closed('gone');
    }
  },
});

/** Each request that had a fresh id gets one reply, unless the session was ended; each error has a code. */
function judge(socket: FakeSocket, steps: readonly Step[]): void {
  const isOver = socket.closeCode !== undefined || socket.isTerminated;
  const asked = steps.flatMap(({ text }) => (text === undefined ? [] : [idIn(text)]));
  const errors = socket.all('error');
  for (const { code } of errors) must((ERROR_CODES as readonly string[]).includes(code), `no code: ${code}`);
  const replies = socket.all('result').length + errors.length;
  const messages = steps.filter(({ text, binary }) => text !== undefined || binary !== undefined).length;
  if (!isOver) must(replies === messages, `${replies} replies to ${messages} messages`);
  else must(replies <= messages, `${replies} replies to ${messages} messages of a session that is over`);
  const unasked = socket.all('result').filter(({ id }) => !asked.includes(id));
  must(unasked.length === 0, 'a result that nobody asked for');
  mustNotTell('an answer', JSON.stringify(socket.said));
  must(!JSON.stringify(socket.said).includes('secret detail'), 'an answer tells of our insides');
}

function idIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { id?: unknown } | null)?.id;
  } catch {
    return undefined;
  }
}
