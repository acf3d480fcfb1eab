/** One line of the table: what was measured, beside what it is to be compared with. */

export interface Figure {
  what: string;
  /** p50 / p99, or a median with the range of its windows. */
  ours: string;
  /** What the project wants; `-` where nothing was set. */
  goal: string;
  /** The same figure of the Python system this one replaces, measured on an equal machine. */
  python: string;
  /** Measured in this run: what the machine and the clients cost without the server. */
  control: string;
  /** All numbers, unrounded. */
  data: Record<string, unknown>;
}

export const NONE = '-';

const COLUMNS = ['what', 'ours', 'goal', 'python', 'control'] as const;
const HEADS: Record<(typeof COLUMNS)[number], string> = {
  what: 'what',
  ours: 'ours',
  goal: 'goal',
  python: 'Python',
  control: 'control, same run',
};

/** Markdown, aligned for a terminal too. */
export function table(figures: readonly Figure[]): string {
  const rows = [HEADS, ...figures].map((row) => COLUMNS.map((column) => row[column]));
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const lines = rows.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return lines.join('\n');
}
