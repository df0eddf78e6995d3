/** What a number counts, as far as it changes how the number is written. */
export type Unit = "ms" | "seconds" | "usd" | "percent" | "bytes";

/** How texts beside a number name its unit: an axis, the end of a title, the label of a series, a column. */
const NAMES: readonly (readonly [Unit, RegExp])[] = [
  ["ms", /^(ms|milliseconds)$|\((ms|milliseconds)\)|[a-z0-9]Ms$|, ms$/],
  ["usd", /^USD$|^usd([A-Z]|$)|\(USD\)|Usd$|, USD$|(^|\s)USD$|^USD\s/],
  ["percent", /^(%|percent)$|\((%|percent)\)|, percent$|(^|\s)%(\s|$)/i],
  ["seconds", /^(s|seconds)$|\((s|seconds)\)/],
  ["bytes", /^bytes$|\(bytes\)|[a-z]Bytes$/i],
];

/** The unit that the first text names which names one. */
export function unitOf(...texts: readonly (string | undefined)[]): Unit | undefined {
  for (const text of texts) {
    const found = text === undefined ? undefined : NAMES.find(([, pattern]) => pattern.test(text));
    if (found !== undefined) return found[0];
  }
  return undefined;
}

/** A title without the unit at its end: the numbers below carry it. */
export function titleWithoutUnit(title: string): string {
  return title.replace(/\s*(\((ms|USD|%|s|bytes)\)|, (ms|USD|percent))$/, "");
}

/**
 * A number with its unit as short as it can be read: `1.5 s`, `$0.0007`, `11.5 %`, `1.2 M`; a dash for none.
 */
export function quantityText(value: number | null | undefined, unit?: Unit): string {
  if (value === undefined || value === null || Number.isNaN(value)) return "–";
  switch (unit) {
    case "ms":
      return durationText(value);
    case "seconds":
      return durationText(value * 1000);
    case "usd":
      return `${value < 0 ? "-" : ""}$${dollars(Math.abs(value))}`;
    case "percent":
      return `${shortNumber(value, 1)} %`;
    case "bytes":
      return value >= 1e6
        ? `${shortNumber(value / 1e6)} MB`
        : value >= 1000
          ? `${shortNumber(value / 1000)} kB`
          : `${shortNumber(value)} B`;
    case undefined:
      return shortNumber(value);
  }
}

/** A number as short as it can be read: `1.2 M`, `1,512`, `39.8`, `0.0034`; a dash for none. */
export function shortNumber(value: number | null | undefined, digits = 2): string {
  if (value === undefined || value === null) return "–";
  const size = Math.abs(value);
  if (size >= 999_500) return `${toDigits(value / 1e6, 2)} M`;
  if (size >= 9999.5) return `${toDigits(value / 1e3, 1)} k`;
  if (size >= 999.5) return Math.round(value).toLocaleString("en-US");
  if (size >= 100) return toDigits(value, 0);
  if (size >= 10) return toDigits(value, 1);
  if (size >= 1) return toDigits(value, digits);
  if (size >= 0.01 || size === 0) return toDigits(value, Math.max(digits, digits === 1 ? 1 : 3));
  return String(Number(value.toPrecision(2)));
}

function durationText(ms: number): string {
  const size = Math.abs(ms);
  if (size < 999.5) return `${shortNumber(ms, 1)} ms`;
  if (size < 59_950) return `${toDigits(ms / 1000, 1)} s`;
  return size < 3_597_000 ? `${toDigits(ms / 60_000, 1)} min` : `${toDigits(ms / 3_600_000, 1)} h`;
}

function dollars(value: number): string {
  if (value === 0) return "0";
  if (value < 0.01) return plainDigits(value, 2);
  if (value < 1) return toDigits(value, 3);
  return value < 1000 ? value.toFixed(2) : Math.round(value).toLocaleString("en-US");
}

/** So many significant digits, never as a power of ten. */
function plainDigits(value: number, digits: number): string {
  const decimals = Math.min(20, digits - 1 - Math.floor(Math.log10(value)));
  return value.toFixed(decimals).replace(/0+$/, "");
}

function toDigits(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

/** The ticks of an axis: all in one unit, with as many digits as it takes to tell them apart. */
export function tickTexts(ticks: readonly number[], unit?: Unit): string[] {
  const top = Math.max(...ticks.map(Math.abs), 0);
  const { factor, before = "", after = "" } = tickScale(top, unit);
  const scaled = ticks.map((tick) => tick / factor);
  const step = scaled
    .slice(1)
    .reduce((least, tick, i) => Math.min(least, Math.abs(tick - (scaled[i] ?? 0))), Infinity);
  const digits = Number.isFinite(step) ? decimalsOf(step) : 2;
  const write = (tick: number): string =>
    tick.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return scaled.map((tick) => (tick === 0 ? `${before}0` : `${before}${write(tick)}${after}`));
}

interface TickScale {
  readonly factor: number;
  readonly before?: string;
  readonly after?: string;
}

function tickScale(top: number, unit: Unit | undefined): TickScale {
  const ms = unit === "seconds" ? 1 / 1000 : 1;
  switch (unit) {
    case "ms":
    case "seconds":
      if (top < 1000 * ms) return { factor: ms, after: " ms" };
      return top < 120_000 * ms ? { factor: 1000 * ms, after: " s" } : { factor: 60_000 * ms, after: " min" };
    case "usd":
      return { factor: 1, before: "$" };
    case "percent":
      return { factor: 1, after: " %" };
    case "bytes":
      return top >= 1e6 ? { factor: 1e6, after: " MB" } : { factor: 1, after: " B" };
    case undefined:
      if (top >= 1e6) return { factor: 1e6, after: " M" };
      return top >= 1e4 ? { factor: 1e3, after: " k" } : { factor: 1 };
  }
}

/** Decimals that a step has, up to eight. */
function decimalsOf(step: number): number {
  for (let digits = 0; digits < 8; digits += 1) {
    const scaled = step * 10 ** digits;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return digits;
  }
  return 8;
}
