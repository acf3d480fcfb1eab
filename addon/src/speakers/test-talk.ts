/** A talk that is over and has no sound: with it a programme is its prelude alone. */
import { randomUUID } from 'node:crypto';
import type { RecordedTalk } from '../media/ports.ts';

export function emptyTalk(): RecordedTalk {
  return {
    talkId: randomUUID(),
    streamId: 'test',
    name: 'Test',
    private: false,
    user: null,
    startedAtMs: Date.now(),
    ended: true,
    durationMs: 0,
    onEnded: (callback) => {
      callback();
      return () => undefined;
    },
    read: (reader) => {
      reader.ended();
      return () => undefined;
    },
  };
}
