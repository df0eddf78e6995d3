import {
  type AlarmDefinition,
  AlarmError,
  alarmNameOf,
  isComposite,
  type MuteRuleDefinition,
} from "@wrist-agent/cloudwatch/alarm";
import { parseAlarmRule, ruleAlarms } from "@wrist-agent/cloudwatch/alarms/alarm-rule";
import { compositeAlarmOf, metricAlarmOf, muteRuleOf } from "./cloudwatch-resources.ts";
import type { ResolvedResource, ResolvedStack } from "./resolved-stack.ts";
import { AssemblyError, InvalidResourceError } from "./template.ts";

/** Where a resource of a template is. */
export interface ResourceHome {
  readonly logicalId: string;
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
}

/** An alarm of the templates, ready to run. */
export interface TemplateAlarm extends ResourceHome {
  readonly definition: AlarmDefinition;
}

/** An alarm that does not run, and why. */
export interface UnusableAlarm extends ResourceHome {
  readonly reason: string;
}

/** A mute rule of the templates. */
export interface TemplateMuteRule extends ResourceHome {
  readonly rule: MuteRuleDefinition;
}

/** Everything that templates say of alarms. */
export interface TemplateAlarms {
  readonly stacks: readonly ResolvedStack[];
  readonly alarms: readonly TemplateAlarm[];
  readonly muteRules: readonly TemplateMuteRule[];
  /** Alarms that need something that only AWS knows, or that are of an unsupported kind. */
  readonly refused: readonly UnusableAlarm[];
  /** Alarms that CloudFormation would not create. */
  readonly invalid: readonly UnusableAlarm[];
  /** Alarms that a false condition leaves out. */
  readonly absent: readonly UnusableAlarm[];
  /** Parts of the templates that were not read, by name. */
  readonly notices: readonly string[];
}

interface Collected {
  readonly alarms: TemplateAlarm[];
  readonly muteRules: TemplateMuteRule[];
  readonly refused: UnusableAlarm[];
  readonly invalid: UnusableAlarm[];
}

const KINDS: Readonly<Record<string, (resource: ResolvedResource, into: Collected) => void>> = {
  "AWS::CloudWatch::Alarm": (resource, { alarms }) => {
    alarms.push({ ...homeOf(resource), definition: metricAlarmOf(resource, "any account") });
  },
  "AWS::CloudWatch::CompositeAlarm": (resource, { alarms }) => {
    alarms.push({ ...homeOf(resource), definition: compositeAlarmOf(resource) });
  },
  "AWS::CloudWatch::AlarmMuteRule": (resource, { muteRules }) => {
    muteRules.push({ ...homeOf(resource), rule: muteRuleOf(resource) });
  },
  "AWS::CloudWatch::LogAlarm": () => {
    throw new AssemblyError(
      "AWS::CloudWatch::LogAlarm is not supported: its query runs over logs, and a test has metrics",
    );
  },
};

/** Reads the alarms and mute rules of stacks; one that cannot be read stops no other. */
export function templateAlarms(
  stacks: readonly ResolvedStack[],
  notices: readonly string[] = [],
): TemplateAlarms {
  const into: Collected = { alarms: [], muteRules: [], refused: [], invalid: [] };
  for (const stack of stacks) for (const resource of stack.resources) collect(resource, into);
  return { stacks, ...withoutOrphans(into), absent: stacks.flatMap(absentAlarms), notices };
}

function collect(resource: ResolvedResource, into: Collected): void {
  try {
    KINDS[resource.type]?.(resource, into);
  } catch (error) {
    if (!(error instanceof AssemblyError)) throw error;
    const list = error instanceof InvalidResourceError ? into.invalid : into.refused;
    list.push({ ...homeOf(resource), reason: error.message });
  }
}

function homeOf({ logicalId, stackName, region, accountId }: ResourceHome): ResourceHome {
  return { logicalId, stackName, region, accountId };
}

function absentAlarms(stack: ResolvedStack): readonly UnusableAlarm[] {
  return stack.absent
    .filter(({ type }) => KINDS[type] !== undefined)
    .map(({ logicalId, condition }) => ({
      ...homeOf({ ...stack, logicalId }),
      reason: `condition ${condition} is false: give the parameters that make it true`,
    }));
}

/** Composites that name alarms which are not there: how those stand cannot be known. */
function withoutOrphans(collected: Collected): Collected {
  const { alarms, refused } = collected;
  const orphan = alarms.find((alarm) => missingChild(alarm, alarms) !== undefined);
  if (orphan === undefined) return collected;
  const { definition: _definition, ...home } = orphan;
  const child = missingChild(orphan, alarms) ?? "";
  const reason = `it names the alarm "${child}", which the templates do not hold or which cannot run: give its template too`;
  return withoutOrphans({
    ...collected,
    alarms: alarms.filter((alarm) => alarm !== orphan),
    refused: [...refused, { ...home, reason }],
  });
}

function missingChild(alarm: TemplateAlarm, alarms: readonly TemplateAlarm[]): string | undefined {
  const names = new Set(
    alarms.filter((each) => isSameHome(each, alarm)).map((each) => each.definition.alarmName),
  );
  return alarmChildren(alarm.definition).find(
    (name) => !names.has(name) && name !== alarm.definition.alarmName,
  );
}

/** The alarms that a composite is made of or held back by, by name; none of a metric alarm. */
export function alarmChildren(definition: AlarmDefinition): readonly string[] {
  if (!isComposite(definition)) return [];
  const { alarmRule, actionsSuppressor } = definition;
  const suppressors = actionsSuppressor === undefined ? [] : [actionsSuppressor];
  try {
    return [...ruleAlarms(parseAlarmRule(alarmRule)), ...suppressors].map(alarmNameOf);
  } catch (error) {
    // A bad rule is refused in CloudWatch's words when the alarm is put.
    if (error instanceof AlarmError) return [];
    throw error;
  }
}

/** Whether two resources live in one account and Region. */
export function isSameHome(
  a: Pick<ResourceHome, "region" | "accountId">,
  b: Pick<ResourceHome, "region" | "accountId">,
): boolean {
  return a.region === b.region && a.accountId === b.accountId;
}

/** The wanted alarms, and those that composites among them are made of or held back by. */
export function alarmsWithChildren(
  alarms: readonly TemplateAlarm[],
  wanted: ReadonlySet<string>,
): readonly TemplateAlarm[] {
  const names = new Set(wanted);
  for (const name of names)
    for (const { definition } of alarms.filter((alarm) => alarm.definition.alarmName === name))
      for (const child of alarmChildren(definition)) names.add(child);
  return alarms.filter(({ definition }) => names.has(definition.alarmName));
}

/** What a name can mean: one alarm, or why it is none. */
export type FoundAlarm = { readonly alarm: TemplateAlarm } | { readonly problem: string };

/**
 * Finds an alarm by its AlarmName, its logical id, its ARN, or `Stack/LogicalId` where several stacks have
 * it.
 */
export function findAlarm(templates: TemplateAlarms, reference: string): FoundAlarm {
  const name = alarmNameOf(reference);
  const matches = templates.alarms.filter((alarm) => isNamed(alarm, name));
  const byName = matches.filter(({ definition }) => definition.alarmName === name);
  const [alarm, ...others] = byName.length > 0 ? byName : matches;
  if (alarm !== undefined && others.length === 0) return { alarm };
  if (alarm !== undefined) return { problem: ambiguous(name, [alarm, ...others]) };
  return { problem: unusable(templates, name) ?? unknownAlarm(templates, name) };
}

function isNamed(alarm: TemplateAlarm, name: string): boolean {
  return alarm.definition.alarmName === name || hasId(alarm, name);
}

function hasId({ logicalId, stackName, region }: ResourceHome, name: string): boolean {
  return [logicalId, `${stackName}/${logicalId}`, `${region}/${stackName}/${logicalId}`].includes(name);
}

function ambiguous(name: string, alarms: readonly TemplateAlarm[]): string {
  const stacks = new Set(alarms.map(({ stackName }) => stackName));
  const places = alarms.map(({ logicalId, stackName, region }) =>
    stacks.size === alarms.length ? `${stackName}/${logicalId}` : `${region}/${stackName}/${logicalId}`,
  );
  return `several alarms are named "${name}": write ${places.join(" or ")}`;
}

const UNUSABLE = [
  ["invalid", "would not be created by CloudFormation"],
  ["refused", "cannot run"],
  ["absent", "is not created"],
] as const;

function unusable(templates: TemplateAlarms, name: string): string | undefined {
  for (const [list, words] of UNUSABLE) {
    const found = templates[list].find((alarm) => hasId(alarm, name));
    if (found !== undefined)
      return `alarm ${found.logicalId} of ${found.stackName} ${words}: ${found.reason}`;
  }
  return undefined;
}

function unknownAlarm({ alarms, refused }: TemplateAlarms, name: string): string {
  const known = alarms.map(({ definition }) => definition.alarmName);
  const shown = known.length > 20 ? [...known.slice(0, 20), `${known.length - 20} more (see list)`] : known;
  const others = refused.map(({ logicalId, reason }) => `; ${logicalId} cannot run: ${reason}`).slice(0, 5);
  return `no alarm is named "${name}": the templates hold ${shown.join(", ") || "none"}${others.join("")}`;
}
