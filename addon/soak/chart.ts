/** Curves of a run as SVG, one below the other; no library draws so little. */
import type { CurveName } from './curves.ts';
import type { SoakReport } from './soak.ts';

const CURVES: readonly [CurveName, string, string][] = [
  ['rssMiB', 'resident memory', 'MiB'],
  ['heapMiB', 'heap after collection', 'MiB'],
  ['handles', 'open handles', ''],
  ['files', 'open files', ''],
  ['loopDelayP99Ms', 'event-loop delay, p99', 'ms'],
  ['cpuPercent', 'CPU of a core', '%'],
  ['peers', 'WebRTC peers', ''],
  ['streams', 'live talks', ''],
  ['listeners', 'HTTP players', ''],
];
const WIDTH = 1_000;
const LEFT = 190;
const RIGHT = 20;
const TOP = 56;
const ROW = 104;
const PLOT = 76;

export function drawChart(report: SoakReport): string {
  const { samples } = report;
  const seconds = samples.at(-1)?.atSeconds ?? 1;
  const height = TOP + CURVES.length * ROW + 24;
  const title = `Soak: ${(seconds / 60).toFixed(1)} min, seed ${report.seed}, ${report.totals.talks} talks, ${report.totals.heard.toLocaleString('en')} packets heard`;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/><text x="10" y="24" font-size="16">${title}</text>`,
    `<text x="10" y="42" fill="#555">Each second's value; the line is the slope through the medians of each minute of the second half</text>`,
  ];
  for (const [row, [name, label, unit]] of CURVES.entries()) {
    parts.push(drawRow(report, name, label, unit, TOP + row * ROW, seconds));
  }
  for (let minute = 0; minute <= seconds / 60; minute += 5) {
    parts.push(`<text x="${xOf(minute * 60, seconds)}" y="${height - 8}" text-anchor="middle">${minute} min</text>`);
  }
  return `${parts.join('\n')}\n</svg>\n`;
}

function drawRow(report: SoakReport, name: CurveName, label: string, unit: string, top: number, end: number): string {
  const { samples, curves } = report;
  const most = Math.max(1e-9, ...samples.map((sample) => sample[name])) * 1.05;
  const y = (value: number): string => (top + PLOT - (value / most) * PLOT).toFixed(1);
  const points = samples.map((sample) => `${xOf(sample.atSeconds, end)},${y(sample[name])}`).join(' ');
  const figures = curves[name];
  const slope = figures ? `${figures.perMinute >= 0 ? '+' : ''}${figures.perMinute.toFixed(2)} ${unit} a minute` : '';
  const half = end / 2;
  const trend = figures
    ? `<line x1="${xOf(half, end)}" x2="${xOf(end, end)}" y1="${y(figures.from)}" y2="${y(figures.from + (figures.perMinute * half) / 60)}" stroke="#c30" stroke-width="1.5"/>`
    : '';
  return [
    `<text x="10" y="${top + 14}" font-weight="bold">${label}</text>`,
    `<text x="10" y="${top + 32}">last minute ${shown(figures?.to ?? 0)} ${unit}</text>`,
    `<text x="10" y="${top + 48}">most ${shown(figures?.most ?? 0)} ${unit}</text>`,
    `<text x="10" y="${top + 64}" fill="#c30">${slope}</text>`,
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${top + PLOT}" y2="${top + PLOT}" stroke="#999"/>`,
    `<polyline points="${points}" fill="none" stroke="#036" stroke-width="1"/>`,
    trend,
  ].join('');
}

function xOf(second: number, end: number): string {
  return (LEFT + (second / end) * (WIDTH - LEFT - RIGHT)).toFixed(1);
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
