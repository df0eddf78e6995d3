import type { AlarmSummary, RehearsalReport, TopicSummary } from "./rehearsal-report.ts";
import type { DurationSpread } from "./statistics.ts";

/** Something that differs between two rehearsals of the same scenario. */
export interface Difference {
  readonly scenario: string;
  /** The alarm or topic. */
  readonly subject: string;
  readonly figure: string;
  readonly verdict: "slower" | "faster" | "noisier" | "quieter" | "missed" | "new";
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** What the values count. */
  readonly kind: "time" | "share" | "number";
}

/** Two rehearsals that cannot be compared; the message says what differs. */
export class CompareError extends Error {
  override readonly name = "CompareError";
}

/** What got slower, noisier, faster or quieter; scenarios that only one of the two holds are left out. */
export function rehearsalDifferences(
  before: readonly RehearsalReport[],
  after: readonly RehearsalReport[],
): readonly Difference[] {
  const pairs = after.flatMap((now) => {
    const then = before.find(
      ({ scenario, alarmSet }) => scenario === now.scenario && alarmSet === now.alarmSet,
    );
    return then === undefined ? [] : [{ then, now }];
  });
  if (pairs.length === 0) throw new CompareError("the two rehearsals have no scenario in common");
  return pairs.flatMap(({ then, now }) => {
    requireSameSettings(then, now);
    return differencesOf(then, now);
  });
}

function requireSameSettings(then: RehearsalReport, now: RehearsalReport): void {
  const names = Object.keys({ ...then.settings, ...now.settings });
  const other = names.find((name) => then.settings[name] !== now.settings[name]);
  if (other === undefined) return;
  throw new CompareError(
    `${now.scenario} was rehearsed with ${other} ${then.settings[other]} before and ${now.settings[other]} now: repeat it with equal options`,
  );
}

function differencesOf(then: RehearsalReport, now: RehearsalReport): readonly Difference[] {
  const { scenario } = now;
  const topics = paired(then.topics, now.topics, ({ topic }) => topic);
  const alarms = paired(then.alarms, now.alarms, ({ alarmName }) => alarmName);
  return [
    ...topics.flatMap(([subject, was, is]) =>
      figuresThatDiffer({ scenario, subject }, topicFigures(was), topicFigures(is)),
    ),
    ...alarms.flatMap(([subject, was, is]) =>
      figuresThatDiffer({ scenario, subject }, alarmFigures(was), alarmFigures(is)),
    ),
  ];
}

/** Everything of either side by its name, in the order of the later one. */
function paired<Item>(
  before: readonly Item[],
  after: readonly Item[],
  nameOf: (item: Item) => string,
): readonly (readonly [string, Item | undefined, Item | undefined])[] {
  const names = new Set([...after, ...before].map(nameOf));
  const find = (items: readonly Item[], name: string): Item | undefined =>
    items.find((item) => nameOf(item) === name);
  return [...names].map((name) => [name, find(before, name), find(after, name)]);
}

interface ComparedFigure {
  readonly figure: string;
  readonly kind: Difference["kind"];
  readonly value: number | undefined;
  /** What it means when the value grows. */
  readonly growth: "slower" | "noisier" | "found";
}

function topicFigures(topic: TopicSummary | undefined): readonly ComparedFigure[] {
  if (topic === undefined) return [];
  const { notified, timeToNotify, laterSpansNotified, mails, falsePositives } = topic;
  return [
    shareFigure("notified", notified),
    ...timeFigures("time to notify", timeToNotify),
    ...(laterSpansNotified ? [shareFigure("later faults notified", laterSpansNotified)] : []),
    numberFigure("mails, mean", mails.mean),
    numberFigure("mails, max", mails.max),
    numberFigure("false positives in 30 days", falsePositives.in30Days),
  ];
}

function alarmFigures(alarm: AlarmSummary | undefined): readonly ComparedFigure[] {
  if (alarm === undefined) return [];
  return [
    shareFigure("detected", alarm.detected),
    ...timeFigures("time to detect", alarm.timeToDetect),
    ...timeFigures("time to recover", alarm.timeToRecover),
    numberFigure("false all-clears", alarm.falseAllClears),
    numberFigure("false positives in 30 days", alarm.falsePositives.in30Days),
  ];
}

function shareFigure(
  figure: string,
  { count, of }: { readonly count: number; readonly of: number },
): ComparedFigure {
  return { figure, kind: "share", growth: "found", value: count / of };
}

function timeFigures(figure: string, spread: DurationSpread | undefined): readonly ComparedFigure[] {
  if (spread === undefined) return [];
  return [
    { figure: `${figure}, p50`, kind: "time", growth: "slower", value: spread.p50Ms },
    { figure: `${figure}, max`, kind: "time", growth: "slower", value: spread.maxMs },
  ];
}

function numberFigure(figure: string, value: number): ComparedFigure {
  return { figure, kind: "number", growth: "noisier", value };
}

function figuresThatDiffer(
  place: Pick<Difference, "scenario" | "subject">,
  before: readonly ComparedFigure[],
  after: readonly ComparedFigure[],
): readonly Difference[] {
  return paired(before, after, ({ figure }) => figure).flatMap(([figure, was, is]) => {
    const { kind, growth } = is ?? was ?? { kind: "number" as const, growth: "noisier" as const };
    if (isAlike(was?.value, is?.value, kind)) return [];
    const verdict = VERDICTS[growth][hasGrown(was?.value, is?.value) ? "grown" : "shrunk"];
    return [{ ...place, figure, verdict, before: was?.value, after: is?.value, kind }];
  });
}

const VERDICTS = {
  slower: { grown: "slower", shrunk: "faster" },
  noisier: { grown: "noisier", shrunk: "quieter" },
  found: { grown: "new", shrunk: "missed" },
} as const;

/** A time that is no longer there is worse than any, and so is a count that was not there before. */
function hasGrown(before: number | undefined, after: number | undefined): boolean {
  return (after ?? 0) > (before ?? 0);
}

/**
 * Equal seeds give equal days: what differs, the alarms did. Half a minute more or less is the phase of an
 * evaluation.
 */
function isAlike(before: number | undefined, after: number | undefined, kind: Difference["kind"]): boolean {
  if (kind === "time") {
    // Whether a time is there at all is what the share says.
    if (before === undefined || after === undefined) return true;
    return Math.abs(after - before) <= Math.max(30_000, 0.05 * before);
  }
  return Math.abs((after ?? 0) - (before ?? 0)) < 1e-9;
}
