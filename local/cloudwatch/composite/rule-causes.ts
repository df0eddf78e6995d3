import type { AlarmRule } from "./alarm-rule.ts";

/**
 * The alarms whose being in ALARM helps a rule to hold, once each, as written.
 *
 * `NOT ALARM(x)` names no cause: the rule holds in spite of x. `NOT OK(x)` does.
 */
export function ruleCauses(rule: AlarmRule): readonly string[] {
  return [...new Set(causes(rule, "holds"))];
}

type Wanted = "holds" | "fails";

const OPPOSITE: Readonly<Record<Wanted, Wanted>> = { holds: "fails", fails: "holds" };

function causes(rule: AlarmRule, wanted: Wanted): readonly string[] {
  switch (rule.kind) {
    case "literal":
      return [];
    case "state":
      return helpsRaised(rule.state, wanted) ? [rule.alarm] : [];
    case "not":
      return causes(rule.of, OPPOSITE[wanted]);
    case "atLeast":
      return helpsRaised(rule.state, rule.negated ? OPPOSITE[wanted] : wanted) ? rule.alarms : [];
    default:
      return [...causes(rule.left, wanted), ...causes(rule.right, wanted)];
  }
}

/** Whether an alarm in ALARM is what makes "the alarm is in this state" come out as wanted. */
function helpsRaised(state: string, wanted: Wanted): boolean {
  return (state === "ALARM") === (wanted === "holds");
}
