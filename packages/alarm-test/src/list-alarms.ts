import type { AlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { alarmCondition } from "@wrist-agent/cloudwatch/alarms/alarm-plan";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { alarmMetrics, metricText } from "./alarm-metrics.ts";
import { Simulation } from "./simulation.ts";
import type { ResourceHome, TemplateAlarm, TemplateAlarms, UnusableAlarm } from "./template-alarms.ts";

/**
 * The alarms as CloudWatch takes them: those that it would refuse are invalid, in its own words, like those
 * that cannot be read.
 */
export function createdAlarms(templates: TemplateAlarms): TemplateAlarms {
  const { alarms, muteRules } = templates;
  const simulation = new Simulation({ alarms, muteRules, store: () => new MetricStore(), startMs: 0 });
  const refused = simulation.invalid.map(unusable);
  const taken = alarms.filter((alarm) => !refused.some((each) => isSameResource(each, alarm)));
  const waiting = taken.filter((alarm) => !simulation.isRunning(alarm));
  return {
    ...templates,
    alarms: taken.filter((alarm) => simulation.isRunning(alarm)),
    muteRules: muteRules.filter((rule) => !refused.some((each) => isSameResource(each, rule))),
    invalid: [
      ...templates.invalid,
      ...refused,
      ...waiting.map((alarm) =>
        unusable({ ...alarm, reason: "it names an alarm that would not be created either" }),
      ),
    ],
  };
}

function unusable({ logicalId, stackName, region, accountId, reason }: UnusableAlarm): UnusableAlarm {
  return { logicalId, stackName, region, accountId, reason };
}

function isSameResource(one: ResourceHome, other: ResourceHome): boolean {
  return (
    one.logicalId === other.logicalId && one.stackName === other.stackName && one.region === other.region
  );
}

/** An alarm as `list` shows it. */
export interface ListedAlarm extends ResourceHome {
  readonly name: string;
  readonly condition: string;
  /** With dimensions, and the unit where the alarm asks for one. */
  readonly metrics: readonly string[];
  readonly actions: Readonly<Record<"ok" | "alarm" | "insufficientData", readonly string[]>>;
}

/** Everything that `list` shows. */
export interface AlarmList {
  readonly alarms: readonly ListedAlarm[];
  readonly muteRules: readonly (ResourceHome & {
    readonly name: string;
    readonly alarmNames: readonly string[];
  })[];
  readonly refused: readonly UnusableAlarm[];
  readonly invalid: readonly UnusableAlarm[];
  readonly absent: readonly UnusableAlarm[];
  readonly notices: readonly string[];
}

/**
 * Each alarm of the templates with its condition, metrics and actions, and those that cannot run with the
 * reason.
 */
export function listAlarms(templates: TemplateAlarms): AlarmList {
  const { refused, invalid, absent, notices } = templates;
  return {
    alarms: templates.alarms.map(listed),
    muteRules: templates.muteRules.map(({ rule, ...home }) => ({
      ...home,
      name: rule.name,
      alarmNames: rule.alarmNames,
    })),
    refused,
    invalid,
    absent,
    notices,
  };
}

function listed({ definition, ...home }: TemplateAlarm): ListedAlarm {
  const { okActions = [], alarmActions = [], insufficientDataActions = [] } = definition;
  return {
    ...home,
    name: definition.alarmName,
    condition: alarmCondition(definition),
    metrics: metricTexts(definition),
    actions: { ok: okActions, alarm: alarmActions, insufficientData: insufficientDataActions },
  };
}

function metricTexts(definition: AlarmDefinition): readonly string[] {
  return alarmMetrics(definition).map(
    ({ metric, unit }) => `${metricText(metric)}${unit === undefined ? "" : ` in ${unit}`}`,
  );
}

const ACTIONS = [
  ["alarm", "ALARM"],
  ["ok", "OK"],
  ["insufficientData", "INSUFFICIENT_DATA"],
] as const;

/** The list in lines of text. */
export function alarmListText(list: AlarmList): string {
  const unusable = [
    ...list.invalid.map((each) => unusableLine("would not be created", each)),
    ...list.refused.map((each) => unusableLine("cannot run", each)),
    ...list.absent.map((each) => unusableLine("is not created", each)),
  ];
  const rules = list.muteRules.map(
    ({ name, alarmNames }) => `${name}\n  mutes ${alarmNames.join(", ") || "nothing"}`,
  );
  const notices = list.notices.map((notice) => `note: ${notice}`);
  return [...list.alarms.map(alarmText), ...rules, ...unusable, ...notices].join("\n") || "no alarm";
}

function alarmText({ name, logicalId, stackName, region, condition, metrics, actions }: ListedAlarm): string {
  return [
    name,
    `  resource: ${logicalId} of ${stackName} in ${region}`,
    `  condition: ${condition}`,
    ...metrics.map((metric) => `  metric: ${metric}`),
    ...ACTIONS.flatMap(([key, state]) => actions[key].map((action) => `  on ${state}: ${action}`)),
  ].join("\n");
}

function unusableLine(words: string, { logicalId, stackName, reason }: UnusableAlarm): string {
  return `${logicalId} of ${stackName} ${words}: ${reason}`;
}
