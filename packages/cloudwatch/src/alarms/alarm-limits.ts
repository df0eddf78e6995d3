import {
  alarmArn,
  type AlarmBasics,
  type AlarmDefinition,
  AlarmError,
  type AlarmHome,
  alarmNameOf,
  type AlarmState,
  type CompositeAlarmDefinition,
  isComposite,
} from "../alarm.ts";
import type { AlarmRecord } from "./alarm-record.ts";
import { parseAlarmRule, ruleAlarms } from "./alarm-rule.ts";

/** Refuses a name, description or action list that no kind of alarm may have. */
export function checkAlarmBasics(alarm: AlarmBasics): void {
  if (!isName(alarm.alarmName))
    throw constraintError("alarmName", "Member must have length less than or equal to 255");
  if ((alarm.alarmDescription ?? "").length > 1024)
    throw constraintError("alarmDescription", "Member must have length less than or equal to 1024");
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
  if (actions.length > 5) throw constraintError(name, "Member must have length less than or equal to 5");
  const bad = actions.find((arn) => !arn.startsWith("arn:"));
  if (bad !== undefined) throw new AlarmError("ValidationError", `Invalid arn syntax: ${bad}`);
}

/** The text in which AWS refuses a single value. */
function constraintError(member: string, rule: string): AlarmError {
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
    throw constraintError("stateReason", "Member must have length less than or equal to 1023");
  if ((setting.reasonData ?? "").length > 4000)
    throw constraintError("stateReasonData", "Member must have length less than or equal to 4000");
}

/** What a composite alarm is checked against. */
interface CompositeAlarmContext {
  readonly home: AlarmHome;
  readonly exists: (alarmName: string) => boolean;
}

/** Refuses what PutCompositeAlarm refuses: a bad rule, alarms that are not there, half a suppressor. */
export function checkCompositeAlarm(alarm: CompositeAlarmDefinition, around: CompositeAlarmContext): void {
  const missing = ruleAlarms(parseAlarmRule(alarm.alarmRule)).filter(
    (name) => !around.exists(alarmNameOf(name)) && alarmNameOf(name) !== alarm.alarmName,
  );
  if (missing.length > 0) {
    const arns = missing.map((name) => alarmArn(around.home, alarmNameOf(name))).join(", ");
    throw new AlarmError(
      "ValidationError",
      `Could not save the composite alarm as alarms [${arns}] in the alarm rule do not exist`,
    );
  }
  checkSuppressor(alarm, around);
}

function checkSuppressor(alarm: CompositeAlarmDefinition, { exists }: CompositeAlarmContext): void {
  const { actionsSuppressor: suppressor } = alarm;
  const periods = [alarm.actionsSuppressorWaitPeriodSeconds, alarm.actionsSuppressorExtensionPeriodSeconds];
  const given = periods.filter((period) => period !== undefined).length;
  if (suppressor === undefined ? given > 0 : given < 2)
    throw new AlarmError(
      "ValidationError",
      "ActionsSuppressor, ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod must be specified together",
    );
  if (suppressor !== undefined && !exists(alarmNameOf(suppressor)))
    throw new AlarmError(
      "ValidationError",
      `ActionsSuppressor "${suppressor}" does not exist: create it first`,
    );
}

/** Puts metric alarms first, then each composite after the alarms that it names. */
export function orderForPut(definitions: readonly AlarmDefinition[]): readonly AlarmDefinition[] {
  const ordered: AlarmDefinition[] = definitions.filter((alarm) => !isComposite(alarm));
  let open = definitions.filter(isComposite);
  while (open.length > 0) {
    const waiting = new Set(open.map((alarm) => alarm.alarmName));
    const ready = open.filter((alarm) => !references(alarm).some((name) => waiting.has(name)));
    // A circle has no first one: whoever puts them will be told which alarm does not exist.
    if (ready.length === 0) return [...ordered, ...open];
    ordered.push(...ready);
    open = open.filter((alarm) => !ready.includes(alarm));
  }
  return ordered;
}

function references(alarm: CompositeAlarmDefinition): readonly string[] {
  const { actionsSuppressor: suppressor } = alarm;
  const names = ruleAlarms(parseAlarmRule(alarm.alarmRule));
  return [...names, ...(suppressor === undefined ? [] : [suppressor])]
    .map(alarmNameOf)
    .filter((name) => name !== alarm.alarmName);
}

/**
 * Refuses a DeleteAlarms call that AWS refuses: too many names, two composites, or an alarm that a composite needs.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
 */
export function checkDeletion(names: readonly string[], records: readonly AlarmRecord[]): void {
  if (names.length > 100)
    throw new AlarmError(
      "ValidationError",
      "DeleteAlarms takes at most 100 names: delete them in several calls",
    );
  const going = records.filter((record) => names.includes(record.definition.alarmName));
  if (going.filter((record) => record.composite !== undefined).length > 1)
    throw new AlarmError(
      "ValidationError",
      "DeleteAlarms takes at most one composite alarm: delete them one by one",
    );
  const staying = records.filter((record) => !going.includes(record));
  const needed = going.find(({ definition }) =>
    staying.some((record) => isNeededBy(definition.alarmName, record)),
  );
  if (needed !== undefined)
    throw new AlarmError(
      "ValidationError",
      `Cannot delete ${needed.arn} as there are composite alarm(s) depending on it.`,
    );
}

function isNeededBy(alarmName: string, { composite }: AlarmRecord): boolean {
  return composite?.children.includes(alarmName) === true || composite?.suppressor === alarmName;
}
