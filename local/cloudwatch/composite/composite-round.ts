import type { AlarmState, TriggeringChild } from "../alarm-definition.ts";
import type { AlarmRecord } from "../alarm/alarm-record.ts";
import type { NewState } from "../evaluation/metric-alarm.ts";
import { alarmNameOf } from "../alarm/alarm-status.ts";
import { compositeReason } from "./composite-reason.ts";
import { ruleHolds } from "./rule-truth.ts";

/** One look at a composite alarm: which alarms have just changed, and where to find any of them. */
export interface CompositeRound {
  readonly changed: ReadonlySet<string>;
  readonly find: (alarmName: string) => AlarmRecord | undefined;
}

/** A composite's new state with the children that brought it about. */
export interface CompositeChange extends NewState {
  readonly triggeringChildren: readonly TriggeringChild[];
}

/** Evaluates a composite alarm if it is new, was updated, or a child changed; `undefined` when its state stays. */
export function evaluateComposite(record: AlarmRecord, round: CompositeRound): CompositeChange | undefined {
  const { composite } = record;
  if (composite === undefined) return undefined;
  const { rule, trigger = "children", ...part } = composite;
  const changed = part.children.filter((child) => round.changed.has(child));
  if (trigger === "children" && changed.length === 0) return undefined;
  record.composite = { rule, ...part };
  const stateOf = (alarm: string): AlarmState =>
    round.find(alarmNameOf(alarm))?.status.state ?? "INSUFFICIENT_DATA";
  const state = ruleHolds(rule, stateOf) ? "ALARM" : "OK";
  if (state === record.status.state) return undefined;
  const children = triggering(trigger === "children" ? changed : part.children, round);
  const reason = compositeReason({ arn: record.arn, state, trigger, children });
  return { state, ...reason, triggeringChildren: children };
}

function triggering(names: readonly string[], round: CompositeRound): readonly TriggeringChild[] {
  return names.flatMap((name) => {
    const child = round.find(name);
    return child === undefined
      ? []
      : [{ arn: child.arn, state: child.status.state, timestampMs: child.status.stateTransitionedMs }];
  });
}
