import { alarmNameOf, type MuteRuleDefinition } from "@wrist-agent/cloudwatch/alarm";
import {
  isOneTimeMuteRule,
  MUTE_RULE_STATUSES,
  muteRuleStatus,
} from "@wrist-agent/cloudwatch/alarms/mute-rules";
import { withoutUndefined } from "@wrist-agent/cloudwatch/read-definition";
import { partitionOf } from "@wrist-agent/cloudwatch/region";
import { checkMaxRecords, type InputReader, pageOfItems } from "./cloudwatch-input.ts";
import type { RegionAlarms } from "./cloudwatch-ports.ts";
import { AwsError } from "./service.ts";

/** Structures of the operations on mute rules. */
export const MUTE_RULE_STRUCTURES = {
  AlarmMuteRuleSummary: {
    AlarmMuteRuleArn: "string",
    ExpireDate: "timestamp",
    Status: "string",
    MuteType: "string",
    LastUpdatedTimestamp: "timestamp",
  },
  MuteSchedule: { Expression: "string", Duration: "string", Timezone: "string" },
  MuteRule: { Schedule: "MuteSchedule" },
  MuteTargets: { AlarmNames: "string[]" },
} as const;

/** What the operations on mute rules take and answer. */
export const MUTE_RULE_OPERATIONS = {
  PutAlarmMuteRule: {
    input: {
      Name: "string",
      Description: "string",
      Rule: "MuteRule",
      MuteTargets: "MuteTargets",
      Tags: "Tag[]",
      StartDate: "timestamp",
      ExpireDate: "timestamp",
    },
  },
  GetAlarmMuteRule: {
    input: { AlarmMuteRuleName: "string" },
    output: {
      Name: "string",
      AlarmMuteRuleArn: "string",
      Description: "string",
      Rule: "MuteRule",
      MuteTargets: "MuteTargets",
      StartDate: "timestamp",
      ExpireDate: "timestamp",
      Status: "string",
      LastUpdatedTimestamp: "timestamp",
      MuteType: "string",
    },
  },
  ListAlarmMuteRules: {
    input: { AlarmName: "string", Statuses: "string[]", MaxRecords: "integer", NextToken: "string" },
    output: { AlarmMuteRuleSummaries: "AlarmMuteRuleSummary[]", NextToken: "string" },
  },
  DeleteAlarmMuteRule: { input: { AlarmMuteRuleName: "string" } },
} as const;

/** Where and when a call reads mute rules. */
export interface MuteRuleHome {
  readonly region: string;
  readonly accountId: string;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** A mute rule's ARN. */
export function muteRuleArn({ region, accountId }: Omit<MuteRuleHome, "nowMs">, name: string): string {
  return `arn:${partitionOf(region)}:cloudwatch:${region}:${accountId}:alarm-mute-rule:${name}`;
}

/** Reads a PutAlarmMuteRule request; the engine checks what it asks for. */
export function muteRuleInput(read: InputReader): MuteRuleDefinition {
  const rule = read.required("Rule", read.object("Rule"));
  const schedule = rule.required("Schedule", rule.object("Schedule"));
  const targets = read.object("MuteTargets")?.texts("AlarmNames") ?? [];
  return withoutUndefined<MuteRuleDefinition>({
    name: read.required("Name", read.text("Name")),
    description: read.text("Description"),
    expression: schedule.required("Expression", schedule.text("Expression")),
    duration: schedule.required("Duration", schedule.text("Duration")),
    timezone: schedule.text("Timezone"),
    startMs: read.time("StartDate"),
    expireMs: read.time("ExpireDate"),
    alarmNames: targets.map(alarmNameOf),
  });
}

/** The name of the rule that a call is about. */
export function muteRuleNameIn(read: InputReader): string {
  return read.required("AlarmMuteRuleName", read.text("AlarmMuteRuleName"));
}

/** One rule in full. */
export function getAlarmMuteRule(alarms: RegionAlarms, read: InputReader, home: MuteRuleHome): object {
  const name = muteRuleNameIn(read);
  const rule = alarms.muteRules().find((each) => each.name === name);
  if (rule === undefined)
    throw new AwsError("ResourceNotFoundException", `Alarm mute rule ${name} does not exist`, 404);
  const { description, expression, duration, timezone = "UTC", startMs, alarmNames } = rule;
  return {
    Name: name,
    ...(description !== undefined && { Description: description }),
    Rule: { Schedule: { Expression: expression, Duration: duration, Timezone: timezone } },
    MuteTargets: { AlarmNames: alarmNames },
    ...(startMs !== undefined && { StartDate: startMs / 1000 }),
    ...muteRuleView(rule, home),
  };
}

const DEFAULT_PAGE = 50;
const MAX_PAGE = 100;

/** Rules by alarm and status, in the order of their names. */
export function listAlarmMuteRules(alarms: RegionAlarms, read: InputReader, home: MuteRuleHome): object {
  const statuses = statusesIn(read);
  const alarmName = read.text("AlarmName");
  const found = alarms
    .muteRules()
    .filter((rule) => alarmName === undefined || rule.alarmNames.includes(alarmName))
    .filter((rule) => statuses.includes(muteRuleStatus(rule, home.nowMs)))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  checkMaxRecords(read, MAX_PAGE);
  const { items, ...next } = pageOfItems(found, read, DEFAULT_PAGE);
  return { AlarmMuteRuleSummaries: items.map((rule) => muteRuleView(rule, home)), ...next };
}

function statusesIn(read: InputReader): readonly string[] {
  const statuses = read.texts("Statuses") ?? MUTE_RULE_STATUSES;
  const known: readonly string[] = MUTE_RULE_STATUSES;
  const wrong = statuses.find((status) => !known.includes(status));
  if (wrong === undefined) return statuses;
  throw new AwsError(
    "ValidationError",
    `1 validation error detected: Value '[${wrong}]' at 'statuses' failed to satisfy constraint: Member must satisfy enum value set: [${known.join(", ")}]`,
  );
}

/** What a list says of a rule, and a rule in full as well. */
function muteRuleView(rule: MuteRuleDefinition, home: MuteRuleHome): object {
  const { expireMs, updatedMs } = rule;
  return {
    AlarmMuteRuleArn: muteRuleArn(home, rule.name),
    ...(expireMs !== undefined && { ExpireDate: expireMs / 1000 }),
    Status: muteRuleStatus(rule, home.nowMs),
    ...(updatedMs !== undefined && { LastUpdatedTimestamp: updatedMs / 1000 }),
    MuteType: isOneTimeMuteRule(rule) ? "ONE_TIME" : "RECURRING",
  };
}
