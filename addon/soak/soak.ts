/** Soak: the built server, a full house, faults at random; then the accounts and the curves. */
import { setTimeout as delay } from 'node:timers/promises';
import { startServer } from '../test/support/server.ts';
import { House, type HouseOptions } from './house.ts';
import type { HttpPlayer } from './http-player.ts';
import { judge, type TalkEntry, type Totals } from './ledger.ts';
import type { Replay } from './replay.ts';
import { judgeCurves, type CurveFigures } from './curves.ts';
import { Watch, type Sample } from './watch.ts';

export interface SoakOptions extends HouseOptions {
  seconds: number;
  /** Told what is going on, once a minute. */
  tell?: (text: string) => void;
}

export interface SoakReport {
  seconds: number;
  seed: number;
  faults: Record<string, number>;
  totals: Totals;
  replays: readonly Replay[];
  players: { listened: number; peaceful: number; worstSeconds: number };
  curves: Record<string, CurveFigures>;
  samples: readonly Sample[];
  /** Whatever is not as it should be, in sentences; empty: all is well. */
  broken: string[];
}

/** The house as npm run soak has it. */
export const FULL_HOUSE: Omit<HouseOptions, 'seed'> = {
  cards: 20,
  talkers: 4,
  players: 20,
  talkMs: [3_000, 23_000],
  pauseMs: [300, 3_000],
  faultEveryMs: 5_000,
  loss: 0.01,
  badLoss: 0.2,
};
const LOOK_EVERY_MS = 1_000;
/** From the last word to the ears. */
const LAST_PACKETS_MS = 500;
/** A player that listened for less says nothing. */
const MIN_LISTENED_SECONDS = 10;
/** A channel is as much sound as time passes: at the start up to a second is ahead, at the end some is under way. */
const MAX_PLAYER_SECONDS = 2;
/** 1.5 s. */
const MAX_REPLAY_FRAMES = 75;

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const server = await startServer({ MEDIA_ACCESS: 'open', ...Watch.ENVIRONMENT });
  const broken: string[] = [];
  const house = new House(server, options);
  const watch = await Watch.open(server);
  try {
    await house.fill();
    const living = house.live();
    const endsAtMs = performance.now() + options.seconds * 1000;
    let minute = 1;
    for (let look = 1; performance.now() < endsAtMs; look += 1) {
      try {
        const sample = await watch.look();
        if (sample.atSeconds >= minute * 60) {
          options.tell?.(`${minute} min: ${tellOf(sample)}, ${house.notes.talks.length} talks`);
          minute += 1;
        }
      } catch (error) {
        broken.push(`look ${look} failed: ${String(error)}`);
      }
      await delay(LOOK_EVERY_MS - (performance.now() % LOOK_EVERY_MS));
    }
    house.stop();
    await living;
    await delay(LAST_PACKETS_MS);
  } finally {
    await house.empty();
    watch.close();
    await server.stop();
  }
  readServer(server.log(), house.notes.talks);
  const { totals, faults } = judge(house.notes.talks, house.notes.cards);
  broken.push(...house.broken, ...faults);
  if (totals.heard === 0) broken.push('nobody heard anything');
  const wrong = /^.*(?:\bERROR\b|\buncaught\b).*$/im.exec(server.log())?.[0];
  if (wrong !== undefined) broken.push(`the server's log: ${wrong}`);
  const players = playersOf(house.players);
  broken.push(...players.broken, ...house.replays.flatMap(judgeReplay));
  const curves = judgeCurves(watch.samples);
  broken.push(...curves.broken);
  return {
    seconds: options.seconds,
    seed: options.seed,
    faults: house.faults,
    totals,
    replays: house.replays,
    players: players.figures,
    curves: curves.figures,
    samples: watch.samples,
    broken,
  };
}

/** `kitchen ended: stopped, 4.2 s, 210 packets, 3 lost, 5 too late to be heard live`: of each stream in the order of its talks. */
function readServer(log: string, talks: readonly TalkEntry[]): void {
  const line = / (\S+) ended: \w+, [\d.]+ s, (\d+) packets, (\d+) lost(?:, (\d+) too late)?/g;
  const waiting = new Map<string, TalkEntry[]>();
  for (const talk of talks) waiting.set(talk.streamId, [...(waiting.get(talk.streamId) ?? []), talk]);
  for (const [, id = '', packets, lost, stale] of log.matchAll(line)) {
    const talk = waiting.get(id)?.shift();
    if (talk) talk.server = { packets: Number(packets), lost: Number(lost), stale: Number(stale ?? 0) };
  }
}

function playersOf(players: readonly HttpPlayer[]): { figures: SoakReport['players']; broken: string[] } {
  const peaceful = players.filter(({ listenedSeconds }) => listenedSeconds >= MIN_LISTENED_SECONDS);
  const broken: string[] = [];
  let worstSeconds = 0;
  let listened = 0;
  for (const { format, soundSeconds, listenedSeconds } of peaceful) {
    listened += listenedSeconds;
    const difference = soundSeconds - listenedSeconds;
    if (Math.abs(difference) > Math.abs(worstSeconds)) worstSeconds = difference;
    if (Math.abs(difference) <= MAX_PLAYER_SECONDS) continue;
    broken.push(`a player of ${format} got ${soundSeconds.toFixed(1)} s of sound in ${listenedSeconds.toFixed(1)} s`);
  }
  return { figures: { listened, peaceful: peaceful.length, worstSeconds }, broken };
}

function judgeReplay({ talk, frames, numbered, lastedFrames }: Replay): string[] {
  const least = Math.min(numbered, lastedFrames) - MAX_REPLAY_FRAMES;
  const most = Math.max(numbered, lastedFrames) + MAX_REPLAY_FRAMES;
  if (frames >= least && frames <= most) return [];
  return [`talk ${talk} played again is ${frames} frames, its talker said ${numbered}`];
}

function tellOf({ rssMiB, heapMiB, handles, loopDelayP99Ms, cpuPercent }: Sample): string {
  return `${rssMiB.toFixed(1)} MiB, heap ${heapMiB.toFixed(1)} MiB, ${handles} handles, loop ${loopDelayP99Ms.toFixed(1)} ms, CPU ${cpuPercent.toFixed(0)} %`;
}
