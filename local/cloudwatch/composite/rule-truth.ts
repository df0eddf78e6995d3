import type { AlarmState } from "../alarm-definition.ts";
import type { AlarmRule } from "./alarm-rule.ts";

/** Whether a rule holds, given the state of each alarm that it names; an alarm that is gone has no data. */
export function ruleHolds(rule: AlarmRule, stateOf: (alarm: string) => AlarmState): boolean {
  switch (rule.kind) {
    case "literal":
      return rule.value;
    case "state":
      return stateOf(rule.alarm) === rule.state;
    case "not":
      return !ruleHolds(rule.of, stateOf);
    case "and":
      return ruleHolds(rule.left, stateOf) && ruleHolds(rule.right, stateOf);
    case "or":
      return ruleHolds(rule.left, stateOf) || ruleHolds(rule.right, stateOf);
    case "atLeast":
      return (
        rule.alarms.filter((alarm) => (stateOf(alarm) === rule.state) !== rule.negated).length >= rule.count
      );
  }
}
