/** Requests: what each request of the protocol does, one function each; the session sees to order and replies. */
import { RequestError } from '@voice-streaming/shared/errors';
import type { Requests, RequestType, ServerEvent } from '@voice-streaming/shared/protocol';
import type { Authentication } from './authentication.ts';
import { requireHearing, requireTalking } from './may.ts';
import type { Device } from './device-registry.ts';
import type { Rights } from './ports.ts';
import type { SessionContext } from './session-context.ts';
import { speakerRequestHandlers } from './speaker-requests.ts';
import type { Talk } from './talk.ts';
import type { Transports } from './transports.ts';
import { mayHear, type Viewer } from './viewer.ts';

/** The parts of one session that requests act on. */
export interface RequestTarget {
  readonly context: SessionContext;
  readonly authentication: Authentication;
  /** Undefined: all. */
  readonly rights: Rights | undefined;
  readonly transports: Transports;
  readonly talk: Talk;
  readonly viewer: Viewer;
  readonly device: Device | undefined;
  /** Authenticated just now. */
  admit(): void;
  /** Throws RequestError when it is another device than before. */
  introduce(deviceKey: string, name: string): Device;
  /** To its client; said to nobody when the session is over. */
  readonly send: (event: ServerEvent) => void;
}

export interface Outcome<T extends RequestType> {
  result: Requests[T]['result'];
  /** Runs when the result has been sent: what the client may hear only after it. */
  afterwards?: () => void;
}

export type RequestHandlers = {
  [T in RequestType]: (target: RequestTarget, args: Requests[T]['args']) => Outcome<T> | Promise<Outcome<T>>;
};

export const requestHandlers: RequestHandlers = {
  ...speakerRequestHandlers,

  authenticate(target, { token }) {
    const wasKnown = target.viewer.isAdmitted;
    const user = target.authentication.authenticate(token);
    return wasKnown ? { result: { user } } : { result: { user }, afterwards: () => target.admit() };
  },

  introduce(target, { deviceKey, name }) {
    return { result: { streamId: target.introduce(deviceKey, name).id } };
  },

  async connectSender({ transports }, { offer }) {
    return { result: { answer: await transports.connectSender(offer) } };
  },

  async connectReceiver({ transports }, { offer }) {
    const { answer, afterwards } = await transports.connectReceiver(offer);
    return { result: { answer }, afterwards };
  },

  async disconnect({ transports, talk, context }, { direction }) {
    if (direction === 'sender' || talk.isEcho) talk.end('disconnected');
    await transports.disconnect(direction);
    context.streamList.changed();
    return { result: {} };
  },

  startTalk({ authentication, rights, transports, talk, device, context, viewer }, args) {
    if (!device) throw new RequestError('not_introduced', 'Say who speaks first: send introduce.');
    if (!transports.hasSender) {
      throw new RequestError('not_connected', 'There is no connection to speak on: send connectSender first.');
    }
    const echo = args.echo === true;
    // An echo is heard by nobody else.
    if (!echo) requireTalking(rights);
    if (echo && !transports.hasReceiver) {
      throw new RequestError('not_connected', 'An echo is heard on a receiver: send connectReceiver first.');
    }
    const kind = {
      private: args.private === true,
      echo,
      monitor: context.monitors.isMonitor(viewer, device.id),
      user: authentication.user?.name ?? null,
    };
    const stream = talk.start(device, kind);
    return {
      result: { stream: context.streamList.infoOf(stream), talkId: stream.talkId },
      afterwards: () => talk.announceOnAir(stream),
    };
  },

  stopTalk({ talk }) {
    talk.stop();
    return { result: {} };
  },

  listen({ transports, rights }, { to }) {
    requireHearing(rights, to);
    transports.listen(to);
    return { result: {} };
  },

  endTalk({ viewer, context }, { streamId }) {
    requireAdministrator(viewer, "end another's talk");
    const stream = context.relay.get(streamId);
    if (!stream) throw new RequestError('stream_not_found', `No stream "${streamId}" is live.`);
    context.relay.end(stream, 'endedByAdmin');
    return { result: {} };
  },

  setMonitor({ device, viewer, context, rights }, { state }) {
    if (!device) throw new RequestError('not_introduced', 'Say which device this is first: send introduce.');
    if (state !== 'off') requireTalking(rights);
    context.monitors.set(viewer, device.id, state);
    return { result: {} };
  },

  forgetMonitor({ viewer, context }, { streamId }) {
    requireAdministrator(viewer, 'forget a monitor');
    context.monitors.forget(streamId);
    return { result: {} };
  },

  getPlayUrl({ viewer, context, rights }, { streamId }) {
    requireHearing(rights, streamId === 'latest' ? 'latest' : [streamId]);
    const { relay, streamList, playUrls } = context;
    const isListed = streamId === 'latest' || streamList.listFor(viewer).some(({ id }) => id === streamId);
    // Who may hear a private talk is decided at each listening, not for hours to come.
    if (!isListed || relay.get(streamId)?.private === true) {
      throw new RequestError('stream_not_found', `There is no stream "${streamId}" to play.`);
    }
    return { result: { path: playUrls.pathOf(streamId) } };
  },

  getReplays({ viewer, context, rights }) {
    requireHearing(rights, 'latest');
    const { replays, playUrls } = context;
    const heard = (replays?.replays() ?? []).filter((talk) => mayHear(viewer, talk));
    return {
      result: {
        replayMs: replays?.replayMs ?? 0,
        replays: heard.map((talk) => ({
          talkId: talk.talkId,
          streamId: talk.streamId,
          name: talk.name,
          user: talk.user,
          startedAt: talk.startedAtMs,
          durationMs: talk.durationMs,
          private: talk.private,
          path: playUrls.replayPathOf(talk),
        })),
      },
    };
  },

  getMediaUrls({ viewer, context }) {
    requireAdministrator(viewer, 'read media URLs, as they hold keys');
    if (!context.mediaUrls.isReachable) return { result: { urls: [] } };
    const ids = ['latest', ...context.streamList.listFor(viewer).map(({ id }) => id)];
    return { result: { urls: ids.map((id) => context.mediaUrls.urlsOf(id)) } };
  },

  async rotateMediaKeys({ viewer, context }, { streamId }) {
    requireAdministrator(viewer, 'renew the keys of media URLs');
    const { devices, isIdInUse, mediaUrls, streamList } = context;
    // Also of a device that is away: its URL may have got into wrong hands.
    if (streamId !== undefined && streamId !== 'latest' && !devices.has(streamId) && !isIdInUse(streamId)) {
      throw new RequestError('stream_not_found', `There is no stream "${streamId}" whose keys could be renewed.`);
    }
    const listed = streamList.listFor(viewer).map(({ id }) => id);
    return { result: { dead: await mediaUrls.rotate(streamId, listed) } };
  },

  getDoctor({ viewer, context }) {
    requireAdministrator(viewer, 'see how the server is');
    return { result: context.doctor.examine() };
  },

  async getDiagnostics({ viewer, context }) {
    requireAdministrator(viewer, 'read the diagnostics');
    return { result: { diagnostics: await context.doctor.diagnose() } };
  },
};

function requireAdministrator(viewer: Viewer, what: string): void {
  if (!viewer.isAdmin) throw new RequestError('forbidden', `Only an administrator may ${what}.`);
}
