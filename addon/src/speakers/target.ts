/**
 * Target: one speaker's part in an announcement. Told to play, it is watched until it has played the end; then all is put
 * back as it was. A fault of one is no concern of the others. Whatever happens, it ends, and nothing is left playing.
 */
import type { AnnouncementTarget, SpeakerFault } from '@voice-streaming/shared/protocol';
import type { Log } from '../log.ts';
import type { Prelude, RecordedTalk } from '../media/ports.ts';
import type { TargetLimits } from './limits.ts';
import { Play, type Fetch } from './play.ts';
import { FormerState } from './former-state.ts';
import { isPlaying, PlayerWatch } from './player-watch.ts';
import type { PlatformRow } from './platforms.ts';
import type { House, PlayUrlBook } from './ports.ts';
import { awaitQuiet } from './quiet.ts';
import { refusalOf } from './refusal.ts';
import { SoundWatch } from './sound-watch.ts';
import { prepare, tell } from './telling.ts';

export interface TargetOptions {
  log: Log;
  house: House;
  urls: PlayUrlBook;
  limits: TargetLimits;
  entityId: string;
  name: string;
  row: PlatformRow;
  prelude: Prelude | undefined;
  title: string;
  volume: number | undefined;
  restore: boolean;
  /** Who plays on it now; it gives way. */
  predecessor: Target | undefined;
  /** Whether whoever fetches from there is the device that speaks. */
  isSender: (address: string) => boolean;
  onStarted: (delayMs: number) => void;
  onChanged: () => void;
}

type Ending = { kind: 'done' } | { kind: 'stopped' } | { kind: 'failed'; fault: SpeakerFault; why: string };

export class Target {
  readonly play: Play;
  readonly #options: TargetOptions;
  readonly #log: Log;
  readonly #watch: PlayerWatch;
  readonly #sound: SoundWatch;
  readonly #info: AnnouncementTarget;
  readonly #former: FormerState;
  /** Aborted when it is to end, whatever it is waiting for. */
  readonly #ended = new AbortController();
  /** Aborted when another one has taken the speaker over: then nothing is put back here. */
  readonly #displaced = new AbortController();
  readonly #run: Promise<void>;
  #row: PlatformRow;
  #ending: Ending | undefined;
  #predecessor: Target | undefined;
  /** Home Assistant said that it played, once it had taken sound. */
  #hasPlayed = false;
  #draining: AbortController | undefined;
  #over = false;

  constructor(options: TargetOptions) {
    this.#options = options;
    this.#row = options.row;
    this.#former = new FormerState(options.restore);
    this.#predecessor = options.predecessor;
    this.#log = options.log.child(options.entityId);
    this.#watch = new PlayerWatch(options.house, options.entityId);
    this.#info = { entityId: options.entityId, name: options.name, state: 'starting' };
    this.#sound = new SoundWatch({
      fetchMs: options.row.fetchMs ?? options.limits.fetchMs,
      stallMs: options.limits.stallMs,
      refetchMs: options.limits.refetchMs,
      admit: (fetch) => this.#admit(fetch),
      onStarted: (delayMs) => this.#started(delayMs),
      onFinished: (endsInMs) => void this.#drain(endsInMs),
      onAgain: () => this.#draining?.abort(),
      onFault: (fault, why) => this.fail(fault, why),
    });
    this.play = new Play(options.prelude, this.#sound);
    this.#run = this.#live().catch((error: unknown) => this.#log.error('failed', error));
  }

  get info(): AnnouncementTarget {
    return { ...this.#info };
  }

  /** It has ended and all is put back. */
  get over(): boolean {
    return this.#over;
  }

  /** Resolved when it touches the speaker no more; never rejected. */
  get settled(): Promise<void> {
    return this.#run;
  }

  talkBegan(talk: RecordedTalk): void {
    this.play.setTalk(talk);
  }

  talkEnded(durationMs: number): void {
    this.#sound.talkOver(durationMs);
    if (this.#info.state === 'playing') this.#setState('finishing');
  }

  /** Something that a person should know, though it goes on. */
  remark(why: string): void {
    this.#info.why ??= why;
  }

  /** By a person: now. */
  stop(): void {
    this.#end({ kind: 'stopped' });
  }

  /** What there is will do: the longest time is over. */
  cut(why: string): void {
    if (this.#ending) return;
    this.#info.why = why;
    this.#end({ kind: 'done' });
  }

  fail(fault: SpeakerFault, why: string): void {
    this.#end({ kind: 'failed', fault, why });
  }

  /** A newer announcement takes the speaker, and puts back what was before this one. */
  displace(): void {
    this.#displaced.abort();
    this.fail('displaced', 'A newer announcement is played on it.');
  }

  async #live(): Promise<void> {
    await this.#inherit();
    const unsubscribe = this.#watch.onChange(() => this.#look());
    const begun = this.#begin().catch((error: unknown) => {
      this.#log.error('cannot begin', error);
      this.fail('failed', 'Something went wrong here; the log says more.');
    });
    if (!this.#ended.signal.aborted) {
      await new Promise<void>((resolve) => this.#ended.signal.addEventListener('abort', () => resolve()));
    }
    // Who is being told to play right now would begin after it was told to stop.
    await Promise.race([begun, delay(this.#options.limits.lastWordMs)]);
    unsubscribe();
    if (!this.#displaced.signal.aborted) await this.#putBack();
    if (this.#ending?.kind === 'done') this.#setState('done');
    this.#over = true;
    this.#options.onChanged();
  }

  async #inherit(): Promise<void> {
    const predecessor = this.#predecessor;
    // Else those that take over from each other would be kept for ever.
    this.#predecessor = undefined;
    if (!predecessor) return;
    await predecessor.settled;
    this.#former.inherit(predecessor.#former);
  }

  async #begin(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    const player = this.#watch.now;
    const refusal = refusalOf(this.#options.entityId, player, this.#row);
    if (refusal || !player) {
      this.#end({ kind: 'failed', ...(refusal ?? { fault: 'notFound', why: 'It is gone.' }) });
      return;
    }
    const { limits, urls, volume, title } = this.#options;
    const { snapshot, keepState } = await this.#former.remember(this.#watch, player, this.#row, limits);
    if (this.#isEnding()) return;
    const telling = { watch: this.#watch, limits, volume, abort: this.#ended.signal };
    await this.#former.touch(prepare({ ...telling, row: this.#row, snapshot, keepState }));
    for (let row: PlatformRow | undefined = this.#row; row; row = row.otherwise) {
      if (this.#isEnding()) return;
      this.#row = row;
      const url = urls.announcementUrl(this.play.playId, row.format);
      const answer = await tell({ ...telling, row, sound: this.#sound, url, title });
      if (answer === 'told') return;
      if (answer === 'away') {
        this.fail('unavailable', 'Home Assistant went away and did not come back in time.');
        return;
      }
      this.#log.info(`refused: ${answer.refused}${row.otherwise ? '; told in another way' : ''}`);
      if (!row.otherwise) this.fail('refused', answer.refused);
    }
  }

  #isEnding(): boolean {
    return this.#ending !== undefined;
  }

  #admit({ address, userAgent, format }: Fetch): boolean {
    if (this.#ended.signal.aborted) return false;
    if (this.#row.isTablet === true && this.#options.isSender(address.replace(/^::ffff:/, ''))) {
      this.fail('ownDevice', 'It stands on the very device that speaks, and would howl.');
      return false;
    }
    this.#log.debug(`fetched as ${format} by ${userAgent.slice(0, 80)}`);
    return true;
  }

  #started(delayMs: number): void {
    this.#info.startDelayMs = Math.round(delayMs);
    this.#look();
    this.#options.onStarted(this.#info.startDelayMs);
    this.#setState(this.play.talk?.ended === true ? 'finishing' : 'playing');
  }

  #look(): void {
    const { now } = this.#watch;
    this.#hasPlayed ||= this.#info.startDelayMs !== undefined && now !== undefined && isPlaying(now);
  }

  /** All has left us; the player still has some of it to play. */
  async #drain(endsInMs: number): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#draining?.abort();
    const draining = new AbortController();
    this.#draining = draining;
    const abort = AbortSignal.any([draining.signal, this.#ended.signal]);
    this.#setState('finishing');
    const { limits } = this.#options;
    if (this.#row.url === 'sonosRadio') void this.#closeSoon(endsInMs, abort);
    const wholeMs = this.#row.wholeFirst === true ? this.#sound.soundMs : 0;
    const hasPlayed = this.#hasPlayed;
    await awaitQuiet(this.#watch, { row: this.#row, limits, hasPlayed, endsInMs: endsInMs + wholeMs, abort });
    if (!abort.aborted) this.#end({ kind: 'done' });
  }

  /** A radio comes again when its stream ends; once it has had the time to play all, it would be heard twice. */
  async #closeSoon(afterMs: number, abort: AbortSignal): Promise<void> {
    await this.#watch.until(() => false, afterMs, abort);
    if (!abort.aborted) this.play.stop();
  }

  async #putBack(): Promise<void> {
    const complaint = await this.#former.putBack({
      watch: this.#watch,
      row: this.#row,
      playId: this.play.playId,
      limits: this.#options.limits,
      abort: this.#displaced.signal,
    });
    if (complaint === undefined) return;
    this.#log.warn(complaint);
    this.#info.why ??= complaint;
  }

  #end(ending: Ending): void {
    if (this.#ending) return;
    this.#ending = ending;
    // The sound first: some can be stopped by nothing else.
    this.play.stop();
    this.#sound.close();
    if (ending.kind === 'failed') {
      this.#log.info(`failed: ${ending.fault}: ${ending.why}`);
      this.#info.fault = ending.fault;
      this.#info.why = ending.why;
      this.#setState('failed');
    }
    if (ending.kind === 'stopped') this.#setState('stopped');
    this.#ended.abort();
  }

  #setState(state: AnnouncementTarget['state']): void {
    if (this.#info.state === state || this.#over) return;
    if (this.#ending && (state === 'playing' || state === 'finishing')) return;
    this.#info.state = state;
    this.#options.onChanged();
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
