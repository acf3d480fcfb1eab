/** Which talk an announcement plays: the one that is named, else the running one, else the next for some seconds. */
import type { RecordedTalk } from '../media/ports.ts';

/** TalkStore is one. */
export interface TalkSource {
  get(talkId: string): RecordedTalk | 'over' | undefined;
  /** `streamId` may be `latest`. */
  runningTalkOf(streamId: string): RecordedTalk | undefined;
  onTalkStarted(callback: (talk: RecordedTalk) => void): () => void;
}

export interface TalkWish {
  talkId?: string | undefined;
  /** Or `latest`: whoever speaks, unless in private. */
  streamId: string;
}

export interface TalkHopes {
  /** Once; maybe before `chooseTalk` has returned. */
  found(talk: RecordedTalk): void;
  /** Once, with a sentence. */
  none(why: string): void;
}

/** Returns how to give up. */
export function chooseTalk(talks: TalkSource, wish: TalkWish, waitMs: number, hopes: TalkHopes): () => void {
  const { talkId, streamId } = wish;
  if (talkId !== undefined) {
    const talk = talks.get(talkId);
    if (talk === 'over') hopes.none('The talk is over for too long: its sound is not kept any more.');
    else if (talk) hopes.found(talk);
    else hopes.none('There is no talk of this id.');
    return () => undefined;
  }
  const running = talks.runningTalkOf(streamId);
  if (running) {
    hopes.found(running);
    return () => undefined;
  }
  const giveUp = (): void => {
    unsubscribe();
    clearTimeout(timer);
  };
  const timer = setTimeout(() => {
    giveUp();
    const who = streamId === 'latest' ? 'Nobody' : `Nobody on ${streamId}`;
    hopes.none(`${who} spoke within ${waitMs / 1000} s.`);
  }, waitMs);
  const unsubscribe = talks.onTalkStarted((talk) => {
    if (streamId === 'latest' ? talk.private : talk.streamId !== streamId) return;
    giveUp();
    hopes.found(talk);
  });
  return giveUp;
}
