/**
 * Ledger: where every packet of a run is. The talker's harness numbers packets and notes those that its own bad link kept; a
 * card notes what it heard, with the numbers of RTP; the server says in its log what of each talk it got, missed and left
 * out as stale. `judge` holds these three against each other, packet by packet.
 *
 * What a card is due: from the first packet of a talk that it heard until the last; and the whole talk if it was there
 * before the talk began and after it was over.
 */
import type { RunLog } from './run-log.ts';
import { type Run } from './run-log.ts';

/** As the server's log tells it. */
export interface ServerFigures {
  packets: number;
  lost: number;
  stale: number;
}

export interface TalkEntry {
  readonly talk: number;
  readonly talkId: string;
  readonly streamId: string;
  /** Packets that got a number, from 0 on. */
  numbered: number;
  /** Of these, kept by the harness' own bad link. */
  readonly withheld: Set<number>;
  /** Its last packet has been heard by somebody before it was stopped; nothing broke it off. */
  complete: boolean;
  startedAtMs: number;
  overAtMs: number;
  server?: ServerFigures;
}

export interface CardEntry {
  readonly name: string;
  readonly streamId: string;
  /** Everything before is set up. Infinity: not yet. */
  readyAtMs: number;
  /** When a fault began, or it left. */
  goneAtMs: number;
  readonly heard: RunLog;
}

export interface Totals {
  talks: number;
  /** Talks whose every packet is accounted for from the first to the last; the others were broken off on purpose. */
  completeTalks: number;
  numbered: number;
  withheld: number;
  serverGot: number;
  /** Missing numbers that the server has counted, the withheld ones included. */
  serverLost: number;
  serverStale: number;
  /** On their way when a talk was broken off. */
  cutOff: number;
  /** Of all cards. */
  due: number;
  heard: number;
  /** Numbers of RTP that a card sees are missing. */
  seenLost: number;
  /** Left out by the server, which has counted them as stale or lost; the numbers that the card gets go on by one. */
  leftOut: number;
  /** Sent once more on purpose, and heard once. */
  repeated: number;
  twice: number;
  wholeTalks: number;
}

export interface Judgement {
  totals: Totals;
  /** Sentences, each with talk, card and numbers. */
  faults: string[];
}

/** A wider jump of the talker's numbers is hidden from cards (webrtc/packet-numbering.ts). */
const MAX_JUMP_PACKETS = 50;

interface Account {
  heard: number;
  seenLost: number;
  hidden: number;
  /** Withheld packets within gaps that the server may hide. */
  hiddenWithheld: number;
  least: number;
  most: number;
  /** Numbers missing in the slot just before its first and after its last. */
  around: number;
  gaps: string[];
}

export function judge(talks: readonly TalkEntry[], cards: readonly CardEntry[]): Judgement {
  const faults: string[] = [];
  const totals = emptyTotals();
  for (const talk of talks) judgeServer(talk, totals, faults);
  const byNumber = new Map(talks.map((talk) => [talk.talk, talk]));
  for (const card of cards) {
    totals.repeated += card.heard.repeated;
    totals.twice += card.heard.twice;
    if (card.heard.twice > 0) faults.push(`${card.name} heard ${card.heard.twice} packets under numbers of others`);
    const accounts = accountsOf(card, byNumber, faults);
    for (const talk of talks) judgeCard(card, talk, accounts.get(talk.talk), totals, faults);
  }
  return { totals, faults };
}

function judgeServer(talk: TalkEntry, totals: Totals, faults: string[]): void {
  totals.talks += 1;
  totals.numbered += talk.numbered;
  totals.withheld += talk.withheld.size;
  const { server } = talk;
  if (!server) {
    faults.push(`${nameOf(talk)}: the server's log does not tell its end`);
    return;
  }
  totals.serverGot += server.packets;
  totals.serverLost += server.lost;
  totals.serverStale += server.stale;
  const missing = talk.numbered - server.packets - server.lost;
  if (talk.complete) totals.completeTalks += 1;
  else totals.cutOff += missing;
  if (missing < 0 || (talk.complete && missing > 0)) {
    faults.push(
      `${nameOf(talk)}: ${talk.numbered} packets were numbered, the server got ${server.packets} and counted ${server.lost} as lost`,
    );
  }
}

function judgeCard(
  card: CardEntry,
  talk: TalkEntry,
  found: Account | undefined,
  totals: Totals,
  faults: string[],
): void {
  const own = card.streamId === talk.streamId;
  const isWhole =
    !own && talk.complete && card.readyAtMs <= talk.startedAtMs && card.goneAtMs >= talk.overAtMs && talk.numbered > 0;
  const who = `${card.name}, ${nameOf(talk)}`;
  if (own && found) faults.push(`${who}: it heard itself`);
  if (!found) {
    if (isWhole) faults.push(`${who}: due ${talk.numbered} packets, 0 to ${talk.numbered - 1}, heard none`);
    return;
  }
  let { seenLost, hidden } = found;
  let due = found.most - found.least + 1;
  if (isWhole) {
    totals.wholeTalks += 1;
    due = talk.numbered;
    const edges = talk.numbered - (found.most - found.least + 1);
    const seen = Math.min(edges, found.around);
    seenLost += seen;
    hidden += edges - seen;
    if (edges > seen) found.gaps.push(`${found.least} at its start, ${talk.numbered - 1 - found.most} at its end`);
  }
  totals.due += due;
  totals.heard += found.heard;
  totals.seenLost += seenLost;
  totals.leftOut += hidden;
  const told = (talk.server?.stale ?? 0) + Math.max(0, (talk.server?.lost ?? 0) - talk.withheld.size);
  if (hidden > told + found.hiddenWithheld) {
    faults.push(
      `${who}: ${hidden} packets are missing that no number shows and the server has not counted (it counted ${told}); ${found.gaps.join('; ')}`,
    );
  }
  if (due !== found.heard + seenLost + hidden) {
    faults.push(`${who}: due ${due}, but heard ${found.heard}, lost ${seenLost} and left out ${hidden}`);
  }
}

/** One card's accounts by talk; what its numbers make impossible goes to `faults`. */
function accountsOf(card: CardEntry, talks: ReadonlyMap<number, TalkEntry>, faults: string[]): Map<number, Account> {
  const accounts = new Map<number, Account>();
  for (const runs of card.heard.slots()) {
    for (const [at, run] of runs.entries()) {
      const account = accounts.get(run.talk) ?? emptyAccount();
      accounts.set(run.talk, account);
      account.heard += run.length;
      account.least = Math.min(account.least, run.packet);
      account.most = Math.max(account.most, run.packet + run.length - 1);
      const before = runs[at - 1];
      if (!before) continue;
      const numbers = run.index - before.index - before.length;
      if (before.talk !== run.talk) {
        account.around += numbers;
        const earlier = accounts.get(before.talk);
        if (earlier) earlier.around += numbers;
        continue;
      }
      closeGap(card, talks.get(run.talk), account, before, run, faults);
    }
  }
  return accounts;
}

function closeGap(
  card: CardEntry,
  talk: TalkEntry | undefined,
  account: Account,
  before: Run,
  run: Run,
  faults: string[],
): void {
  const numbers = run.index - before.index - before.length;
  const first = before.packet + before.length;
  const missing = run.packet - first;
  const rtp =
    numbers > 0
      ? `RTP ${(before.index + before.length) & 0xffff} to ${(run.index - 1) & 0xffff}`
      : `RTP goes on at ${run.index & 0xffff}`;
  const place = `packets ${first} to ${run.packet - 1}, ${rtp}`;
  if (missing < numbers) {
    const why =
      missing < 0 ? 'came in a wrong order' : `look lost by ${numbers} numbers, though ${missing} are missing`;
    faults.push(`${card.name}, ${talk ? nameOf(talk) : `talk ${run.talk}`}: ${place} ${why}`);
    return;
  }
  account.seenLost += numbers;
  if (missing === numbers) return;
  account.hidden += missing - numbers;
  account.gaps.push(place);
  if (!talk || ((talk.server?.stale ?? 0) === 0 && missing <= MAX_JUMP_PACKETS)) return;
  for (let packet = first; packet < run.packet; packet += 1) {
    if (talk.withheld.has(packet)) account.hiddenWithheld += 1;
  }
}

function nameOf(talk: TalkEntry): string {
  return `talk ${talk.talk} of ${talk.streamId}`;
}

function emptyAccount(): Account {
  return { heard: 0, seenLost: 0, hidden: 0, hiddenWithheld: 0, least: Infinity, most: -1, around: 0, gaps: [] };
}

export function emptyTotals(): Totals {
  const names = ['talks', 'completeTalks', 'numbered', 'withheld', 'serverGot', 'serverLost', 'serverStale', 'cutOff'];
  const cards = ['due', 'heard', 'seenLost', 'leftOut', 'repeated', 'twice', 'wholeTalks'];
  return Object.fromEntries([...names, ...cards].map((name) => [name, 0])) as unknown as Totals;
}
