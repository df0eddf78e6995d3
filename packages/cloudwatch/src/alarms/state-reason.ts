import type { AlarmState, ComparisonOperator, TriggeringChild } from "../alarm.ts";
import { awsJson, isoOffset, javaDouble, longDate, shortDate } from "../aws-text.ts";
import { type AlarmPlan, COMPARISONS } from "./alarm-plan.ts";
import { isBreaching, type PointWindow } from "./alarm-points.ts";

/** One slot of the evaluation range. */
export interface EvaluatedDatapoint {
  readonly startMs: number;
  readonly value?: number;
  readonly sampleCount?: number;
  readonly lower?: number;
  readonly upper?: number;
  readonly breaching: boolean;
}

/** What a judgement looked at, for its texts. */
interface StateEvaluation {
  readonly plan: AlarmPlan;
  readonly state: AlarmState;
  readonly queryMs: number;
  /** Every slot of the range, newest first. */
  readonly slots: readonly EvaluatedDatapoint[];
  /** The newest N real points, newest first. */
  readonly kept: readonly EvaluatedDatapoint[];
}

/** Spells out the window behind a change of state. */
export function stateEvaluation(
  plan: AlarmPlan,
  window: PointWindow,
  result: { readonly state: AlarmState; readonly queryMs: number },
): StateEvaluation {
  const slots = windowDatapoints(plan, window);
  const kept = slots.filter((point) => point.value !== undefined).slice(0, plan.evaluationPeriods);
  return { plan, ...result, slots, kept };
}

/** Every slot of a window, newest first. */
export function windowDatapoints(plan: AlarmPlan, window: PointWindow): readonly EvaluatedDatapoint[] {
  const points: EvaluatedDatapoint[] = [];
  for (let slot = window.slots - 1; slot >= 0; slot -= 1) points.push(windowDatapoint(plan, window, slot));
  return points;
}

function windowDatapoint(plan: AlarmPlan, window: PointWindow, slot: number): EvaluatedDatapoint {
  const place = window.first + slot;
  const startMs = window.startMs(slot);
  const value = window.values[place];
  if (value === undefined) return { startMs, breaching: false };
  const sampleCount = window.sampleCounts[place];
  const breaching = isBreaching(plan, window, place);
  const point =
    sampleCount === undefined ? { startMs, value, breaching } : { startMs, value, sampleCount, breaching };
  const lower = window.lower[place];
  const upper = window.upper[place];
  return lower === undefined || upper === undefined ? point : { ...point, lower, upper };
}

/** Points of the kind that decide a state: M breaching ones for ALARM, N-M+1 others for OK. */
function decisiveDatapointCount({ plan, state }: StateEvaluation): number {
  return state === "ALARM" ? plan.datapointsToAlarm : plan.evaluationPeriods - plan.datapointsToAlarm + 1;
}

/** From this many points on, a reason lists only the newest of them, after the threshold. */
const LONG_LIST = 5;

const FILL_LABELS: Readonly<Record<string, string>> = {
  breaching: "Breaching",
  notBreaching: "NonBreaching",
};

/** A metric alarm's StateReason, word for word as CloudWatch writes it. */
export function stateReason(judgement: StateEvaluation): string {
  if (judgement.state === "INSUFFICIENT_DATA") return insufficient(judgement);
  const shown = judgement.kept.filter((point) => point.breaching === (judgement.state === "ALARM"));
  const subject = judgement.plan.bandId === undefined ? "Threshold" : "Thresholds";
  return `${subject} Crossed: ${shown.length === 0 ? filledOnly(judgement) : crossed(judgement, shown)}.`;
}

function insufficient({ plan, kept }: StateEvaluation): string {
  const unknown = plan.evaluationPeriods - kept.length;
  return `Insufficient Data: ${countOf(unknown, "datapoint")} ${wasOrWere(unknown)} unknown.`;
}

function filledOnly(judgement: StateEvaluation): string {
  const { plan, kept } = judgement;
  const received =
    kept.length === 0
      ? "no datapoints were"
      : `${countOf(kept.length, "datapoint")} ${wasOrWere(kept.length)}`;
  return `${received} received for ${countOf(plan.evaluationPeriods, "period")}${filledText(judgement)}`;
}

function crossed(judgement: StateEvaluation, shown: readonly EvaluatedDatapoint[]): string {
  const { plan, state } = judgement;
  const list = `[${shown.slice(0, LONG_LIST).map(pointText).join(", ")}]`;
  const subject = countText(judgement, shown.length);
  const not = state === "ALARM" ? "" : "not ";
  const long = shown.length >= LONG_LIST;
  const which = state === "ALARM" ? "datapoints which crossed the threshold" : "datapoints";
  return [
    `${subject}${long ? "" : ` ${list}`} ${wasOrWere(shown.length)} ${not}${thresholdText(judgement, shown)}`,
    filledText(judgement),
    long ? `. The most recent ${which}: ${list}` : "",
    plan.definition.datapointsToAlarm === undefined ? "" : minimumDatapoints(judgement),
  ].join("");
}

function countText({ plan }: StateEvaluation, shown: number): string {
  return plan.definition.datapointsToAlarm === undefined
    ? countOf(shown, "datapoint")
    : `${shown} out of the last ${plan.evaluationPeriods} datapoints`;
}

function thresholdText({ plan, state }: StateEvaluation, shown: readonly EvaluatedDatapoint[]): string {
  const { words } = COMPARISONS[plan.comparisonOperator];
  if (plan.bandId === undefined) return `${words} the threshold (${javaDouble(plan.threshold)})`;
  const edges = (pick: (point: EvaluatedDatapoint) => number | undefined): string =>
    `[${shown
      .slice(0, LONG_LIST)
      .flatMap((point) => doubleText(pick(point)))
      .join(", ")}]`;
  return words
    .replace("lower thresholds", `lower thresholds ${edges((point) => point.lower)}`)
    .replace("upper thresholds", `upper thresholds ${edges((point) => point.upper)}`)
    .replace("or greater", state === "ALARM" ? "or greater" : "or not greater");
}

function doubleText(value: number | undefined): readonly string[] {
  return value === undefined ? [] : [javaDouble(value)];
}

function filledText({ plan, kept }: StateEvaluation): string {
  const label = FILL_LABELS[plan.treatMissingData];
  const missing = plan.evaluationPeriods - kept.length;
  if (label === undefined || missing === 0) return "";
  return ` and ${countOf(missing, "missing datapoint")} ${wasOrWere(missing)} treated as [${label}]`;
}

function minimumDatapoints(judgement: StateEvaluation): string {
  const change = judgement.state === "ALARM" ? "OK -> ALARM" : "ALARM -> OK";
  return ` (minimum ${countOf(decisiveDatapointCount(judgement), "datapoint")} for ${change} transition)`;
}

function pointText(point: EvaluatedDatapoint): string {
  return `${javaDouble(point.value ?? 0)} (${shortDate(point.startMs)})`;
}

function countOf(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

function wasOrWere(amount: number): string {
  return amount === 1 ? "was" : "were";
}

/**
 * A metric alarm's StateReasonData, the JSON text that DescribeAlarms returns: AWS writes numbers as Java
 * doubles, which JSON.stringify cannot.
 */
export function stateReasonData(judgement: StateEvaluation): string {
  const { plan, kept, queryMs } = judgement;
  const oldest = kept.at(-1);
  const start = oldest === undefined ? "" : `"startDate":"${isoOffset(oldest.startMs)}",`;
  const threshold = plan.bandId === undefined ? `"threshold":${javaDouble(plan.threshold)},` : "";
  // Joined, as what is added up piece by piece stays in memory in pieces, and the history keeps it.
  return [
    `{"version":"1.0","queryDate":"${isoOffset(queryMs)}",`,
    start,
    singleMetricMembers(plan),
    `"period":${plan.periodSeconds},`,
    recentMembers(judgement),
    threshold,
    `"evaluatedDatapoints":[${evaluated(judgement).map(evaluatedText).join(",")}]}`,
  ].join("");
}

/** Members with the comma after them. */
function singleMetricMembers({ definition }: AlarmPlan): string {
  const { metrics, unit, statistic, extendedStatistic } = definition;
  if (metrics !== undefined) return "";
  const unitMember = unit === undefined ? "" : `"unit":${JSON.stringify(unit)},`;
  return `${unitMember}"statistic":${JSON.stringify(statistic ?? extendedStatistic ?? "")},`;
}

/** From the oldest point used to the newest real one, gaps as null. */
function recent({ slots, kept }: StateEvaluation): readonly EvaluatedDatapoint[] {
  const [newest] = kept;
  const oldest = kept.at(-1);
  if (newest === undefined || oldest === undefined) return [];
  return slots
    .filter((point) => point.startMs >= oldest.startMs && point.startMs <= newest.startMs)
    .toReversed();
}

/** The side of the band that an operator does not look at, and whose texts do not have it. */
const UNUSED_SIDES: Readonly<Partial<Record<ComparisonOperator, "lower" | "upper">>> = {
  LessThanLowerThreshold: "upper",
  GreaterThanUpperThreshold: "lower",
};

/** Members with the comma after them. */
function recentMembers(judgement: StateEvaluation): string {
  const points = recent(judgement);
  const values = `"recentDatapoints":[${points.map(valueOrNull).join(",")}],`;
  const { bandId, comparisonOperator } = judgement.plan;
  if (bandId === undefined) return values;
  const unused = UNUSED_SIDES[comparisonOperator];
  const lower = `"recentLowerThresholds":[${points.map((point) => doubleOrNull(point.lower)).join(",")}],`;
  const upper = `"recentUpperThresholds":[${points.map((point) => doubleOrNull(point.upper)).join(",")}],`;
  return `${values}${unused === "lower" ? "" : lower}${unused === "upper" ? "" : upper}`;
}

/** The points that decided, newest first, with empty slots where points were filled in or unknown. */
function evaluated(judgement: StateEvaluation): readonly EvaluatedDatapoint[] {
  const { plan, state, slots, kept } = judgement;
  if (state === "INSUFFICIENT_DATA")
    return newestFirst([...kept, ...emptySlots(slots)]).slice(0, plan.evaluationPeriods);
  const needed = decisiveDatapointCount(judgement);
  const real = kept.filter((point) => point.breaching === (state === "ALARM")).slice(0, needed);
  if (real.length === needed) return real;
  return newestFirst([...real, ...emptySlots(slots).slice(0, needed - real.length)]);
}

function emptySlots(slots: readonly EvaluatedDatapoint[]): readonly EvaluatedDatapoint[] {
  return slots.filter((point) => point.value === undefined);
}

function newestFirst(points: readonly EvaluatedDatapoint[]): readonly EvaluatedDatapoint[] {
  return points.toSorted((a, b) => b.startMs - a.startMs);
}

function evaluatedText({ startMs, sampleCount, value }: EvaluatedDatapoint): string {
  const samples = sampleCount === undefined ? "" : `,"sampleCount":${javaDouble(sampleCount)}`;
  const point = value === undefined ? "" : `,"value":${javaDouble(value)}`;
  return `{"timestamp":"${isoOffset(startMs)}"${samples}${point}}`;
}

function valueOrNull({ value }: EvaluatedDatapoint): string {
  return doubleOrNull(value);
}

function doubleOrNull(value: number | undefined): string {
  return value === undefined ? "null" : javaDouble(value);
}

/** Why a composite alarm is evaluated: it is new, was changed, or children changed. */
export type CompositeTrigger = "created" | "updated" | "children";

/** What a composite alarm's texts are made of. */
interface CompositeEvaluation {
  readonly arn: string;
  readonly state: AlarmState;
  readonly trigger: CompositeTrigger;
  readonly children: readonly TriggeringChild[];
}

/** StateReason and StateReasonData of a composite alarm, word for word as CloudWatch writes them. */
export function compositeReason(judgement: CompositeEvaluation): {
  readonly stateReason: string;
  readonly stateReasonData: string;
} {
  const triggeringAlarms = judgement.children.map((child) => ({
    arn: child.arn,
    state: { value: child.state, timestamp: isoOffset(child.timestampMs) },
  }));
  return { stateReason: compositeReasonText(judgement), stateReasonData: awsJson({ triggeringAlarms }) };
}

function compositeReasonText({ arn, state, trigger, children }: CompositeEvaluation): string {
  const [child] = children;
  if (trigger !== "children" || child === undefined)
    return `${arn} was ${trigger === "updated" ? "updated" : "created"} and its alarm rule evaluates to ${state}`;
  return `${child.arn} transitioned to ${child.state} at ${longDate(child.timestampMs)}`;
}
