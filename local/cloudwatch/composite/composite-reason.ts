import type { AlarmState, TriggeringChild } from "../alarm-definition.ts";
import { awsJson } from "../reason/aws-json.ts";
import { isoOffset, longDate } from "../reason/aws-text.ts";

/** Why a composite alarm is evaluated: it is new, was changed, or children changed. */
export type CompositeTrigger = "created" | "updated" | "children";

/** What a composite alarm's texts are made of. */
export interface CompositeJudgement {
  readonly arn: string;
  readonly state: AlarmState;
  readonly trigger: CompositeTrigger;
  readonly children: readonly TriggeringChild[];
}

/** StateReason and StateReasonData of a composite alarm, word for word as CloudWatch writes them. */
export function compositeReason(judgement: CompositeJudgement): {
  readonly stateReason: string;
  readonly stateReasonData: string;
} {
  const triggeringAlarms = judgement.children.map((child) => ({
    arn: child.arn,
    state: { value: child.state, timestamp: isoOffset(child.timestampMs) },
  }));
  return { stateReason: reason(judgement), stateReasonData: awsJson({ triggeringAlarms }) };
}

function reason({ arn, state, trigger, children }: CompositeJudgement): string {
  const [child] = children;
  if (trigger !== "children" || child === undefined)
    return `${arn} was ${trigger === "updated" ? "updated" : "created"} and its alarm rule evaluates to ${state}`;
  return `${child.arn} transitioned to ${child.state} at ${longDate(child.timestampMs)}`;
}
