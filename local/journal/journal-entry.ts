import type { Queue } from "../assembly/queues.ts";
import type { SubscriptionState } from "../assembly/topics.ts";
import { InsightRuleError, parseInsightRule } from "@wrist-agent/cloudwatch/logs/insight-rule";
import { isJsonObject, parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { ALARM_STATES, type MuteRuleDefinition } from "@wrist-agent/cloudwatch/alarm";
import type { AlarmHistoryItem } from "@wrist-agent/cloudwatch/alarms/alarm-history";
import type { AlarmsSnapshot } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { InsightRule } from "@wrist-agent/cloudwatch/logs/contributor-insights";
import type { AnomalyDetector } from "@wrist-agent/cloudwatch/math/anomaly-detector";
import type { Datum } from "@wrist-agent/cloudwatch/metric";
import { FILTER_POLICY_SCOPES } from "@wrist-agent/cloudwatch/notifications/filter-policy";
import type { InvocationRecord, LogEvent, UrlRecord } from "../function/function-records.ts";
import {
  amount,
  either,
  flag,
  instant,
  isDatum,
  listOf,
  members,
  number,
  oneOf,
  optional,
  recordOf,
  type Shape,
  text,
} from "../json.ts";
import type { QueueMessage } from "../server/aws/sqs-messages.ts";
import { type Fault, faultKindOf, type Mail } from "../server/wire.ts";

/** One line of the journal: something that happened and must still be known after `kill -9`. */
export type JournalEntry =
  | { readonly kind: "log"; readonly atMs: number; readonly event: LogEvent }
  | { readonly kind: "invocation"; readonly atMs: number; readonly record: InvocationRecord }
  | { readonly kind: "url"; readonly atMs: number; readonly record: UrlRecord }
  | { readonly kind: "mail"; readonly atMs: number; readonly mail: Mail }
  | { readonly kind: "fault"; readonly atMs: number; readonly fault: Fault }
  | { readonly kind: "confirmed"; readonly atMs: number; readonly subscription: string }
  /** A subscription that the API made or changed; without its state somebody unsubscribed. */
  | {
      readonly kind: "subscription";
      readonly atMs: number;
      readonly subscriptionArn: string;
      readonly subscription?: SubscriptionState;
    }
  /** A topic that the API made or changed; without its state it was deleted. */
  | {
      readonly kind: "topic";
      readonly atMs: number;
      readonly topicArn: string;
      readonly topic?: { readonly displayName?: string };
    }
  /** A queue that the API made or changed; without its state it was deleted. */
  | { readonly kind: "queue"; readonly atMs: number; readonly queueArn: string; readonly queue?: Queue }
  /** A message that came into a queue; without the message it left. */
  | {
      readonly kind: "queue-message";
      readonly atMs: number;
      readonly queueArn: string;
      readonly messageId: string;
      readonly message?: QueueMessage;
    }
  /** Data that came by PutMetricData. */
  | {
      readonly kind: "metrics";
      readonly atMs: number;
      readonly region: string;
      readonly data: readonly Datum[];
    }
  /** All tags of an alarm or a dashboard, as they are from now on. */
  | {
      readonly kind: "tags";
      readonly atMs: number;
      readonly resourceArn: string;
      readonly tags: Readonly<Record<string, string>>;
    }
  /** A dashboard made through the API; without a body it was deleted. */
  | { readonly kind: "dashboard"; readonly atMs: number; readonly name: string; readonly body?: string }
  /** A mute rule made through the API; without the rule it was deleted. */
  | {
      readonly kind: "mute-rule";
      readonly atMs: number;
      readonly region: string;
      readonly name: string;
      readonly rule?: MuteRuleDefinition;
    }
  /** An anomaly detector made through the API; without it, it was deleted. */
  | {
      readonly kind: "anomaly-detector";
      readonly atMs: number;
      readonly region: string;
      readonly key: string;
      readonly detector?: AnomalyDetector;
    }
  /** A Contributor Insights rule made through the API; without it, it was deleted. */
  | {
      readonly kind: "insight-rule";
      readonly atMs: number;
      readonly region: string;
      readonly name: string;
      readonly rule?: InsightRule;
    }
  /** The alarms that the templates put at a start: the next start deletes those that have left them. */
  | {
      readonly kind: "stack-alarms";
      readonly atMs: number;
      readonly region: string;
      readonly alarmNames: readonly string[];
    }
  /** A schedule of the templates ran. */
  | { readonly kind: "schedule-run"; readonly atMs: number; readonly scheduleArn: string }
  /** A custom resource that its function made. */
  | {
      readonly kind: "custom-resource";
      readonly atMs: number;
      /** Missing where a release before 0.3 wrote it. */
      readonly region?: string;
      readonly stackName: string;
      readonly logicalId: string;
      readonly properties: Readonly<Record<string, unknown>>;
      readonly physicalId: string;
    }
  /** What is new of the alarms of a Region: their saved states and the history since the entry before. */
  | {
      readonly kind: "alarms";
      readonly atMs: number;
      readonly region: string;
      readonly alarms: readonly SavedAlarm[];
      /** Names of alarms that are gone; none when missing. */
      readonly deleted?: readonly string[];
      readonly history: readonly AlarmHistoryItem[];
    };

/** A saved alarm as the engine hands it out and takes it back. */
export type SavedAlarm = AlarmsSnapshot["alarms"][number];

const STATUS = members({
  alarmName: text,
  state: oneOf(ALARM_STATES),
  stateReason: text,
  stateReasonData: optional(text),
  stateUpdatedMs: instant,
  stateTransitionedMs: instant,
  configurationUpdatedMs: instant,
});

const ACTIONS = optional(listOf(text));

const DEFINITION = members({
  alarmName: text,
  alarmDescription: optional(text),
  actionsEnabled: optional(flag),
  okActions: ACTIONS,
  alarmActions: ACTIONS,
  insufficientDataActions: ACTIONS,
  dimensions: optional(recordOf(text)),
  metrics: optional(listOf(members({ id: text }))),
  alarmRule: optional(text),
});

const SAVED_ALARM = members({
  definition: DEFINITION,
  status: STATUS,
  createdMs: instant,
  warmUp: optional(members({ over: flag, firstDataMs: optional(number) })),
  trigger: optional(text),
  held: optional(members({ previous: STATUS })),
});

const HISTORY_ITEM = members({
  alarmName: text,
  alarmType: oneOf(["MetricAlarm", "CompositeAlarm"]),
  timestampMs: instant,
  historyItemType: oneOf(["ConfigurationUpdate", "StateUpdate", "Action"]),
  historySummary: text,
  historyData: text,
});

const MUTE_RULE = members({
  name: text,
  description: optional(text),
  expression: text,
  duration: text,
  timezone: optional(text),
  startMs: optional(instant),
  expireMs: optional(instant),
  updatedMs: optional(instant),
  alarmNames: listOf(text),
});

const METRIC = members({ namespace: text, metricName: text, dimensions: recordOf(text) });

const ANOMALY_DETECTOR = members({
  target: either(
    members({ kind: oneOf(["metric"]), metric: METRIC, stat: text }),
    members({ kind: oneOf(["math"]), queries: listOf(members({ id: text })) }),
  ),
  excludedRanges: listOf(members({ startMs: instant, endMs: instant })),
  timezone: optional(text),
  putMs: instant,
});

const INSIGHT_RULE = members({
  name: text,
  isEnabled: flag,
  definition: (value) => isInsightRule(value),
  sinceMs: instant,
});

const LOG_EVENT = members({ logGroupName: text, logStreamName: text, timestampMs: instant, message: text });

const INVOCATION = members({
  functionName: text,
  qualifier: text,
  executedVersion: text,
  requestId: text,
  startMs: instant,
  status: oneOf(["success", "error", "timeout", "throttled"]),
  durationMs: number,
  billedDurationMs: number,
  initDurationMs: optional(number),
  maxMemoryUsedMb: number,
  concurrentExecutions: number,
});

const URL_REQUEST = members({
  functionName: text,
  qualifier: text,
  executedVersion: text,
  requestId: optional(text),
  startMs: instant,
  latencyMs: number,
  status: number,
  method: text,
  path: text,
  isMarked: optional(flag),
});

const MAIL = members({
  id: text,
  timeMs: instant,
  from: text,
  to: text,
  subject: text,
  body: text,
  topicArn: text,
  alarmName: optional(text),
  firstFailedMs: optional(instant),
  firstFailedBy: optional(oneOf(["probe"])),
});

const QUEUE_MESSAGE = members({
  messageId: text,
  body: text,
  sentMs: instant,
  availableMs: instant,
  attributes: recordOf(members({ type: text, value: text })),
});

/** A definition that no rule can be made of would stop whoever reads it. */
function isInsightRule(definition: unknown): boolean {
  if (typeof definition !== "string") return false;
  try {
    parseInsightRule(definition);
    return true;
  } catch (error) {
    if (error instanceof InsightRuleError) return false;
    throw error;
  }
}

/** What every kind of entry must hold beside its kind and time. */
const SHAPES: Readonly<Record<JournalEntry["kind"], Shape>> = {
  log: members({ event: LOG_EVENT }),
  invocation: members({ record: INVOCATION }),
  url: members({ record: URL_REQUEST }),
  mail: members({ mail: MAIL }),
  fault: members({
    fault: members({
      kind: (kind) => faultKindOf(kind) !== undefined,
      rate: (rate) => amount(rate) && Number(rate) <= 1,
    }),
  }),
  confirmed: members({ subscription: text }),
  subscription: members({
    subscriptionArn: text,
    subscription: optional(
      members({
        subscriptionArn: text,
        topicArn: text,
        protocol: text,
        endpoint: text,
        filterPolicy: optional(text),
        filterPolicyScope: optional(oneOf(FILTER_POLICY_SCOPES)),
        rawMessageDelivery: optional(flag),
        origin: oneOf(["template", "api"]),
        pending: optional(members({ token: text, askedMs: instant })),
      }),
    ),
  }),
  topic: members({ topicArn: text, topic: optional(members({ displayName: optional(text) })) }),
  queue: members({
    queueArn: text,
    queue: optional(
      members({ queueArn: text, attributes: recordOf(text), createdMs: instant, modifiedMs: instant }),
    ),
  }),
  "queue-message": members({ queueArn: text, messageId: text, message: optional(QUEUE_MESSAGE) }),
  metrics: members({ region: text, data: listOf(isDatum) }),
  tags: members({ resourceArn: text, tags: recordOf(text) }),
  dashboard: members({ name: text, body: optional(text) }),
  "mute-rule": members({ region: text, name: text, rule: optional(MUTE_RULE) }),
  "anomaly-detector": members({ region: text, key: text, detector: optional(ANOMALY_DETECTOR) }),
  "insight-rule": members({ region: text, name: text, rule: optional(INSIGHT_RULE) }),
  "stack-alarms": members({ region: text, alarmNames: listOf(text) }),
  "schedule-run": members({ scheduleArn: text }),
  "custom-resource": members({
    region: optional(text),
    stackName: text,
    logicalId: text,
    properties: isJsonObject,
    physicalId: text,
  }),
  alarms: members({
    region: text,
    alarms: listOf(SAVED_ALARM),
    deleted: optional(listOf(text)),
    history: listOf(HISTORY_ITEM),
  }),
};

/** Reads one line as strictly as if a stranger had written it; `undefined` when it is not an entry. */
export function parseJournalEntry(line: string): JournalEntry | undefined {
  const value = parseJsonObject(line);
  if (value === undefined || !instant(value.atMs) || typeof value.kind !== "string") return undefined;
  if (!Object.hasOwn(SHAPES, value.kind)) return undefined;
  const entry = value as unknown as JournalEntry;
  return SHAPES[entry.kind](value) ? entry : undefined;
}
