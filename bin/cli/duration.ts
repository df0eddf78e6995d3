import { InvalidArgumentError, Option } from "commander";

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** Reads `90s`, `30m`, `2h`, `7d` or `1w` as milliseconds, for an option. */
export function parseDuration(text: string): number {
  const [, count = "", unit = ""] = /^(\d+(?:\.\d+)?)(s|m|h|d|w)$/.exec(text) ?? [];
  const milliseconds = Number(count) * (UNITS[unit] ?? NaN) * 1000;
  if (milliseconds > 0) return milliseconds;
  throw new InvalidArgumentError("give a time such as 90s, 30m, 2h, 7d or 1w.");
}

/** An option that is a time, with what it is when missing as `10m`: so help shows it too. */
export function durationOption(flags: string, description: string, missing: string): Option {
  return new Option(flags, description).argParser(parseDuration).default(parseDuration(missing), missing);
}

/** A time in one unit, as a person would say it: `40 s`, `12 min`, `3 h`, `5 days`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3_600) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** Milliseconds as they are read fastest: `850 ms`, `1.5 s`. */
export function latencyText(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
