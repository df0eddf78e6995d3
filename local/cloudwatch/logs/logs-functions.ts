import { compareValues, numberOf, textOf, type LogValue } from "./log-value.ts";
import { LogsQueryError } from "./logs-query-error.ts";

type LogFunction = (args: readonly LogValue[]) => LogValue;

/** A function of the first argument as a number; nothing comes of what is no number. */
function numeric(apply: (value: number) => number): LogFunction {
  return ([value]) => finite(apply(numberOf(value)));
}

function textual(apply: (text: string, args: readonly LogValue[]) => LogValue): LogFunction {
  return ([value, ...others]) => (value === undefined ? undefined : apply(textOf(value), others));
}

function extreme(sign: 1 | -1): LogFunction {
  return (args) =>
    args.reduce((found, value) =>
      sign * compareValues(value, found) > 0 || found === undefined ? value : found,
    );
}

/** The number, or nothing when it is none. */
export function finite(value: number): LogValue {
  return Number.isFinite(value) ? value : undefined;
}

function floorTime(value: LogValue, periodMs: LogValue, round: (x: number) => number): LogValue {
  const period = numberOf(periodMs);
  const timeMs = round(numberOf(value) / period) * period;
  return Number.isFinite(timeMs) ? { timeMs } : undefined;
}

const FUNCTIONS: Readonly<Record<string, LogFunction>> = {
  abs: numeric(Math.abs),
  ceil: numeric(Math.ceil),
  floor: numeric(Math.floor),
  log: numeric(Math.log),
  sqrt: numeric(Math.sqrt),
  greatest: extreme(1),
  least: extreme(-1),
  coalesce: (args) => args.find((value) => value !== undefined),
  ispresent: ([value]) => value !== undefined,
  isempty: ([value]) => value === undefined || textOf(value) === "",
  isblank: ([value]) => value === undefined || textOf(value).trim() === "",
  strlen: textual((text) => text.length),
  toupper: textual((text) => text.toUpperCase()),
  tolower: textual((text) => text.toLowerCase()),
  trim: textual((text) => text.trim()),
  ltrim: textual((text) => text.trimStart()),
  rtrim: textual((text) => text.trimEnd()),
  concat: (args) => args.map(textOf).join(""),
  strcontains: textual((text, [part]) => (text.includes(textOf(part)) ? 1 : 0)),
  replace: textual((text, [from, to]) => text.replaceAll(textOf(from), textOf(to))),
  substr: textual((text, [from, length]) =>
    text.slice(numberOf(from), length === undefined ? undefined : numberOf(from) + numberOf(length)),
  ),
  tostring: textual((text) => text),
  datefloor: ([time, period]) => floorTime(time, period, Math.floor),
  dateceil: ([time, period]) => floorTime(time, period, Math.ceil),
  frommillis: ([value]) => ({ timeMs: numberOf(value) }),
  tomillis: ([time]) => finite(numberOf(time)),
};

/** The function by its name in any case; `bin` and those of `stats` are not among them. */
export function logFunction(name: string): LogFunction {
  const key = name.toLowerCase();
  const found = Object.hasOwn(FUNCTIONS, key) ? FUNCTIONS[key] : undefined;
  if (found === undefined) throw new LogsQueryError(`log query: the function ${name} is not run here`);
  return found;
}
