/** A run as text: what became of every packet, and each minute's figures. */
import { medianOf, minutesOf } from './curves.ts';
import type { SoakReport } from './soak.ts';
import type { Sample } from './watch.ts';

const COLUMNS: readonly [keyof Sample, string, number][] = [
  ['rssMiB', 'RSS MiB', 1],
  ['heapMiB', 'heap MiB', 1],
  ['handles', 'handles', 0],
  ['files', 'files', 0],
  ['loopDelayP99Ms', 'loop p99 ms', 1],
  ['cpuPercent', 'CPU %', 0],
  ['peers', 'peers', 0],
  ['streams', 'talks', 0],
  ['listeners', 'players', 0],
];

export function tableOf(report: SoakReport): string {
  const { totals, faults, players, replays } = report;
  const rows: [string, string | number][] = [
    ['run', `${report.seconds} s, seed ${report.seed}`],
    [
      'faults',
      Object.entries(faults)
        .map(([kind, times]) => `${kind} ${times}`)
        .join(', '),
    ],
    ['talks, of these whole', `${totals.talks}, ${totals.completeTalks}`],
    ['packets numbered by talkers', totals.numbered],
    ['  kept by the bad link', totals.withheld],
    ['  got by the server', totals.serverGot],
    ['  counted as lost by the server', totals.serverLost],
    ['  under way when a talk was broken off', totals.cutOff],
    ['  stale, so left out (of those got)', totals.serverStale],
    ['packets due to cards', totals.due],
    ['  heard', totals.heard],
    ['  seen as lost, by their numbers', totals.seenLost],
    ['  left out, and counted by the server', totals.leftOut],
    ['  unaccounted', totals.due - totals.heard - totals.seenLost - totals.leftOut],
    ['whole talks due to a card', totals.wholeTalks],
    [
      'players in peace',
      `${players.peaceful}, ${(players.listened / 60).toFixed(1)} min, worst ${players.worstSeconds.toFixed(2)} s off`,
    ],
    [
      'talks played again',
      `${replays.length}, ${replays.filter(({ numbered, frames }) => numbered === frames).length} to the frame`,
    ],
  ];
  const accounts = rows.map(([name, value]) => `${name.padEnd(42)}${value}`);
  return [...accounts, '', ...linesOf(report.samples), '', ...slopesOf(report), '', verdictOf(report), ''].join('\n');
}

function linesOf(samples: readonly Sample[]): string[] {
  const lines = [['minute', ...COLUMNS.map(([, name]) => name)].map((name) => name.padStart(12)).join('')];
  for (const minute of minutesOf(samples)) {
    const number = Math.floor((minute[0]?.atSeconds ?? 0) / 60) + 1;
    const cells = COLUMNS.map(([name, , digits]) => medianOf(minute, name).toFixed(digits));
    lines.push([String(number), ...cells].map((cell) => cell.padStart(12)).join(''));
  }
  return lines;
}

function slopesOf({ curves }: SoakReport): string[] {
  return Object.entries(curves).map(([name, { perMinute, allowedPerMinute, most, p99 }]) => {
    const allowed = allowedPerMinute === undefined ? '' : ` (at most ${allowedPerMinute})`;
    return `${name.padEnd(18)}slope ${perMinute.toFixed(3)} a minute${allowed}, p99 ${p99.toFixed(1)}, most ${most.toFixed(1)}`;
  });
}

function verdictOf({ broken }: SoakReport): string {
  return broken.length === 0 ? 'All is accounted for.' : broken.slice(0, 50).join('\n');
}
