/** Sounds: what the media routes have to play, found by kind and id; who may hear it was asked before. */
import { isStreamId } from '@voice-streaming/shared/parse';
import type { Programme, RecordedTalk } from '../media/ports.ts';
import type { Relay } from '../media/relay.ts';
import type { AudioFormat } from '../media/transcoder/formats.ts';
import type { PacedConsumer } from '../media/transcoder/programme-reader.ts';
import type { Transcoder } from '../media/transcoder/transcoder.ts';
import type { PathKind } from './media-path.ts';
import type { Play, Plays, StreamIds } from './ports.ts';

export interface SoundsOptions {
  transcoder: Transcoder;
  relay: Relay;
  /** Left out: no talk is played. */
  talks?: Talks | undefined;
  /** Left out: no announcement is played. */
  plays?: Plays | undefined;
  /** Who ever had a stream: their channels are there. The live ones need not be among them. */
  knownIds?: readonly StreamIds[] | undefined;
  /** A player of a talk that is over waits so long for its length, else it does without. Default 2 s. */
  maxLengthWaitMs?: number | undefined;
}

/** TalkStore is one. */
export interface Talks {
  get(talkId: string): RecordedTalk | 'over' | undefined;
}

/** Something to play. */
export interface Sound {
  /** For the log and for players: of a talk the stream it is of. */
  name: string;
  /** Whose new keys cut its players off. */
  owner: string;
  /** Only for who holds a key. */
  private: boolean;
  /** It ends, and whoever came again would hear the same again. */
  once?: boolean;
  /** For players that ask for metadata; asked again and again. */
  title(): string;
  /** Bytes in all, when they are known. */
  length(format: AudioFormat): Promise<number | undefined>;
  /** Returns how to leave. */
  listen(format: AudioFormat, consumer: PacedConsumer): () => void;
  /** Told of who fetches it. */
  play?: Play;
}

/** As makers of ids write them: talks 128 bits of base64url. */
const UNGUESSABLE_ID = /^[A-Za-z0-9_-]{8,64}$/;
const NO_LENGTH = (): Promise<undefined> => Promise.resolve(undefined);

export class Sounds {
  readonly #options: SoundsOptions;

  constructor(options: SoundsOptions) {
    this.#options = options;
  }

  isId(kind: PathKind, id: string): boolean {
    return kind === 'talk' || kind === 'replay' || kind === 'announcement' ? UNGUESSABLE_ID.test(id) : isStreamId(id);
  }

  /** Undefined: there is none, or not now. `over`: there was. */
  find(kind: PathKind, id: string): Sound | 'over' | undefined {
    switch (kind) {
      case 'stream':
      case 'play':
        return id === 'latest' ? this.#channel(id) : this.#stream(id);
      case 'channel':
        return this.#channel(id);
      case 'talk':
      case 'replay':
        return this.#talk(id);
      case 'announcement':
        return this.#announcement(id);
    }
  }

  #stream(id: string): Sound | undefined {
    const { relay, transcoder } = this.#options;
    const stream = relay.get(id);
    return (
      stream && {
        name: id,
        owner: id,
        private: stream.private,
        title: () => stream.name,
        length: NO_LENGTH,
        listen: (format, consumer) => transcoder.listenStream(stream, format, consumer),
      }
    );
  }

  #channel(id: string): Sound | undefined {
    const { relay, transcoder, knownIds = [] } = this.#options;
    if (id !== 'latest' && !relay.get(id) && !knownIds.some((known) => known.has(id))) return undefined;
    const voice = (): ReturnType<Relay['get']> => (id === 'latest' ? relay.latest : relay.get(id));
    return {
      name: id,
      owner: id,
      // It plays what is not; a stream that is only known for a private talk is told nobody.
      private: id !== 'latest' && relay.get(id)?.private === true && !knownIds.some((known) => known.has(id)),
      title: () => {
        const stream = voice();
        return stream && !stream.private ? stream.name : '';
      },
      length: NO_LENGTH,
      listen: (format, consumer) => transcoder.listenChannel(id, format, consumer),
    };
  }

  #talk(talkId: string): Sound | 'over' | undefined {
    const { talks, transcoder, maxLengthWaitMs = 2000 } = this.#options;
    const talk = talks?.get(talkId);
    if (!talk || talk === 'over') return talk;
    return {
      name: talk.streamId,
      owner: talk.streamId,
      private: talk.private,
      once: true,
      title: () => talk.name,
      length: (format) => transcoder.lengthOf(talk, format, maxLengthWaitMs),
      listen: (format, consumer) => transcoder.listenProgramme(programmeOf(talk), format, consumer),
    };
  }

  #announcement(playId: string): Sound | 'over' | undefined {
    const { plays, transcoder } = this.#options;
    const play = plays?.find(playId);
    if (!play || play === 'over') return play;
    return {
      name: 'announcement',
      owner: playId,
      private: play.talk?.private ?? false,
      once: true,
      title: () => play.title ?? play.talk?.name ?? '',
      length: NO_LENGTH,
      listen: (format, consumer) => transcoder.listenProgramme(play, format, consumer),
      play,
    };
  }
}

/** The talk alone. */
function programmeOf(talk: RecordedTalk): Programme {
  return {
    prelude: undefined,
    talk,
    onTalk: (callback) => {
      callback(talk);
      return () => undefined;
    },
    onStopped: () => () => undefined,
  };
}
