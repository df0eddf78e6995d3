import { javaDouble, shortDate } from "./aws-text.ts";
import { COMPARISONS } from "../evaluation/comparison.ts";
import { decisiveCount, type JudgedPoint, type Judgement } from "./judged-points.ts";

/** From this many points on, a reason lists only the newest of them, after the threshold. */
const LONG_LIST = 5;

const FILL_LABELS: Readonly<Record<string, string>> = {
  breaching: "Breaching",
  notBreaching: "NonBreaching",
};

/** A metric alarm's StateReason, word for word as CloudWatch writes it. */
export function stateReason(judgement: Judgement): string {
  if (judgement.state === "INSUFFICIENT_DATA") return insufficient(judgement);
  const shown = judgement.kept.filter((point) => point.breaching === (judgement.state === "ALARM"));
  const subject = judgement.plan.bandId === undefined ? "Threshold" : "Thresholds";
  return `${subject} Crossed: ${shown.length === 0 ? filledOnly(judgement) : crossed(judgement, shown)}.`;
}

function insufficient({ plan, kept }: Judgement): string {
  const unknown = plan.evaluationPeriods - kept.length;
  return `Insufficient Data: ${count(unknown, "datapoint")} ${was(unknown)} unknown.`;
}

function filledOnly(judgement: Judgement): string {
  const { plan, kept } = judgement;
  const received =
    kept.length === 0 ? "no datapoints were" : `${count(kept.length, "datapoint")} ${was(kept.length)}`;
  return `${received} received for ${count(plan.evaluationPeriods, "period")}${filled(judgement)}`;
}

function crossed(judgement: Judgement, shown: readonly JudgedPoint[]): string {
  const { plan, state } = judgement;
  const list = `[${shown.slice(0, LONG_LIST).map(pointText).join(", ")}]`;
  const subject = countText(judgement, shown.length);
  const not = state === "ALARM" ? "" : "not ";
  const long = shown.length >= LONG_LIST;
  const which = state === "ALARM" ? "datapoints which crossed the threshold" : "datapoints";
  return [
    `${subject}${long ? "" : ` ${list}`} ${was(shown.length)} ${not}${bound(judgement, shown)}`,
    filled(judgement),
    long ? `. The most recent ${which}: ${list}` : "",
    plan.definition.datapointsToAlarm === undefined ? "" : minimum(judgement),
  ].join("");
}

function countText({ plan }: Judgement, shown: number): string {
  return plan.definition.datapointsToAlarm === undefined
    ? count(shown, "datapoint")
    : `${shown} out of the last ${plan.evaluationPeriods} datapoints`;
}

function bound({ plan, state }: Judgement, shown: readonly JudgedPoint[]): string {
  const { words } = COMPARISONS[plan.comparisonOperator];
  if (plan.bandId === undefined) return `${words} the threshold (${javaDouble(plan.threshold)})`;
  const edges = (pick: (point: JudgedPoint) => number | undefined): string =>
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

function filled({ plan, kept }: Judgement): string {
  const label = FILL_LABELS[plan.treatMissingData];
  const missing = plan.evaluationPeriods - kept.length;
  if (label === undefined || missing === 0) return "";
  return ` and ${count(missing, "missing datapoint")} ${was(missing)} treated as [${label}]`;
}

function minimum(judgement: Judgement): string {
  const change = judgement.state === "ALARM" ? "OK -> ALARM" : "ALARM -> OK";
  return ` (minimum ${count(decisiveCount(judgement), "datapoint")} for ${change} transition)`;
}

function pointText(point: JudgedPoint): string {
  return `${javaDouble(point.value ?? 0)} (${shortDate(point.startMs)})`;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

function was(amount: number): string {
  return amount === 1 ? "was" : "were";
}
