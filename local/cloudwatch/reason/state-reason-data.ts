import { isoOffset, javaDouble } from "./aws-text.ts";
import { decisiveCount, type JudgedPoint, type Judgement } from "./judged-points.ts";

/** A member of the JSON text: its name and its value as JSON; AWS writes numbers as Java doubles. */
type Member = readonly [name: string, json: string];

/** A metric alarm's StateReasonData, the JSON text that DescribeAlarms returns. */
export function stateReasonData(judgement: Judgement): string {
  const { plan, kept, queryMs } = judgement;
  const oldest = kept.at(-1);
  const members: Member[] = [
    ["version", '"1.0"'],
    ["queryDate", dateText(queryMs)],
    ...(oldest === undefined ? [] : [["startDate", dateText(oldest.startMs)] as const]),
    ...singleMetricMembers(judgement),
    ["period", String(plan.periodSeconds)],
    ...recentMembers(judgement),
    ...(plan.bandId === undefined ? [["threshold", javaDouble(plan.threshold)] as const] : []),
    ["evaluatedDatapoints", array(evaluated(judgement).map(evaluatedText))],
  ];
  return object(members);
}

function singleMetricMembers({ plan }: Judgement): readonly Member[] {
  const { metrics, unit, statistic, extendedStatistic } = plan.definition;
  if (metrics !== undefined) return [];
  return [
    ...(unit === undefined ? [] : [["unit", JSON.stringify(unit)] as const]),
    ["statistic", JSON.stringify(statistic ?? extendedStatistic ?? "")],
  ];
}

/** From the oldest point used to the newest real one, gaps as null. */
function recent({ slots, kept }: Judgement): readonly JudgedPoint[] {
  const [newest] = kept;
  const oldest = kept.at(-1);
  if (newest === undefined || oldest === undefined) return [];
  return slots
    .filter((point) => point.startMs >= oldest.startMs && point.startMs <= newest.startMs)
    .toReversed();
}

function recentMembers(judgement: Judgement): readonly Member[] {
  const points = recent(judgement);
  const line = (pick: (point: JudgedPoint) => number | undefined): string =>
    array(points.map((point) => doubleOrNull(pick(point))));
  const band: readonly Member[] = [
    ["recentLowerThresholds", line((point) => point.lower)],
    ["recentUpperThresholds", line((point) => point.upper)],
  ];
  return [
    ["recentDatapoints", line((point) => point.value)],
    ...(judgement.plan.bandId === undefined ? [] : band),
  ];
}

/** The points that decided, newest first, with empty slots where points were filled in or unknown. */
function evaluated(judgement: Judgement): readonly JudgedPoint[] {
  const { plan, state, slots, kept } = judgement;
  const empty = slots.filter((point) => point.value === undefined);
  if (state === "INSUFFICIENT_DATA") return newestFirst([...kept, ...empty]).slice(0, plan.evaluationPeriods);
  const needed = decisiveCount(judgement);
  const real = kept.filter((point) => point.breaching === (state === "ALARM")).slice(0, needed);
  return newestFirst([...real, ...empty.slice(0, Math.max(0, needed - real.length))]);
}

function newestFirst(points: readonly JudgedPoint[]): readonly JudgedPoint[] {
  return points.toSorted((a, b) => b.startMs - a.startMs);
}

function evaluatedText(point: JudgedPoint): string {
  const { startMs, sampleCount, value } = point;
  return object([
    ["timestamp", dateText(startMs)],
    ...(sampleCount === undefined ? [] : [["sampleCount", javaDouble(sampleCount)] as const]),
    ...(value === undefined ? [] : [["value", javaDouble(value)] as const]),
  ]);
}

function doubleOrNull(value: number | undefined): string {
  return value === undefined ? "null" : javaDouble(value);
}

function dateText(ms: number): string {
  return JSON.stringify(isoOffset(ms));
}

function array(items: readonly string[]): string {
  return `[${items.join(",")}]`;
}

function object(members: readonly Member[]): string {
  return `{${members.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",")}}`;
}
