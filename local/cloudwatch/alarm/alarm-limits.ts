import type { AlarmBasics, AlarmState } from "../alarm-definition.ts";
import { AlarmError } from "./alarm-error.ts";

/** Refuses a name, description or action list that no kind of alarm may have. */
export function checkBasics(alarm: AlarmBasics): void {
  if (!isName(alarm.alarmName))
    throw constraint("alarmName", "Member must have length less than or equal to 255");
  if ((alarm.alarmDescription ?? "").length > 1024)
    throw constraint("alarmDescription", "Member must have length less than or equal to 1024");
  for (const [list, name] of actionLists(alarm)) checkActions(list, name);
}

function isName(name: string): boolean {
  // oxlint-disable-next-line no-control-regex -- exactly the characters that AWS forbids
  return name.length >= 1 && name.length <= 255 && !/[\u0000-\u001f\u007f]/.test(name);
}

function actionLists(alarm: AlarmBasics): readonly (readonly [readonly string[], string])[] {
  return [
    [alarm.okActions ?? [], "oKActions"],
    [alarm.alarmActions ?? [], "alarmActions"],
    [alarm.insufficientDataActions ?? [], "insufficientDataActions"],
  ];
}

function checkActions(actions: readonly string[], name: string): void {
  if (actions.length > 5) throw constraint(name, "Member must have length less than or equal to 5");
  const bad = actions.find((arn) => !arn.startsWith("arn:"));
  if (bad !== undefined) throw new AlarmError("ValidationError", `Invalid arn syntax: ${bad}`);
}

/** The text in which AWS refuses a single value. */
export function constraint(member: string, rule: string): AlarmError {
  return new AlarmError(
    "ValidationError",
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${rule}`,
  );
}

/** A SetAlarmState call. */
export interface StateSetting {
  readonly state: AlarmState;
  readonly reason: string;
  /** JSON text; none when missing. */
  readonly reasonData?: string;
}

const STATES: readonly string[] = ["INSUFFICIENT_DATA", "ALARM", "OK"];

/** Refuses a SetAlarmState call that AWS refuses. */
export function checkStateSetting(setting: StateSetting): void {
  if (!STATES.includes(setting.state))
    throw new AlarmError(
      "ValidationError",
      `1 validation error detected: Value '${setting.state}' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [${STATES.join(", ")}]`,
    );
  if (setting.reason.length > 1023)
    throw constraint("stateReason", "Member must have length less than or equal to 1023");
  if ((setting.reasonData ?? "").length > 4000)
    throw constraint("stateReasonData", "Member must have length less than or equal to 4000");
}
