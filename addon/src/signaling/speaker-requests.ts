/** SpeakerRequests: the requests that bring a voice to the speakers of the house; who may, and whose voice. */
import { RequestError } from '@voice-streaming/shared/errors';
import { requireTalking } from './may.ts';
import type { Announcer, Asker } from './ports.ts';
import type { RequestHandlers, RequestTarget } from './requests.ts';

export const speakerRequestHandlers: Pick<
  RequestHandlers,
  'getSpeakers' | 'announce' | 'getAnnouncements' | 'stopAnnouncement' | 'testSpeaker'
> = {
  getSpeakers(target) {
    return { result: announcerOf(target).speakers() };
  },

  announce(target, args) {
    const announcer = announcerOf(target);
    requireTalking(target.rights);
    const ownId = target.device?.id;
    if (args.streamId === undefined && args.talkId === undefined && ownId === undefined) {
      throw new RequestError('not_introduced', 'Say who speaks first: send introduce, or name a streamId.');
    }
    const isOwn = args.talkId === undefined && (args.streamId ?? ownId) === ownId;
    if (!isOwn && !target.viewer.isAdmin) {
      throw new RequestError('forbidden', "Only an administrator may bring another's voice to speakers.");
    }
    return { result: { announcement: announcer.announce(askerOf(target), args) } };
  },

  getAnnouncements(target) {
    return { result: { announcements: announcerOf(target).follow(askerOf(target)) } };
  },

  stopAnnouncement(target, { announcementId }) {
    announcerOf(target).stop(askerOf(target), announcementId);
    return { result: {} };
  },

  testSpeaker(target, args) {
    requireTalking(target.rights);
    return { result: { announcement: announcerOf(target).test(askerOf(target), args) } };
  },
};

function announcerOf({ context }: RequestTarget): Announcer {
  if (context.announcer) return context.announcer;
  throw new RequestError(
    'no_speakers',
    'Speakers are reached through Home Assistant, and this server runs without it.',
  );
}

function askerOf({ authentication, device, send }: RequestTarget): Asker {
  return {
    user: authentication.user ?? { name: null, isAdmin: false },
    streamId: device?.id,
    tell: tellerOf(send),
  };
}

/** The same for the same session, so that it hears each thing once. */
const tellers = new WeakMap<RequestTarget['send'], Asker['tell']>();

function tellerOf(send: RequestTarget['send']): Asker['tell'] {
  const known = tellers.get(send);
  if (known) return known;
  const tell: Asker['tell'] = (announcement) => send({ type: 'announcement', announcement });
  tellers.set(send, tell);
  return tell;
}
