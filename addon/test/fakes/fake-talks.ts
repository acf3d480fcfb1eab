import type { RecordedTalk } from '../../src/media/ports.ts';
import type { TalkSource } from '../../src/speakers/talk-choice.ts';

/** Talks that a test begins and ends. */
export class FakeTalks implements TalkSource {
  readonly #talks = new Map<string, FakeTalk>();
  readonly #callbacks = new Set<(talk: RecordedTalk) => void>();

  begin(streamId: string, isPrivate = false): FakeTalk {
    const talk = new FakeTalk(`talk-${this.#talks.size + 1}`, streamId, isPrivate);
    this.#talks.set(talk.talkId, talk);
    for (const callback of [...this.#callbacks]) callback(talk);
    return talk;
  }

  get(talkId: string): RecordedTalk | 'over' | undefined {
    return talkId === 'talk-of-yesterday' ? 'over' : this.#talks.get(talkId);
  }

  runningTalkOf(streamId: string): RecordedTalk | undefined {
    return [...this.#talks.values()].find(
      (talk) => !talk.ended && (streamId === 'latest' ? !talk.private : talk.streamId === streamId),
    );
  }

  onTalkStarted(callback: (talk: RecordedTalk) => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  get subscriptions(): number {
    return this.#callbacks.size;
  }
}

export class FakeTalk implements RecordedTalk {
  readonly talkId: string;
  readonly streamId: string;
  readonly name = 'Kitchen';
  readonly private: boolean;
  readonly user = null;
  readonly startedAtMs = Date.now();
  ended = false;
  readonly #callbacks = new Set<() => void>();

  constructor(talkId: string, streamId: string, isPrivate: boolean) {
    this.talkId = talkId;
    this.streamId = streamId;
    this.private = isPrivate;
  }

  get durationMs(): number {
    return Date.now() - this.startedAtMs;
  }

  onEnded(callback: () => void): () => void {
    if (this.ended) callback();
    else this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  read(): () => void {
    return () => undefined;
  }

  end(): void {
    this.ended = true;
    for (const callback of [...this.#callbacks]) callback();
    this.#callbacks.clear();
  }
}
