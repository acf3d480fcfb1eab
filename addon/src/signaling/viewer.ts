/** Viewer: a session as the lists and meters see it: what it may see and how it is told. */
import type { Stream } from '../media/stream.ts';

export interface Viewer {
  /** False until the session is authenticated: it is told nothing. */
  readonly isAdmitted: boolean;
  readonly isAdmin: boolean;
  /** On the list of a stream that only some may hear. */
  isNamedFor(streamId: string): boolean;
  /** Undefined until introduced. */
  readonly streamId: string | undefined;
  /** Ids of the streams its receiver carries now. */
  readonly heardStreamIds: readonly string[];
  /** Whether this stream's id is among those it wants to hear. */
  names(streamId: string): boolean;
  /** `text` is a whole message of this kind. */
  tell(kind: 'streams' | 'levels', text: string): void;
}

/** Private streams are seen by their own device, by administrators, and by those whom the owner named for them. */
export function maySee(viewer: Viewer, stream: Stream): boolean {
  return mayHear(viewer, { private: stream.private, streamId: stream.id });
}

/** The same for what was said before. */
export function mayHear(viewer: Viewer, talk: { private: boolean; streamId: string }): boolean {
  const { private: isPrivate, streamId } = talk;
  return !isPrivate || viewer.isAdmin || viewer.streamId === streamId || viewer.isNamedFor(streamId);
}

/** Viewers of the same audience see the same, so that a broadcast is serialized once for each: what they do not see. */
export function audienceOf(viewer: Viewer, live: readonly Stream[]): string {
  return live.flatMap((stream) => (maySee(viewer, stream) ? [] : [stream.id])).join(' ');
}
