import type { Grid } from "../metric.ts";
import { type Drawing, RefusedWidget, type TimeRange } from "./drawing.ts";
import { textAt } from "./widget-members.ts";
import { isJsonObject, type JsonObject } from "../json.ts";

const RELATIVE = /^-P(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/;
const MINUTE = 60_000;
/** Months, weeks, days, hours, minutes. */
const PART_MS = [30 * 1440 * MINUTE, 7 * 1440 * MINUTE, 1440 * MINUTE, 60 * MINUTE, MINUTE];

/** The drawing with the time range that the widget sets for itself, if it does. */
export function withOwnRange(properties: JsonObject, drawing: Drawing): Drawing {
  const start = textAt(properties, "start");
  const end = textAt(properties, "end");
  if (start === undefined) return drawing;
  const endMs = end === undefined ? drawing.range.endMs : parseWidgetInstant(end);
  const startMs = start.startsWith("-P") ? endMs - relativeStartMs(start) : parseWidgetInstant(start);
  return { ...drawing, range: { startMs, endMs } };
}

/** The instant of an ISO 8601 text. Throws {@link RefusedWidget} for anything else. */
function parseWidgetInstant(text: string): number {
  const timeMs = Date.parse(text);
  if (Number.isNaN(timeMs))
    throw new RefusedWidget(`"${text}" is no time: use ISO 8601, or -PT3H for a start`);
  return timeMs;
}

/** Milliseconds of a relative start such as -PT8H. Throws {@link RefusedWidget} for anything else. */
function relativeStartMs(text: string): number {
  const parts = RELATIVE.exec(text)?.slice(1);
  if (parts === undefined)
    throw new RefusedWidget(`"${text}" is no relative start: use -PT5M, -PT8H, -P7D or -P3M`);
  return parts.reduce(
    (sum, part, index) => sum + Number((part as string | undefined) ?? 0) * (PART_MS[index] ?? 0),
    0,
  );
}

/** Periods that an automatic choice takes, seconds. */
const STEPS = [60, 300, 900, 3600, 21_600, 86_400];
/** Points of one line that an automatic choice stays within: as many as GetMetricStatistics gives. */
const MAX_AUTO_POINTS = 1440;
/** Points that one GetMetricData response holds. */
const MAX_POINTS = 100_800;

/**
 * The period for a range: the one asked for, made longer until a line has at most 1,440 points.
 * CloudWatch does not say how its `auto` chooses; `inherit` always takes the period asked for.
 */
export function widgetPeriod(askedSeconds: number, range: TimeRange, override: "auto" | "inherit"): number {
  if (override === "inherit") return askedSeconds;
  const rangeSeconds = (range.endMs - range.startMs) / 1000;
  const fits = (period: number): boolean => rangeSeconds / period <= MAX_AUTO_POINTS;
  if (fits(askedSeconds)) return askedSeconds;
  return STEPS.find((step) => step >= askedSeconds && fits(step)) ?? Math.max(askedSeconds, 86_400);
}

/** The clock-aligned buckets of a graph. */
export function graphGrid(range: TimeRange, periodSeconds: number): Grid {
  const periodMs = periodSeconds * 1000;
  const startMs = Math.floor(range.startMs / periodMs) * periodMs;
  const slots = Math.max(1, Math.ceil((range.endMs - startMs) / periodMs));
  if (slots > MAX_POINTS)
    throw new RefusedWidget(
      `asks for ${slots} points of ${periodSeconds} s; CloudWatch gives at most ${MAX_POINTS}: use a longer period or a shorter range`,
    );
  return { startMs, periodSeconds, slots };
}

/** One bucket over the whole range, in minutes. */
export function wholeRangeGrid(range: TimeRange): Grid {
  const startMs = Math.floor(range.startMs / 60_000) * 60_000;
  const minutes = Math.max(1, Math.ceil((range.endMs - startMs) / 60_000));
  return { startMs, periodSeconds: minutes * 60, slots: 1 };
}

/**
 * How far back from `nowMs` a dashboard's own `start` lies, in seconds; `undefined` when it has none to
 * follow.
 */
export function openingRangeSeconds(body: string, nowMs: number): number | undefined {
  try {
    const start = startOf(body);
    if (start === undefined) return undefined;
    const startMs = start.startsWith("-P") ? nowMs - relativeStartMs(start) : parseWidgetInstant(start);
    return startMs < nowMs ? Math.round((nowMs - startMs) / 1000) : undefined;
  } catch (error) {
    // A body or a start that cannot be read is refused where it is drawn, with its reason.
    if (error instanceof RefusedWidget || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function startOf(body: string): string | undefined {
  const parsed: unknown = JSON.parse(body);
  return isJsonObject(parsed) ? textAt(parsed, "start") : undefined;
}
