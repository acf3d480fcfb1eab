/** Viewer: a session as the lists and meters see it: what it may see and how it is told. */
import type { Stream } from '../media/stream.ts';

export interface Viewer {
  /** False until the session is authenticated: it is told nothing. */
  readonly isAdmitted: boolean;
  readonly isAdmin: boolean;
  /** Undefined until introduced. */
  readonly streamId: string | undefined;
  /** Ids of the streams its receiver carries now. */
  readonly heardStreamIds: readonly string[];
  /** Whether this stream's id is among those it wants to hear. */
  names(streamId: string): boolean;
  /** `text` is a whole message of this kind. */
  tell(kind: 'streams' | 'levels', text: string): void;
}

/** Private streams are seen by their own device and by administrators. */
export function maySee(viewer: Viewer, stream: Stream): boolean {
  return !stream.private || viewer.isAdmin || viewer.streamId === stream.id;
}

/** Viewers of the same audience see the same, so that a broadcast is serialized once for each. */
export function audienceOf(viewer: Viewer, live: readonly Stream[]): string {
  if (viewer.isAdmin) return 'administrators';
  const ownPrivate = live.find((stream) => stream.private && stream.id === viewer.streamId);
  return ownPrivate ? `device ${ownPrivate.id}` : 'everybody';
}
