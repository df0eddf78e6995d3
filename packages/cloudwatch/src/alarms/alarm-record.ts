import type {
  ActionsSuppressedBy,
  AlarmDefinition,
  AlarmStatus,
  CompositeAlarmDefinition,
  TriggeringChild,
} from "../alarm.ts";
import type { AlarmRule } from "./alarm-rule.ts";
import { parseAlarmRule, ruleAlarms } from "./alarm-rule.ts";
import type { CompositeTrigger } from "./state-reason.ts";
import type { EvaluationRange } from "./alarm-plan.ts";
import { MetricAlarm } from "./metric-alarm.ts";
import type { WarmUpMemory } from "./metric-alarm.ts";
import type { AlarmSource } from "./alarm-points.ts";
import { alarmArn, type AlarmHome, alarmNameOf, isComposite } from "../alarm.ts";

/** What holds a composite alarm's actions back. */
export interface Suppression {
  readonly by: ActionsSuppressedBy;
  /** End of a period, epoch milliseconds; missing while the suppressor itself is in ALARM. */
  readonly untilMs?: number;
}

/** Actions of the last change that have not run yet, and what holds them back. */
export interface HeldActions {
  readonly previous: AlarmStatus;
  readonly triggeringChildren?: readonly TriggeringChild[];
  readonly suppression?: Suppression;
  /** Held by a mute rule. */
  readonly muted?: true;
}

/** A composite alarm made ready for evaluation. */
export interface CompositeAlarm {
  readonly definition: CompositeAlarmDefinition;
  readonly rule: AlarmRule;
  /** Names of the alarms in the rule. */
  readonly children: readonly string[];
  readonly suppressor?: string;
  /** Set while the alarm must be evaluated although no child changed. */
  trigger?: CompositeTrigger;
}

/** An alarm that could not be evaluated, and what was thrown. */
export interface EvaluationFailure {
  readonly alarmName: string;
  readonly error: unknown;
}

/** An alarm with everything that is known of it. */
export interface AlarmRecord {
  readonly arn: string;
  readonly createdMs: number;
  definition: AlarmDefinition;
  status: AlarmStatus;
  metric?: MetricAlarm;
  composite?: CompositeAlarm;
  held?: HeldActions;
  /** Set while the last evaluation threw. */
  failure?: EvaluationFailure;
}

/** What of an alarm survives a restart, as plain JSON. */
export interface SavedAlarm {
  readonly definition: AlarmDefinition;
  readonly status: AlarmStatus;
  readonly createdMs: number;
  readonly warmUp?: WarmUpMemory;
  readonly trigger?: CompositeTrigger;
  readonly held?: HeldActions;
}

/** Where alarms live, what they read, and how much of it. */
export interface AlarmSetting extends AlarmHome {
  readonly source: AlarmSource;
  readonly range: EvaluationRange;
}

/** Brings an alarm to life, new or saved. */
export function alarmRecord(saved: SavedAlarm, setting: AlarmSetting): AlarmRecord {
  const { definition, status, createdMs, held } = saved;
  const arn = alarmArn(setting, definition.alarmName);
  const part = isComposite(definition)
    ? { composite: compositeAlarm(definition, saved.trigger) }
    : { metric: new MetricAlarm(definition, { ...setting, createdMs, ...warmUpOf(saved) }) };
  return { arn, createdMs, definition, status, ...part, ...(held === undefined ? {} : { held }) };
}

function warmUpOf({ warmUp }: SavedAlarm): { readonly warmUp?: WarmUpMemory } {
  return warmUp === undefined ? {} : { warmUp };
}

function compositeAlarm(definition: CompositeAlarmDefinition, trigger?: CompositeTrigger): CompositeAlarm {
  const rule = parseAlarmRule(definition.alarmRule);
  const { actionsSuppressor } = definition;
  return {
    definition,
    rule,
    children: [...new Set(ruleAlarms(rule).map(alarmNameOf))],
    ...(actionsSuppressor === undefined ? {} : { suppressor: alarmNameOf(actionsSuppressor) }),
    ...(trigger === undefined ? {} : { trigger }),
  };
}

/** What of an alarm must survive a restart. */
export function savedAlarm({
  definition,
  status,
  createdMs,
  metric,
  composite,
  held,
}: AlarmRecord): SavedAlarm {
  return {
    definition,
    status,
    createdMs,
    ...(metric?.warmUp === undefined ? {} : { warmUp: metric.warmUp.memory }),
    ...(composite?.trigger === undefined ? {} : { trigger: composite.trigger }),
    ...(held === undefined ? {} : { held }),
  };
}
