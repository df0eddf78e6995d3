import { zonedInstant, zoneOffset, type ZoneOffset } from "./zoned-time.ts";
import { cronMinutesAfter, parseScheduleCron, type Cron } from "./cron.ts";

/** When a schedule runs. */
export type ScheduleTimes =
  | { readonly kind: "rate"; readonly everyMs: number }
  | { readonly kind: "cron"; readonly cron: Cron; readonly offset: ZoneOffset };

/** A schedule expression that is not run here, and why. */
export interface ExpressionRefusal {
  readonly refusal: string;
}

const MINUTE_MS = 60_000;
const UNITS: Readonly<Record<string, number>> = {
  minute: MINUTE_MS,
  hour: 60 * MINUTE_MS,
  day: 24 * 60 * MINUTE_MS,
};

/**
 * Reads `rate(5 minutes)` or `cron(0 9 ? * MON-FRI *)`, the latter in a time zone, which is UTC when missing.
 */
export function scheduleTimes(expression: string, timezone = "UTC"): ScheduleTimes | ExpressionRefusal {
  const [, kind, text = ""] = /^(rate|cron|at)\((.*)\)$/.exec(expression.trim()) ?? [];
  if (kind === "rate")
    return rateTimes(text) ?? expressionRefusal(expression, "give rate(5 minutes), hours or days");
  if (kind === "at")
    return expressionRefusal(expression, "one-time schedules are not run: use rate() or cron()");
  const cron = parseScheduleCron(text);
  if (cron === undefined)
    return expressionRefusal(
      expression,
      "give cron(minute hour day month weekday year) without L, W and #, one day as ?",
    );
  const offset = zoneOffset(timezone);
  return offset === undefined
    ? expressionRefusal(expression, `${timezone} is no time zone`)
    : { kind: "cron", cron, offset };
}

function rateTimes(text: string): ScheduleTimes | undefined {
  const [, count, unit = ""] = /^(\d+) (minute|hour|day)s?$/.exec(text.trim()) ?? [];
  const everyMs = Number(count) * (UNITS[unit] ?? NaN);
  return everyMs > 0 ? { kind: "rate", everyMs } : undefined;
}

function expressionRefusal(expression: string, reason: string): ExpressionRefusal {
  return { refusal: `schedule expression ${expression} is not emulated: ${reason}` };
}

/**
 * The first run after one at `lastMs`; rates count from the full minute of it. `undefined` when none comes
 * any more.
 */
export function nextRun(times: ScheduleTimes, lastMs: number): number | undefined {
  if (times.kind === "rate") return Math.floor(lastMs / MINUTE_MS) * MINUTE_MS + times.everyMs;
  const { cron, offset } = times;
  for (const local of cronMinutesAfter(cron, lastMs + offset(lastMs))) {
    const instant = zonedInstant(local, offset);
    if (instant !== undefined && instant > lastMs) return instant;
  }
  return undefined;
}
