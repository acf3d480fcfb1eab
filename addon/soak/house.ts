/** A house full of cards and players that come, go and break, all of it by one seed. */
import { setTimeout as delay } from 'node:timers/promises';
import { seeded } from '../test/support/seeded.ts';
import type { TestServer } from '../test/support/server.ts';
import { Card, type Notes } from './card.ts';
import { HttpPlayer } from './http-player.ts';
import type { TalkEntry } from './ledger.ts';
import { checkReplay, type Replay } from './replay.ts';

export interface HouseOptions {
  seed: number;
  cards: number;
  talkers: number;
  players: number;
  /** A talk lasts from the first to the second. */
  talkMs: readonly [number, number];
  pauseMs: readonly [number, number];
  faultEveryMs: number;
  /** Share of packets that a talker's link keeps, and while it is bad. */
  loss: number;
  badLoss: number;
}

export const FAULTS = [
  'cardVanishes',
  'cardStopsReading',
  'cardComesBack',
  'playerLeaves',
  'playerStopsReading',
  'talkerVanishes',
  'talkerTakenOver',
  'uplinkTurnsBad',
] as const;
export type Fault = (typeof FAULTS)[number];

/** How long one that does not read is left alone with the server: longer than its ping timeout. */
const UNREAD_MS = 20_000;
const BAD_LINK_MS = 5_000;
/** Before the wrap: each talk on a new transport passes it. */
const BEFORE_WRAP = [20, 120] as const;
const FRAME_MS = 20;

export class House {
  readonly notes: Notes = { talks: [], cards: [], reached: new Map() };
  readonly faults: Partial<Record<Fault, number>> = {};
  readonly replays: Replay[] = [];
  /** Players that listened in peace, as long as they did. */
  readonly players: HttpPlayer[] = [];
  /** What went wrong and is no fault of ours; the house goes on. */
  readonly broken: string[] = [];
  readonly #server: TestServer;
  readonly #options: HouseOptions;
  readonly #random: () => number;
  readonly #cards: Card[] = [];
  readonly #talking = new Set<Card>();
  readonly #successors = new Map<Card, Card>();
  readonly #leaving = new Set<Promise<unknown>>();
  readonly #playing: HttpPlayer[] = [];
  readonly #over = new AbortController();
  #badUntilMs = 0;

  constructor(server: TestServer, options: HouseOptions) {
    this.#server = server;
    this.#options = options;
    this.#random = seeded(options.seed);
  }

  async fill(): Promise<void> {
    for (let n = 0; n < this.#options.cards; n += 1) {
      this.#cards.push(await Card.open(this.notes, this.#server.port, `Card ${n + 1}`));
    }
    for (let n = 0; n < this.#options.players; n += 1) this.#playing.push(await this.#play(n));
  }

  /** Until `stop`. */
  async live(): Promise<void> {
    const talkers = Array.from({ length: this.#options.talkers }, () => this.#talkInTurn());
    await Promise.all([...talkers, this.#breakThings()]);
    await Promise.allSettled([...this.#leaving]);
  }

  /** No new talk and no new fault; talks that run are ended in peace. */
  stop(): void {
    this.#over.abort();
  }

  async empty(): Promise<void> {
    this.players.push(...this.#playing.filter(({ ended }) => !ended));
    for (const player of this.#playing) player.close();
    await Promise.allSettled(this.#cards.map((card) => card.close()));
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  async #talkInTurn(): Promise<void> {
    while (!this.#isOver) {
      let card = this.#pick(this.#cards.filter((each) => !this.#talking.has(each)));
      while (card) {
        this.#talking.add(card);
        const speaker: Card = card;
        const whole = await this.#talk(speaker).catch((error: unknown) => this.#renew(speaker, error));
        this.#talking.delete(speaker);
        if (whole && this.#random() < 0.3) this.#later(this.#replay(whole));
        card = whole ? undefined : this.#successors.get(speaker);
      }
      await this.#wait(this.#between(this.#options.pauseMs));
    }
  }

  #talk(card: Card): Promise<TalkEntry | undefined> {
    const packets = Math.ceil(this.#between(this.#options.talkMs) / FRAME_MS);
    const wraps = !card.hasMicrophone || this.#random() < 0.7;
    const firstSequenceNumber = wraps ? 0x1_0000 - Math.round(this.#between(BEFORE_WRAP)) : undefined;
    return card.talk({ packets, withholds: () => this.#withholds(), firstSequenceNumber });
  }

  /** In place of one that failed. */
  async #renew(card: Card, error: unknown): Promise<undefined> {
    this.broken.push(`${card.entry.name} failed: ${String(error)}`);
    try {
      await card.vanish();
      this.#replace(card, await this.#reopen(card));
    } catch (again) {
      this.broken.push(`${card.entry.name} does not come back: ${String(again)}`);
    }
  }

  async #replay(talk: TalkEntry): Promise<void> {
    this.replays.push(await checkReplay(this.#server.media, talk));
  }

  async #breakThings(): Promise<void> {
    // All kinds in turn, in an order of chance, so that a short run has each.
    let kinds: Fault[] = [];
    for (;;) {
      await this.#wait(this.#options.faultEveryMs);
      if (this.#isOver) return;
      if (kinds.length === 0) kinds = [...FAULTS];
      const [kind] = kinds.splice(Math.floor(this.#random() * kinds.length), 1);
      if (kind === undefined) continue;
      try {
        if (await this.#happen(kind)) this.faults[kind] = (this.faults[kind] ?? 0) + 1;
      } catch (error) {
        this.broken.push(`${kind}: ${String(error)}`);
      }
    }
  }

  /** False: there is nobody to whom it could happen just now. */
  async #happen(kind: Fault): Promise<boolean> {
    if (kind === 'uplinkTurnsBad') {
      this.#badUntilMs = performance.now() + BAD_LINK_MS;
      return true;
    }
    if (kind === 'playerLeaves' || kind === 'playerStopsReading') {
      await this.#replacePlayer(kind);
      return true;
    }
    const isOfTalker = kind === 'talkerVanishes' || kind === 'talkerTakenOver';
    const card = this.#pick(this.#cards.filter((each) => (isOfTalker ? each.isSpeaking : !this.#talking.has(each))));
    if (!card) return false;
    if (kind === 'talkerTakenOver') return this.#takeOver(card);
    this.#talking.add(card);
    if (kind === 'cardStopsReading') {
      card.stopReading();
      this.#later(this.#wait(UNREAD_MS).then(() => card.vanish()));
    } else if (kind === 'cardComesBack') await card.close();
    else await card.vanish();
    this.#replace(card, await this.#reopen(card));
    this.#talking.delete(card);
    return true;
  }

  /** Another session of the same device begins to speak, and the running talk ends. */
  async #takeOver(card: Card): Promise<boolean> {
    const next = await this.#reopen(card);
    if (!card.isSpeaking) {
      await next.close();
      return false;
    }
    this.#talking.add(next);
    this.#replace(card, next);
    this.#successors.set(card, next);
    card.breakOff();
    this.#later(this.#wait(UNREAD_MS).then(() => card.vanish()));
    return true;
  }

  async #replacePlayer(kind: 'playerLeaves' | 'playerStopsReading'): Promise<void> {
    const at = Math.floor(this.#random() * this.#playing.length);
    const player = this.#playing[at];
    if (!player) return;
    if (!player.ended) this.players.push(player);
    if (kind === 'playerLeaves') player.close();
    else {
      player.stopReading();
      this.#later(this.#wait(UNREAD_MS).then(() => player.close()));
    }
    this.#playing[at] = await this.#play(at);
  }

  #play(n: number): Promise<HttpPlayer> {
    return HttpPlayer.open(`${this.#server.media}/stream/latest.${n % 2 === 0 ? 'mp3' : 'wav'}`);
  }

  #reopen(card: Card): Promise<Card> {
    return Card.open(this.notes, this.#server.port, card.entry.name);
  }

  #replace(card: Card, next: Card): void {
    this.#cards[this.#cards.indexOf(card)] = next;
  }

  #withholds(): boolean {
    const { loss, badLoss } = this.#options;
    return this.#random() < (performance.now() < this.#badUntilMs ? badLoss : loss);
  }

  #later(what: Promise<unknown>): void {
    this.#leaving.add(what);
    void what.catch((error: unknown) => this.broken.push(String(error))).then(() => this.#leaving.delete(what));
  }

  #wait(ms: number): Promise<void> {
    return delay(ms, undefined, { signal: this.#over.signal }).catch(() => undefined);
  }

  #between([least, most]: readonly [number, number]): number {
    return least + this.#random() * (most - least);
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.#random() * from.length)];
  }
}
