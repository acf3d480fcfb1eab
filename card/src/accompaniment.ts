/** What goes along with hearing and talking: the screen stays on, the system knows who speaks, a chime comes before. */
import type { ListenTarget } from '@voice-streaming/shared/protocol';
import { Chime } from './chime.ts';
import { MediaControls } from './media-controls.ts';
import type { Receiver } from './receiver.ts';
import { say } from './texts.ts';
import { WakeLock } from './wake-lock.ts';

export interface Circumstances {
  talking: boolean;
  /** Names of those who are heard, but not by `receiver`. */
  playing?: readonly string[];
  /** Of the cards' configs, see config.ts. */
  autoListen: boolean;
  wakeLock: boolean | undefined;
  chime: boolean;
}

export interface AccompanimentOptions {
  receiver: Receiver;
  circumstances: () => Circumstances;
  wakeLock?: Pick<WakeLock, 'setWanted'>;
  chime?: Pick<Chime, 'play'>;
  controls?: (handlers: { listen: () => void; stop: () => void }) => Pick<MediaControls, 'show' | 'release'>;
}

/** A voice that is back so soon was only interrupted: by a new connection, or by a breath between two presses. */
const SAME_VOICE_MS = 5_000;

export class Accompaniment {
  readonly #options: AccompanimentOptions;
  readonly #wakeLock: Pick<WakeLock, 'setWanted'>;
  readonly #chime: Pick<Chime, 'play'>;
  readonly #controls: Pick<MediaControls, 'show' | 'release'>;
  #heard: readonly string[] = [];
  /** By stream id, of those who spoke last. */
  readonly #endedAt = new Map<string, number>();
  #lastTarget: ListenTarget = 'latest';

  constructor(options: AccompanimentOptions) {
    const { receiver } = options;
    this.#options = options;
    this.#wakeLock = options.wakeLock ?? new WakeLock();
    this.#chime = options.chime ?? new Chime({ speaker: () => receiver.speaker });
    const handlers = {
      listen: (): void => receiver.listen(this.#lastTarget),
      stop: (): void => receiver.listen(null),
    };
    this.#controls = options.controls?.(handlers) ?? new MediaControls(handlers);
  }

  /** Something may have changed; also when the page is visible again. */
  update(): void {
    const { receiver, circumstances } = this.#options;
    const { talking, autoListen, wakeLock, chime, playing = [] } = circumstances();
    const { target, talkers } = receiver;
    if (target !== null) this.#lastTarget = target;
    const listeningByItself = wakeLock === true && autoListen && target !== null && !receiver.elsewhere;
    this.#wakeLock.setWanted((talking && wakeLock !== false) || listeningByItself);
    this.#controls.show({
      names: [...playing, ...talkers.map(({ name }) => name)],
      listening: target !== null,
      title: say('title'),
    });
    const isNew = this.#noteHeard(talkers.map(({ streamId }) => streamId));
    if (isNew && chime && !talking && !receiver.needsTap) void this.#chime.play();
  }

  close(): void {
    this.#wakeLock.setWanted(false);
    this.#controls.release();
  }

  /** Whether one of them began to speak just now. */
  #noteHeard(ids: readonly string[]): boolean {
    const now = Date.now();
    for (const [id, at] of this.#endedAt) if (now - at > SAME_VOICE_MS) this.#endedAt.delete(id);
    const isNew = ids.some((id) => !this.#heard.includes(id) && !this.#endedAt.has(id));
    for (const id of this.#heard) if (!ids.includes(id)) this.#endedAt.set(id, now);
    this.#heard = ids;
    return isNew;
  }
}
