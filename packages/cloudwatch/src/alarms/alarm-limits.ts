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
import { parseJson } from "../json.ts";
import { partitionOf } from "../region.ts";
import type { AlarmRecord } from "./alarm-record.ts";
import { parseAlarmRule, ruleAlarms } from "./alarm-rule.ts";

/** Refuses a name, description or action list that no kind of alarm may have. */
export function checkAlarmBasics(alarm: AlarmBasics, home: AlarmHome): void {
  checkName(alarm.alarmName);
  if ((alarm.alarmDescription ?? "").length > 1024)
    throw constraintError("alarmDescription", "Member must have length less than or equal to 1024");
  for (const [list, name] of actionLists(alarm)) checkActions(list, { name, home });
}

function checkName(name: string): void {
  if (name.length < 1 || name.length > 255)
    throw constraintError("alarmName", "Member must have length less than or equal to 255");
  // oxlint-disable-next-line no-control-regex -- exactly the characters that AWS forbids
  if (/[\u0000-\u001f\u007f]/.test(name))
    throw new AlarmError("ValidationError", "AlarmName must not contain ASCII Control characters");
}

/** Refuses to make a metric alarm of a composite one, or the other way round. */
export function checkSameKind(existing: AlarmDefinition, definition: AlarmDefinition): void {
  if (isComposite(existing) === isComposite(definition)) return;
  const message = `AlarmName [${definition.alarmName}] is already used by another alarm of a different type`;
  throw new AlarmError("ValidationError", message);
}

/** Refuses one alarm more than the account may have. */
export function checkQuota(count: number, maxAlarms: number): void {
  if (count >= maxAlarms)
    throw new AlarmError("LimitExceeded", `The maximum limit of ${maxAlarms} alarms exceeded.`);
}

function actionLists(alarm: AlarmBasics): readonly (readonly [readonly string[], string])[] {
  return [
    [alarm.okActions ?? [], "oKActions"],
    [alarm.alarmActions ?? [], "alarmActions"],
    [alarm.insufficientDataActions ?? [], "insufficientDataActions"],
  ];
}

function checkActions(
  actions: readonly string[],
  { name, home }: { readonly name: string; readonly home: AlarmHome },
): void {
  if (actions.length > 5) throw constraintError(name, "Member must have length less than or equal to 5");
  const bad = actions.find((arn) => !ARN.test(arn));
  if (bad !== undefined) throw new AlarmError("ValidationError", `Invalid arn syntax: ${bad}`);
  const ownPartition = partitionOf(home.region);
  for (const arn of actions) {
    const [, partition = "", , region = ""] = arn.split(":");
    if (partition !== ownPartition)
      throw new AlarmError(
        "ValidationError",
        `Invalid partition ${partition} specified. Only ${ownPartition} is supported.`,
      );
    if (region !== "" && region !== home.region && !GLOBAL_ACTION.test(arn))
      throw new AlarmError(
        "ValidationError",
        `Invalid region ${region} specified. Only ${home.region} is supported.`,
      );
  }
}

const ARN = /^arn:[^:\s]+:[^:\s]+:[^:\s]*:[^:\s]*:\S+$/;

/** Actions of Systems Manager name the Region in which they act. */
const GLOBAL_ACTION = /^arn:[^:]+:(ssm|ssm-incidents|aiops):/;

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
  const { reasonData = "null" } = setting;
  if (reasonData.length > 4000)
    throw constraintError("stateReasonData", "Member must have length less than or equal to 4000");
  if (parseJson(reasonData) === undefined) throw new AlarmError("InvalidFormat", "");
}

/** What a composite alarm is checked against. */
interface CompositeAlarmContext {
  readonly home: AlarmHome;
  readonly exists: (alarmName: string) => boolean;
}

/** Refuses what PutCompositeAlarm refuses: a bad rule, alarms that are not there, half a suppressor. */
export function checkCompositeAlarm(alarm: CompositeAlarmDefinition, around: CompositeAlarmContext): void {
  const children = ruleAlarms(parseAlarmRule(alarm.alarmRule));
  for (const child of children) checkChild(child, { alarm, home: around.home });
  const missing = children.filter((name) => !around.exists(alarmNameOf(name)));
  if (missing.length > 0) {
    const arns = missing.map((name) => alarmArn(around.home, alarmNameOf(name))).join(", ");
    throw new AlarmError(
      "ValidationError",
      `Could not save the composite alarm as alarms [${arns}] in the alarm rule do not exist`,
    );
  }
  checkSuppressor(alarm, around);
}

/** Refuses a child that is the alarm itself, or lives elsewhere. */
function checkChild(
  child: string,
  { alarm, home }: { readonly alarm: CompositeAlarmDefinition; readonly home: AlarmHome },
): void {
  const [, , , region = home.region, accountId = home.accountId] = child.startsWith("arn:")
    ? child.split(":")
    : [];
  if (accountId !== home.accountId)
    throw new AlarmError(
      "ValidationError",
      "A composite alarm cannot have a child relation with alarms from another AWS account",
    );
  if (region !== home.region)
    throw new AlarmError(
      "ValidationError",
      `Error in AlarmRule [Wrong ARN region, it was ${region} but ${home.region} was expected instead]`,
    );
  if (alarmNameOf(child) === alarm.alarmName)
    throw new AlarmError(
      "ValidationError",
      "A composite alarm cannot have a child relation with itself via its AlarmRule, as it would introduce a circular dependency",
    );
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
    // A circle has no first one: whoever puts them learns which alarm does not exist.
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
 * Refuses a DeleteAlarms call that AWS refuses: too many names, two composites, or an alarm that a composite
 * needs. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
 */
export function checkDeletion(names: readonly string[], records: readonly AlarmRecord[]): void {
  if (names.length > 100)
    throw new AlarmError(
      "ValidationError",
      "DeleteAlarms takes at most 100 names: delete them in several calls",
    );
  if (names.some((name) => name.length < 1 || name.length > 255))
    throw new AlarmError(
      "ValidationError",
      `1 validation error detected: Value '[${names.join(", ")}]' at 'alarmNames' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or equal to 1]`,
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
