import { alarmNameOf, type AlarmState, type AlarmStatus, type TriggeringChild } from "../alarm.ts";
import type { AlarmRecord } from "./alarm-record.ts";
import { type AlarmRule, alarmRuleCauses, alarmRuleHolds } from "./alarm-rule.ts";
import type { MetricAlarm, NewState } from "./metric-alarm.ts";
import { compositeReason } from "./state-reason.ts";

/**
 * Evaluates one metric alarm; gives its new state, or `undefined` while it stays as it is. What its data make
 * throw is kept in the record, for whoever evaluates to report, and touches neither its state nor any other
 * alarm.
 */
export function evaluateMetricAlarm(
  record: AlarmRecord,
  metric: MetricAlarm,
  nowMs: number,
): NewState | undefined {
  try {
    const verdict = metric.evaluate(nowMs);
    const stays = verdict === "retain" || verdict === record.status.state;
    const next = stays ? undefined : metric.explain(verdict, nowMs);
    if (record.failure !== undefined) delete record.failure;
    const state = metric.warmUp?.memory.over === false ? "IN_WARM_UP" : undefined;
    if (record.status.evaluationState !== state) setEvaluationState(record, state);
    if (stays) metric.holdSteady(nowMs);
    return next;
  } catch (error) {
    metric.stirUp();
    record.failure = { alarmName: record.definition.alarmName, error };
    setEvaluationState(record, "EVALUATION_ERROR");
    return undefined;
  }
}

function setEvaluationState(record: AlarmRecord, evaluationState: AlarmStatus["evaluationState"]): void {
  const status: { -readonly [Key in keyof AlarmStatus]: AlarmStatus[Key] } = { ...record.status };
  delete status.evaluationState;
  record.status = evaluationState === undefined ? status : { ...status, evaluationState };
}

/** One look at a composite alarm: which alarms have just changed, and where to find any of them. */
interface CompositeEvaluationContext {
  readonly changed: ReadonlySet<string>;
  readonly find: (alarmName: string) => AlarmRecord | undefined;
}

/** A composite's new state with the children that brought it about. */
export interface CompositeChange extends NewState {
  readonly triggeringChildren: readonly TriggeringChild[];
}

/**
 * Evaluates a composite alarm if it is new, was updated, or a child changed; `undefined` when its state
 * stays.
 */
export function evaluateCompositeAlarm(
  record: AlarmRecord,
  round: CompositeEvaluationContext,
): CompositeChange | undefined {
  const { composite } = record;
  if (composite === undefined) return undefined;
  const { rule, trigger = "children", ...part } = composite;
  const changed = part.children.filter((child) => round.changed.has(child));
  if (trigger === "children" && changed.length === 0) return undefined;
  record.composite = { rule, ...part };
  const state = ruleState(rule, round.find);
  if (state === record.status.state) return undefined;
  const names = trigger === "children" ? changed : causesOf(rule, { state, find: round.find });
  const children = triggeringChildren(names, round.find);
  const reason = compositeReason({ arn: record.arn, state, trigger, children });
  return { state, ...reason, triggeringChildren: children };
}

/**
 * The state that a new composite alarm has from the start, which is no transition while its rule does not
 * hold; `undefined` of a metric alarm, and while the rule holds: then the alarm goes off as any other.
 */
export function firstCompositeState(record: AlarmRecord, find: FindAlarm): NewState | undefined {
  const { composite } = record;
  if (composite?.trigger !== "created" || ruleState(composite.rule, find) !== "OK") return undefined;
  const { trigger, ...settled } = composite;
  record.composite = settled;
  return { state: "OK", ...compositeReason({ arn: record.arn, state: "OK", trigger, children: [] }) };
}

type FindAlarm = CompositeEvaluationContext["find"];

function ruleState(rule: AlarmRule, find: FindAlarm): AlarmState {
  const stateOf = (alarm: string): AlarmState =>
    find(alarmNameOf(alarm))?.status.state ?? "INSUFFICIENT_DATA";
  return alarmRuleHolds(rule, stateOf) ? "ALARM" : "OK";
}

/** The alarms in ALARM that a rule which holds speaks of; none while it does not hold. */
function causesOf(
  rule: AlarmRule,
  { state, find }: { readonly state: AlarmState; readonly find: FindAlarm },
): readonly string[] {
  if (state === "OK") return [];
  const names = new Set(alarmRuleCauses(rule).map(alarmNameOf));
  return [...names].filter((name) => find(name)?.status.state === "ALARM");
}

function triggeringChildren(names: readonly string[], find: FindAlarm): readonly TriggeringChild[] {
  return names.flatMap((name) => {
    const child = find(name);
    return child === undefined
      ? []
      : [{ arn: child.arn, state: child.status.state, timestampMs: child.status.stateTransitionedMs }];
  });
}

/**
 * The order in which composite alarms are evaluated: children first. Alarms in a cycle are left out, as
 * CloudWatch stops evaluating them.
 */
export function compositeEvaluationOrder(
  children: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const order = new Set<string>();
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const child of children.get(name) ?? []) visit(child);
    if (children.has(name) && !reaches(name, name, children)) order.add(name);
  };
  for (const name of children.keys()) visit(name);
  return [...order];
}

function reaches(from: string, target: string, children: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set<string>();
  const open = [...(children.get(from) ?? [])];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === target) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(children.get(name) ?? []));
  }
  return false;
}
