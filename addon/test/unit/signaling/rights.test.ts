/** What a session may do by the owner's lists, and what only administrators may: every request there is. */
import type { RequestType, Requests } from '@voice-streaming/shared/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UserRights } from '../../../src/http/user-rights.ts';
import { requestHandlers } from '../../../src/signaling/requests.ts';
import type { FakeSocket } from '../../fakes/fake-socket.ts';
import {
  ADMINISTRATOR,
  deviceKeyOf,
  PLAIN_USER,
  signalingRig,
  type SignalingRig,
} from '../../support/signaling-rig.ts';

const lists = new UserRights({
  talkUsers: ['Ada'],
  listenUsers: ['Ada', 'Bob'],
  streamListeners: new Map([['nursery', ['Ada']]]),
});

const heard: [string, readonly string[]][] = [];
const audit = {
  hears: (_listener: object, who: { user: string | null; place: string }, ids: readonly string[]) =>
    void heard.push([`${who.user ?? ''}@${who.place}`, ids]),
};

let rig: SignalingRig;

beforeEach(async () => {
  heard.length = 0;
  rig = await signalingRig({ isRestricted: (id) => lists.isRestricted(id), audit });
});

afterEach(() => rig.close());

/** Introduced under this name, with both transports. */
async function card(user: string | null, name: string, isAdmin = false): Promise<FakeSocket> {
  const socket = rig.connect({ name: user, isAdmin }, lists.of(user === null ? [] : [user], isAdmin));
  socket.ask('introduce', { deviceKey: deviceKeyOf(name), name });
  await said(socket, 'connectSender', { offer: name });
  await said(socket, 'connectReceiver', { offer: '3 slots' });
  return socket;
}

type Reply = ReturnType<FakeSocket['replyTo']>;

async function said<T extends RequestType>(socket: FakeSocket, type: T, args: Requests[T]['args']): Promise<Reply> {
  const id = socket.ask(type, args as never);
  return vi.waitFor(() => socket.replyTo(id));
}

const slotsOf = (socket: FakeSocket): (string | null)[] => Object.values(socket.all('slots').at(-1)?.slots ?? {});
const liveOf = (socket: FakeSocket): string[] =>
  socket
    .all('streams')
    .at(-1)!
    .streams.filter(({ live }) => live)
    .map(({ id }) => id);

describe('talking', () => {
  it('is for those on the list and for administrators; an echo for all', async () => {
    for (const [user, isAdmin] of [
      ['Ada', false],
      ['Carl', true],
    ] as const) {
      const socket = await card(user, user, isAdmin);
      expect(await said(socket, 'startTalk', {})).toMatchObject({ type: 'result' });
      await said(socket, 'stopTalk', {});
    }
    const bob = await card('Bob', 'Bob');
    const refusal = {
      type: 'error',
      code: 'may_not_talk',
      message: 'You may not talk here: an administrator chose who may.',
    };
    expect(await said(bob, 'startTalk', {})).toMatchObject(refusal);
    expect(await said(bob, 'startTalk', { private: true })).toMatchObject(refusal);
    expect(await said(bob, 'setMonitor', { state: 'on' })).toMatchObject(refusal);
    expect(await said(bob, 'setMonitor', { state: 'needsTap' })).toMatchObject(refusal);
    expect(rig.relay.live).toEqual([]);
    expect(await said(bob, 'startTalk', { echo: true })).toMatchObject({ type: 'result' });
    expect(await said(await card(null, 'nobody'), 'startTalk', {})).toMatchObject(refusal);
  });
});

describe('listening', () => {
  it('is refused to whoever is on no list, by every request that gives sound', async () => {
    const carl = await card('Carl', 'Carl');
    const refusal = { code: 'may_not_listen', message: 'You may not listen here: an administrator chose who may.' };
    for (const to of ['latest', 'all', ['hall']] as const) {
      expect(await said(carl, 'listen', { to: to === 'latest' || to === 'all' ? to : [...to] })).toMatchObject(refusal);
    }
    expect(await said(carl, 'getPlayUrl', { streamId: 'latest' })).toMatchObject(refusal);
    expect(await said(carl, 'getReplays', {})).toMatchObject(refusal);
    expect(await said(carl, 'listen', { to: null })).toMatchObject({ type: 'result' });
    rig.whip('hall');
    await vi.waitFor(() => expect(liveOf(carl)).toEqual(['hall']));
    expect(slotsOf(carl).filter((id) => id !== null)).toEqual([]);
  });

  it('to a stream of some is for those alone, and only by its name', async () => {
    const [ada, bob, admin] = [await card('Ada', 'Ada'), await card('Bob', 'Bob'), await card('Eve', 'Eve', true)];
    rig.whip('nursery');
    rig.whip('hall');
    await vi.waitFor(() => expect(liveOf(bob)).toEqual(['hall']));
    expect(liveOf(ada)).toEqual(['nursery', 'hall']);
    expect(liveOf(admin)).toEqual(['nursery', 'hall']);

    expect(await said(bob, 'listen', { to: ['nursery'] })).toMatchObject({
      code: 'may_not_listen',
      message: 'You may not listen to "nursery": an administrator chose who may.',
    });
    await said(bob, 'listen', { to: ['nursery', 'hall'] });
    expect(slotsOf(bob).filter((id) => id !== null)).toEqual(['hall']);
    for (const socket of [ada, admin]) {
      await said(socket, 'listen', { to: 'all' });
      expect(slotsOf(socket).filter((id) => id !== null)).toEqual(['hall']);
      await said(socket, 'listen', { to: ['nursery'] });
      expect(slotsOf(socket).filter((id) => id !== null)).toEqual(['nursery']);
    }
    expect(rig.relay.latest?.id).toBe('hall');
  });

  it('is written down: who, at which device, what, until the end', async () => {
    const bob = await card('Bob', 'Office');
    rig.whip('hall');
    await said(bob, 'listen', { to: 'latest' });
    expect(heard.at(-1)).toEqual(['Bob@office', ['hall']]);
    bob.close(1000);
    await vi.waitFor(() => expect(heard.at(-1)).toEqual(['Bob@office', []]));
  });
});

/**
 * Every request of the protocol: what an administrator may ask and a plain user not, or what everybody may. A new request
 * does not compile before it stands here.
 */
const REQUESTS: { [T in RequestType]: { by: 'administrators' | 'everybody'; args: Requests[T]['args'] } } = {
  authenticate: { by: 'everybody', args: { token: 'x'.repeat(16) } },
  introduce: { by: 'everybody', args: { deviceKey: deviceKeyOf('plain'), name: 'Plain' } },
  connectSender: { by: 'everybody', args: { offer: 'x' } },
  connectReceiver: { by: 'everybody', args: { offer: 'x' } },
  disconnect: { by: 'everybody', args: { direction: 'receiver' } },
  startTalk: { by: 'everybody', args: {} },
  stopTalk: { by: 'everybody', args: {} },
  listen: { by: 'everybody', args: { to: 'latest' } },
  endTalk: { by: 'administrators', args: { streamId: 'hall' } },
  setMonitor: { by: 'everybody', args: { state: 'off' } },
  forgetMonitor: { by: 'administrators', args: { streamId: 'hall' } },
  getPlayUrl: { by: 'everybody', args: { streamId: 'latest' } },
  getReplays: { by: 'everybody', args: {} },
  getMediaUrls: { by: 'administrators', args: {} },
  rotateMediaKeys: { by: 'administrators', args: {} },
  getDoctor: { by: 'administrators', args: {} },
  getDiagnostics: { by: 'administrators', args: {} },
  getSpeakers: { by: 'everybody', args: {} },
  announce: { by: 'everybody', args: { targets: ['media_player.hall'] } },
  getAnnouncements: { by: 'everybody', args: {} },
  stopAnnouncement: { by: 'everybody', args: { announcementId: 'x' } },
  testSpeaker: { by: 'everybody', args: { entityId: 'media_player.hall' } },
};

it('one user leaves room for the others, whose cards are told and counted apart', async () => {
  const other = await signalingRig({ maxClientsPerUser: 2 });
  const cards = Array.from({ length: 4 }, () => other.connect(PLAIN_USER));
  expect(cards.map(({ types }) => types)).toEqual([['hello', 'streams'], ['hello', 'streams'], ['bye'], ['bye']]);
  expect(cards[3]!.said).toEqual([{ type: 'bye', reason: 'serverFull', limit: 'clients_per_user' }]);
  expect(other.connect({ name: 'Bob', isAdmin: false }).types).toEqual(['hello', 'streams']);
  for (const admin of [1, 2, 3].map(() => other.connect(ADMINISTRATOR))) expect(admin.types[0]).toBe('hello');
  expect(other.server.stats().byes).toEqual({ serverFull: 2 });
  expect(other.log.lines).toEqual([
    expect.stringMatching(/^WARN clients_per_user: A client is turned away: one user has 2 already\./),
  ]);
  cards[0]!.close(1000);
  await vi.waitFor(() => expect(other.server.stats().clients).toBe(5));
  expect(other.connect(PLAIN_USER).types[0]).toBe('hello');
  await other.close();
});

describe('a plain user', () => {
  it('is judged by a table that has every request', () => {
    expect(Object.keys(REQUESTS).sort()).toEqual(Object.keys(requestHandlers).sort());
  });

  it.each(Object.entries(REQUESTS))('asks %s, which is for $by', async (type, { by, args }) => {
    rig.whip('hall');
    const user = rig.connect(PLAIN_USER);
    const reply = await said(user, type as RequestType, args);
    const isForbidden = reply.type === 'error' && reply.code === 'forbidden';
    expect(isForbidden).toBe(by === 'administrators');
    expect(rig.relay.get('hall')).toBeDefined();
    if (by === 'everybody') return;
    expect(await said(rig.connect(ADMINISTRATOR), type as RequestType, args)).not.toMatchObject({ code: 'forbidden' });
    // Nobody yet: not even told that it is for administrators.
    expect(await said(rig.connect(null), type as RequestType, args)).toMatchObject({ code: 'unauthorized' });
  });

  it("brings nobody else's voice to speakers", async () => {
    const announcer = { announce: vi.fn(), follow: vi.fn(), speakers: vi.fn(), stop: vi.fn(), test: vi.fn() };
    const other = await signalingRig({ announcer });
    const user = other.connect(PLAIN_USER);
    for (const args of [{ streamId: 'hall' }, { talkId: 'x'.repeat(22) }]) {
      const reply = await said(user, 'announce', { targets: ['media_player.hall'], ...args });
      expect(reply).toMatchObject({ code: 'forbidden' });
    }
    expect(announcer.announce).not.toHaveBeenCalled();
    const mute = other.connect(PLAIN_USER, lists.of(['Bob'], false));
    mute.ask('introduce', { deviceKey: deviceKeyOf('mute'), name: 'Mute' });
    expect(await said(mute, 'announce', { targets: ['media_player.hall'] })).toMatchObject({ code: 'may_not_talk' });
    expect(await said(mute, 'testSpeaker', { entityId: 'media_player.hall' })).toMatchObject({ code: 'may_not_talk' });
    expect(announcer.test).not.toHaveBeenCalled();
    await other.close();
  });
});
