import { localTime, type Terminal } from "./terminal.ts";

/** A series to draw, a column for each value. */
export interface Plot {
  /** `undefined` where nothing was measured. */
  readonly values: readonly (number | undefined)[];
  readonly startMs: number;
  readonly endMs: number;
  /** A line across, and on which side of it a value is bad. */
  readonly threshold?: { readonly value: number; readonly isBad: (value: number) => boolean };
  readonly numberText: (value: number) => string;
}

const HEIGHT = 10;
const EIGHTHS = " ▁▂▃▄▅▆▇█";
/** Zero was measured; a blank was not. */
const ZERO = "_";

/** The series as bars over a time axis, with the threshold as a line; few values get broad bars. */
export function plotLines(terminal: Terminal, asked: Plot): readonly string[] {
  const breadth = Math.max(1, Math.floor(plotWidth(terminal) / Math.max(1, asked.values.length)));
  const plot = {
    ...asked,
    values: asked.values.flatMap((value) => Array.from({ length: breadth }, () => value)),
  };
  const top = topOf(plot);
  const labels = axisLabels(plot, top);
  const labelWidth = Math.max(...[...labels.values()].map(({ length }) => length));
  const rows = Array.from({ length: HEIGHT }, (_, row) => {
    const label = (labels.get(row) ?? "").padStart(labelWidth);
    return `${label} ${labels.has(row) ? "┤" : "│"}${rowText(terminal, plot, { row, top })}`;
  });
  const indent = " ".repeat(labelWidth + 1);
  const width = Math.max(1, plot.values.length);
  return [...rows, `${indent}└${"─".repeat(width)}`, `${indent} ${timeAxis(plot, width)}`];
}

/** How many columns a plot of this terminal has room for. */
export function plotWidth({ columns = 100 }: Terminal): number {
  const labels = 12;
  return Math.max(10, columns - labels);
}

function topOf({ values, threshold }: Plot): number {
  const highest = Math.max(0, threshold?.value ?? 0, ...values.filter((value) => value !== undefined));
  return highest === 0 ? 1 : highest;
}

/** Which row a value's top ends in, 0 the highest. */
function rowOf(value: number, top: number): number {
  const level = Math.ceil((Math.max(0, value) / top) * HEIGHT);
  return HEIGHT - Math.max(1, level);
}

/** The threshold's label wins over the others where they meet. */
function axisLabels({ threshold, numberText }: Plot, top: number): ReadonlyMap<number, string> {
  const labels = new Map([
    [0, numberText(top)],
    [HEIGHT - 1, numberText(0)],
  ]);
  if (threshold !== undefined) labels.set(rowOf(threshold.value, top), numberText(threshold.value));
  return labels;
}

function rowText(
  { colours }: Terminal,
  { values, threshold }: Plot,
  { row, top }: { readonly row: number; readonly top: number },
): string {
  const isThreshold = threshold !== undefined && rowOf(threshold.value, top) === row;
  return values
    .map((value) => {
      const cell = cellText(value, row, top);
      if (cell === " ") return isThreshold ? colours.yellow("╌") : cell;
      return value !== undefined && threshold?.isBad(value) === true ? colours.red(cell) : colours.cyan(cell);
    })
    .join("");
}

function cellText(value: number | undefined, row: number, top: number): string {
  if (value === undefined) return " ";
  const base = HEIGHT - 1 - row;
  if (value <= 0) return base === 0 ? ZERO : " ";
  const eighths = Math.round((value / top) * HEIGHT * 8) - base * 8;
  // However small, what is above zero shows.
  const least = base === 0 ? 1 : 0;
  return EIGHTHS.charAt(Math.min(8, Math.max(least, eighths)));
}

function timeAxis({ startMs, endMs }: Plot, width: number): string {
  const shortTime = (ms: number): string => localTime(ms).slice(5, 16);
  const [start, end] = [shortTime(startMs), shortTime(endMs)];
  const blanks = width - start.length - end.length;
  return blanks < 1 ? start : `${start}${" ".repeat(blanks)}${end}`;
}

const BARS = "▁▂▃▄▅▆▇█";

/**
 * Values as one line of bars, the highest bar `top` or the largest value. A gap is a blank, and zero the
 * lowest bar, so that both can be told apart.
 */
export function sparkline(values: readonly (number | undefined)[], top?: number): string {
  const highest = top ?? Math.max(0, ...values.filter((value) => value !== undefined));
  return values.map((value) => (value === undefined ? " " : bar(value, highest))).join("");
}

function bar(value: number, highest: number): string {
  if (highest <= 0 || value <= 0) return BARS.charAt(0);
  const step = Math.ceil((Math.min(value, highest) / highest) * (BARS.length - 1));
  return BARS.charAt(step);
}
