/**
 * Announcement: one asking to be heard on some speakers. It waits for its talk, hands it to every target, ends them with it
 * or when it lasts too long, and tells what becomes of them. It needs nobody who asked to stay.
 */
import { randomBytes } from 'node:crypto';
import type { Announcement as AnnouncementInfo, User } from '@voice-streaming/shared/protocol';
import type { Log } from '../log.ts';
import type { RecordedTalk } from '../media/ports.ts';
import { messageOf } from './message.ts';
import { chooseTalk, type TalkSource, type TalkWish } from './talk-choice.ts';
import type { Target } from './target.ts';

/** Who asked. */
export interface Asker {
  user: User;
  /** Undefined: no device (HTTP, an automation). */
  streamId?: string | undefined;
  /** Never called before the asking has been answered. */
  tell?: (announcement: AnnouncementInfo) => void;
}

/** Sessions of a device that are told: its tabs, and those before it reconnected. The oldest is forgotten. */
const MAX_FOLLOWERS = 8;

export interface AnnouncementOptions {
  log: Log;
  asker: Asker;
  talks: TalkSource;
  /** Undefined: what the targets play has an end of its own (a test). */
  wish: TalkWish | undefined;
  talkWaitMs: number;
  maxSeconds: number;
  /** Every target is over. */
  onOver: (announcement: Announcement) => void;
}

export class Announcement {
  readonly id = randomBytes(16).toString('base64url');
  readonly asker: Asker;
  readonly #options: AnnouncementOptions;
  readonly #log: Log;
  readonly #followers = new Set<NonNullable<Asker['tell']>>();
  #targets: readonly Target[] = [];
  #talk: RecordedTalk | undefined;
  #giveUpTalk: () => void = () => undefined;
  #unsubscribeTalk: () => void = () => undefined;
  #longest: NodeJS.Timeout | undefined;
  #telling: NodeJS.Immediate | undefined;
  #over = false;

  constructor(options: AnnouncementOptions) {
    this.#options = options;
    this.asker = options.asker;
    this.follow(options.asker);
    this.#log = options.log.child(`announcement ${this.id.slice(0, 4)}`);
  }

  get info(): AnnouncementInfo {
    return { id: this.id, targets: this.#targets.map((target) => target.info), over: this.#over };
  }

  get over(): boolean {
    return this.#over;
  }

  get talk(): RecordedTalk | undefined {
    return this.#talk;
  }

  get targets(): readonly Target[] {
    return this.#targets;
  }

  /** Nobody speaks, a speaker is tried out. */
  get isTest(): boolean {
    return this.#options.wish === undefined;
  }

  /** From now on told, too. */
  follow({ tell }: Asker): void {
    if (!tell) return;
    this.#followers.add(tell);
    const [oldest] = this.#followers;
    if (this.#followers.size > MAX_FOLLOWERS && oldest) this.#followers.delete(oldest);
  }

  /** Once. */
  begin(targets: readonly Target[]): void {
    this.#targets = targets;
    this.#log.info(`on ${targets.map(({ info }) => info.entityId).join(', ')}`);
    const { wish, talks, talkWaitMs, maxSeconds } = this.#options;
    if (!wish) {
      this.#armLongest(maxSeconds);
      return;
    }
    this.#giveUpTalk = chooseTalk(talks, wish, talkWaitMs, {
      found: (talk) => this.#found(talk),
      none: (why) => targets.forEach((target) => target.fail('noTalk', why)),
    });
  }

  /** A target says something new. */
  changed(): void {
    if (this.#over) return;
    if (this.#targets.length > 0 && this.#targets.every((target) => target.over)) this.#end();
    this.#telling ??= setImmediate(() => this.#tell());
  }

  stop(): void {
    for (const target of this.#targets) target.stop();
  }

  /** Resolved when no speaker is touched any more; never rejected. */
  async settled(): Promise<void> {
    await Promise.all(this.#targets.map((target) => target.settled));
  }

  #found(talk: RecordedTalk): void {
    this.#talk = talk;
    this.#armLongest(this.#options.maxSeconds);
    for (const target of this.#targets) target.talkBegan(talk);
    this.#unsubscribeTalk = talk.onEnded(() => {
      for (const target of this.#targets) target.talkEnded(talk.durationMs);
    });
  }

  #armLongest(seconds: number): void {
    this.#longest = setTimeout(() => {
      for (const target of this.#targets) target.cut(`Ended after ${seconds} s, the longest an announcement may last.`);
    }, seconds * 1000);
  }

  #end(): void {
    this.#over = true;
    this.#giveUpTalk();
    this.#unsubscribeTalk();
    clearTimeout(this.#longest);
    const states = this.#targets.map(({ info }) => `${info.entityId} ${info.fault ?? info.state}`);
    this.#log.info(`over: ${states.join(', ')}`);
    this.#options.onOver(this);
  }

  #tell(): void {
    this.#telling = undefined;
    for (const tell of this.#followers) {
      try {
        tell(this.info);
      } catch (error) {
        this.#log.warn(`cannot tell who asked: ${messageOf(error)}`);
      }
    }
  }
}
