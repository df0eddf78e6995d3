import type { AlarmDefinition, CompositeAlarmDefinition } from "../alarm-definition.ts";
import { AlarmError } from "../alarm/alarm-error.ts";
import { alarmArn, type AlarmHome, alarmNameOf, isComposite } from "../alarm/alarm-status.ts";
import { parseAlarmRule, ruleAlarms } from "./alarm-rule.ts";

/** What a composite alarm is checked against. */
export interface Surroundings {
  readonly home: AlarmHome;
  readonly exists: (alarmName: string) => boolean;
}

/** Refuses what PutCompositeAlarm refuses: a bad rule, alarms that are not there, half a suppressor. */
export function checkCompositeAlarm(alarm: CompositeAlarmDefinition, around: Surroundings): void {
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

function checkSuppressor(alarm: CompositeAlarmDefinition, { exists }: Surroundings): void {
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
export function inPutOrder(definitions: readonly AlarmDefinition[]): readonly AlarmDefinition[] {
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
