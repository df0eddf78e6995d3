import { parseDuration } from "cw-alarm-test/alarm-test";
import {
  type AlarmSummary,
  type RehearsalReport,
  REHEARSED,
  type Share,
  type TopicSummary,
} from "./rehearsal-report.ts";
import type { DurationSpread } from "./statistics.ts";

/** A limit that cannot be read, or that nothing here can exceed; the message says what to write instead. */
export class LimitError extends Error {
  override readonly name = "LimitError";
}

/** A figure of a rehearsal that must not come true, as `--fail-on` takes it. */
export interface Limit {
  /** As it was written. */
  readonly text: string;
  /** Names of scenarios; `*` stands for each. */
  readonly scenarios: readonly string[];
  readonly subject: string;
  readonly figure: FigureName;
  readonly statistic: Statistic;
  readonly isExceeded: (value: number) => boolean;
}

type Statistic = "p50" | "p95" | "max" | "mean";

interface Subject {
  readonly name: string;
  readonly shares: Readonly<Partial<Record<FigureName, Share>>>;
  readonly spreads: Readonly<Partial<Record<FigureName, DurationSpread>>>;
  readonly numbers: Readonly<
    Partial<Record<FigureName, number | Readonly<Partial<Record<Statistic, number>>>>>
  >;
  /** The share of runs that a time is known of. */
  readonly known: Readonly<Partial<Record<FigureName, number>>>;
}

const FIGURES = [
  "detected",
  "timeToDetect",
  "timeToRecover",
  "neverRecovered",
  "falseAllClears",
  "notified",
  "timeToNotify",
  "laterSpansNotified",
  "mails",
  "falsePositives",
] as const;

type FigureName = (typeof FIGURES)[number];

const STATISTICS = ["p50", "p95", "max", "mean"] as const satisfies readonly Statistic[];

const SYNTAX =
  'write "SCENARIO[,SCENARIO]: SUBJECT FIGURE [p50|p95|max|mean] >|< VALUE", as in "outage: page timeToNotify max > 7m"';

/** Reads a limit such as `outage,crash: page timeToNotify max > 7m` or `*: alarms falseAllClears > 0`. */
export function parseLimit(text: string): Limit {
  const [, names = "", subject = "", figure = "", statistic, operator = "", value = ""] =
    /^\s*([\w*,\s-]+):\s*(\S+)\s+(\w+)(?:\s+(\w+))?\s*([<>])\s*(\S+)\s*$/.exec(text) ?? [];
  if (operator === "") throw new LimitError(`limit "${text}" cannot be read: ${SYNTAX}`);
  const limit = parseValue(value);
  if (limit === undefined)
    throw new LimitError(`limit "${text}": "${value}" is no number, percentage or time like 7m`);
  return {
    text: text.trim().replaceAll(/\s+/g, " "),
    scenarios: names.split(",").map((name) => name.trim()),
    subject,
    figure: oneOf(FIGURES, figure, { text, what: "figure" }),
    statistic: oneOf(STATISTICS, statistic ?? "max", { text, what: "statistic" }),
    isExceeded: (given) => (operator === ">" ? given > limit : given < limit),
  };
}

/** Limits of a file, one a line; `#` begins a comment. */
export function parseLimits(text: string): readonly Limit[] {
  return text
    .split("\n")
    .map((line) => line.replace(/#.*$/, "").trim())
    .filter((line) => line !== "")
    .map(parseLimit);
}

function oneOf<Name extends string>(
  names: readonly Name[],
  given: string,
  { text, what }: { readonly text: string; readonly what: string },
): Name {
  const found = names.find((name) => name === given);
  if (found === undefined)
    throw new LimitError(`limit "${text}": no ${what} is "${given}"; use ${names.join(", ")}`);
  return found;
}

/** A number, a share such as `99%`, or a time such as `7m` in milliseconds. */
function parseValue(text: string): number | undefined {
  if (/^\d+(\.\d+)?%$/.test(text)) return Number(text.slice(0, -1)) / 100;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  return parseDuration(text);
}

/** A limit that a rehearsal exceeded. */
export interface ExceededLimit {
  readonly limit: Limit;
  readonly scenario: string;
  readonly subject: string;
  /** Infinity for a time where too many runs have none. */
  readonly value: number;
  /** What the value counts, for whoever prints it. */
  readonly kind: "time" | "share" | "number";
}

/** The limits that rehearsals exceeded. A limit that could never be exceeded here is refused. */
export function exceededLimits(
  limits: readonly Limit[],
  reports: readonly RehearsalReport[],
): readonly ExceededLimit[] {
  const own = reports.filter(({ alarmSet }) => alarmSet === REHEARSED);
  return limits.flatMap((limit) => exceededBy(limit, own));
}

function exceededBy(limit: Limit, reports: readonly RehearsalReport[]): readonly ExceededLimit[] {
  const judged = reports.filter(({ scenario }) =>
    limit.scenarios.some((name) => name === "*" || name === scenario),
  );
  const missing = limit.scenarios.find(
    (name) => name !== "*" && !judged.some(({ scenario }) => scenario === name),
  );
  if (judged.length === 0 || missing !== undefined)
    throw new LimitError(
      `limit "${limit.text}" names ${missing ?? "*"}, which is not rehearsed: rehearse it too`,
    );
  const found = judged.flatMap((report) =>
    subjectsOf(report, limit.subject).map((subject) => ({ report, subject })),
  );
  if (found.length === 0)
    throw new LimitError(`limit "${limit.text}": no topic or alarm is called "${limit.subject}"`);
  return found.flatMap(({ report, subject }) => {
    const { value, kind } = figureOf(limit, subject);
    return limit.isExceeded(value)
      ? [{ limit, scenario: report.scenario, subject: subject.name, value, kind }]
      : [];
  });
}

/**
 * `first` is the first notification by any topic, `topics` and `alarms` each of them; otherwise the end of a
 * name.
 */
function subjectsOf(report: RehearsalReport, name: string): readonly Subject[] {
  const topics = report.topics.map(topicSubject);
  const alarms = report.alarms.map(alarmSubject);
  if (name === "first") return [firstSubject(report)];
  if (name === "topics") return topics;
  if (name === "alarms") return alarms;
  return [...topics, ...alarms].filter(
    (subject) => subject.name === name || subject.name.endsWith(`-${name}`),
  );
}

function firstSubject({ firstNotification: { notified, timeToNotify } }: RehearsalReport): Subject {
  return {
    name: "first notification",
    shares: { notified },
    spreads: { ...(timeToNotify && { timeToNotify }) },
    numbers: {},
    known: { timeToNotify: notified.count / notified.of },
  };
}

function topicSubject(topic: TopicSummary): Subject {
  const { notified, timeToNotify, laterSpansNotified, mails, falsePositives } = topic;
  return {
    name: topic.topic,
    shares: { notified, ...(laterSpansNotified && { laterSpansNotified }) },
    spreads: { ...(timeToNotify && { timeToNotify }) },
    numbers: { mails, falsePositives: falsePositives.in30Days },
    known: { timeToNotify: notified.count / notified.of },
  };
}

function alarmSubject(alarm: AlarmSummary): Subject {
  const { detected, timeToDetect, timeToRecover, neverRecovered, falseAllClears, falsePositives } = alarm;
  const recovered = detected.count === 0 ? 1 : 1 - neverRecovered / detected.count;
  return {
    name: alarm.alarmName,
    shares: { detected },
    spreads: { ...(timeToDetect && { timeToDetect }), ...(timeToRecover && { timeToRecover }) },
    numbers: { neverRecovered, falseAllClears, falsePositives: falsePositives.in30Days },
    known: { timeToDetect: detected.count / detected.of, timeToRecover: recovered },
  };
}

const TIMES: ReadonlySet<FigureName> = new Set(["timeToDetect", "timeToNotify", "timeToRecover"]);
const RANK = { p50: 0.5, p95: 0.95, max: 1, mean: 1 } as const;

function figureOf(
  { figure, statistic, text }: Limit,
  { name, shares, spreads, numbers, known }: Subject,
): Pick<ExceededLimit, "value" | "kind"> {
  if (TIMES.has(figure) && known[figure] !== undefined) {
    const isKnown = known[figure] >= RANK[statistic];
    const spread = spreads[figure] ?? { p50Ms: 0, p95Ms: 0, maxMs: 0 };
    if (statistic === "mean") throw new LimitError(`limit "${text}": a time has p50, p95 and max`);
    return { value: isKnown ? spread[`${statistic}Ms`] : Infinity, kind: "time" };
  }
  const share = shares[figure];
  if (share !== undefined) return { value: share.count / share.of, kind: "share" };
  const number = numbers[figure];
  const value = typeof number === "object" ? number[statistic] : number;
  if (value === undefined)
    throw new LimitError(`limit "${text}": ${name} has no figure ${figure} ${statistic}`);
  return { value, kind: "number" };
}
