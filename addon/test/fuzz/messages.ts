/** What a card says: every request of the protocol, right or with wrong arguments, and texts that are none. */
import type { Requests, RequestType } from '@voice-streaming/shared/protocol';
import fc, { type Arbitrary } from 'fast-check';
import { anyJson, bent, bentObject } from './arbitraries.ts';
import { SECRET } from './target.ts';

const streamId = fc.constantFrom('kitchen', 'nursery', 'latest', 'all', 'no-such', 'a'.repeat(48), 'tablet-2');
const deviceKey = fc.constantFrom('A'.repeat(22), 'B'.repeat(43), 'C'.repeat(64), '_-'.repeat(16));
/** As FakePeers understands them. */
const offer = fc.constantFrom('v=0', '4 slots', '2 slots', 'refuse', 'no opus', 'late', 'crash');
const volume = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined });
const targets = fc.array(fc.constantFrom('media_player.kitchen', 'media_player.none'), { minLength: 1, maxLength: 3 });
const flag = fc.option(fc.boolean(), { nil: undefined });

const args: { [T in RequestType]: Arbitrary<Requests[T]['args']> } = {
  authenticate: fc.record({ token: fc.constantFrom(SECRET, `${SECRET}x`, '', 'wrong') }),
  introduce: fc.record({
    deviceKey,
    name: fc.oneof(fc.constantFrom('Kitchen', 'Küche', ''), fc.string({ unit: 'binary' })),
  }),
  connectSender: fc.record({ offer }),
  connectReceiver: fc.record({ offer }),
  disconnect: fc.record({ direction: fc.constantFrom('sender', 'receiver') }),
  startTalk: fc.record({ private: flag, echo: flag }),
  stopTalk: fc.constant({}),
  listen: fc.record({
    to: fc.oneof(
      fc.constantFrom('latest' as const, 'all' as const, null),
      fc.array(streamId, { minLength: 1, maxLength: 4 }),
    ),
  }),
  endTalk: fc.record({ streamId }),
  setMonitor: fc.record({ state: fc.constantFrom('on', 'needsTap', 'off') }),
  forgetMonitor: fc.record({ streamId }),
  getPlayUrl: fc.record({ streamId }),
  getReplays: fc.constant({}),
  getMediaUrls: fc.constant({}),
  rotateMediaKeys: fc.record({ streamId: fc.option(streamId, { nil: undefined }) }),
  getDoctor: fc.constant({}),
  getDiagnostics: fc.constant({}),
  getSpeakers: fc.constant({}),
  announce: fc.record({
    targets,
    streamId: fc.option(streamId, { nil: undefined }),
    talkId: fc.option(fc.constantFrom('abc', 'x'.repeat(64)), { nil: undefined }),
    volume,
    chime: fc.option(fc.constantFrom('ding', 'none', 'no such'), { nil: undefined }),
    restore: flag,
  }),
  getAnnouncements: fc.constant({}),
  stopAnnouncement: fc.record({ announcementId: fc.constantFrom('abc', 'announcement-1') }),
  testSpeaker: fc.record({ entityId: fc.constant('media_player.kitchen'), volume }),
};

const request = fc.oneof(
  ...(Object.keys(args) as RequestType[]).map((type) =>
    fc.record({ id: fc.nat(), type: fc.constant(type), args: args[type] as Arbitrary<unknown> }),
  ),
);
/** Whole, or with other arguments, another envelope, another text. */
const wrongArgs = fc
  .tuple(request, anyJson)
  .chain(([right]) =>
    bentObject(fc.constant(right.args as Record<string, unknown>)).map((bad) => ({ ...right, args: bad })),
  );

/** The commonest story of a card, so that stories get somewhere. */
const usual = fc.constantFrom(
  { id: 1, type: 'introduce', args: { deviceKey: 'A'.repeat(22), name: 'Kitchen' } },
  { id: 2, type: 'connectSender', args: { offer: 'v=0' } },
  { id: 3, type: 'connectReceiver', args: { offer: '4 slots' } },
  { id: 4, type: 'startTalk', args: {} },
  { id: 5, type: 'startTalk', args: { echo: true } },
  { id: 6, type: 'listen', args: { to: 'all' } },
  { id: 7, type: 'authenticate', args: { token: SECRET } },
);

const json = (value: unknown): string => JSON.stringify(value);

export const messageText: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: usual.map(json) },
  { weight: 6, arbitrary: request.map(json) },
  { weight: 4, arbitrary: wrongArgs.map(json) },
  { weight: 2, arbitrary: bentObject(request).map(json) },
  { weight: 3, arbitrary: bent(request.map(json)) },
  { weight: 1, arbitrary: anyJson.map(json) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);
