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
  amountShape,
  eitherShape,
  flagShape,
  instantShape,
  isDatum,
  listShape,
  objectShape,
  numberShape,
  oneOfShape,
  optionalShape,
  recordShape,
  type Shape,
  textShape,
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

const STATUS = objectShape({
  alarmName: textShape,
  state: oneOfShape(ALARM_STATES),
  stateReason: textShape,
  stateReasonData: optionalShape(textShape),
  stateUpdatedMs: instantShape,
  stateTransitionedMs: instantShape,
  configurationUpdatedMs: instantShape,
});

const ACTIONS = optionalShape(listShape(textShape));

const DEFINITION = objectShape({
  alarmName: textShape,
  alarmDescription: optionalShape(textShape),
  actionsEnabled: optionalShape(flagShape),
  okActions: ACTIONS,
  alarmActions: ACTIONS,
  insufficientDataActions: ACTIONS,
  dimensions: optionalShape(recordShape(textShape)),
  metrics: optionalShape(listShape(objectShape({ id: textShape }))),
  alarmRule: optionalShape(textShape),
});

const SAVED_ALARM = objectShape({
  definition: DEFINITION,
  status: STATUS,
  createdMs: instantShape,
  warmUp: optionalShape(objectShape({ over: flagShape, firstDataMs: optionalShape(numberShape) })),
  trigger: optionalShape(textShape),
  held: optionalShape(objectShape({ previous: STATUS })),
});

const HISTORY_ITEM = objectShape({
  alarmName: textShape,
  alarmType: oneOfShape(["MetricAlarm", "CompositeAlarm"]),
  timestampMs: instantShape,
  historyItemType: oneOfShape(["ConfigurationUpdate", "StateUpdate", "Action"]),
  historySummary: textShape,
  historyData: textShape,
});

const MUTE_RULE = objectShape({
  name: textShape,
  description: optionalShape(textShape),
  expression: textShape,
  duration: textShape,
  timezone: optionalShape(textShape),
  startMs: optionalShape(instantShape),
  expireMs: optionalShape(instantShape),
  updatedMs: optionalShape(instantShape),
  alarmNames: listShape(textShape),
});

const METRIC = objectShape({
  namespace: textShape,
  metricName: textShape,
  dimensions: recordShape(textShape),
});

const ANOMALY_DETECTOR = objectShape({
  target: eitherShape(
    objectShape({ kind: oneOfShape(["metric"]), metric: METRIC, stat: textShape }),
    objectShape({ kind: oneOfShape(["math"]), queries: listShape(objectShape({ id: textShape })) }),
  ),
  excludedRanges: listShape(objectShape({ startMs: instantShape, endMs: instantShape })),
  timezone: optionalShape(textShape),
  putMs: instantShape,
});

const INSIGHT_RULE = objectShape({
  name: textShape,
  isEnabled: flagShape,
  definition: (value) => isInsightRule(value),
  sinceMs: instantShape,
});

const LOG_EVENT = objectShape({
  logGroupName: textShape,
  logStreamName: textShape,
  timestampMs: instantShape,
  message: textShape,
});

const INVOCATION = objectShape({
  functionName: textShape,
  qualifier: textShape,
  executedVersion: textShape,
  requestId: textShape,
  startMs: instantShape,
  status: oneOfShape(["success", "error", "timeout", "throttled"]),
  durationMs: numberShape,
  billedDurationMs: numberShape,
  initDurationMs: optionalShape(numberShape),
  maxMemoryUsedMb: numberShape,
  concurrentExecutions: numberShape,
});

const URL_REQUEST = objectShape({
  functionName: textShape,
  qualifier: textShape,
  executedVersion: textShape,
  requestId: optionalShape(textShape),
  startMs: instantShape,
  latencyMs: numberShape,
  status: numberShape,
  method: textShape,
  path: textShape,
  isMarked: optionalShape(flagShape),
});

const MAIL = objectShape({
  id: textShape,
  timeMs: instantShape,
  from: textShape,
  to: textShape,
  subject: textShape,
  body: textShape,
  topicArn: textShape,
  alarmName: optionalShape(textShape),
  firstFailedMs: optionalShape(instantShape),
  firstFailedBy: optionalShape(oneOfShape(["probe"])),
});

const QUEUE_MESSAGE = objectShape({
  messageId: textShape,
  body: textShape,
  sentMs: instantShape,
  availableMs: instantShape,
  attributes: recordShape(objectShape({ type: textShape, value: textShape })),
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
  log: objectShape({ event: LOG_EVENT }),
  invocation: objectShape({ record: INVOCATION }),
  url: objectShape({ record: URL_REQUEST }),
  mail: objectShape({ mail: MAIL }),
  fault: objectShape({
    fault: objectShape({
      kind: (kind) => faultKindOf(kind) !== undefined,
      rate: (rate) => amountShape(rate) && Number(rate) <= 1,
    }),
  }),
  confirmed: objectShape({ subscription: textShape }),
  subscription: objectShape({
    subscriptionArn: textShape,
    subscription: optionalShape(
      objectShape({
        subscriptionArn: textShape,
        topicArn: textShape,
        protocol: textShape,
        endpoint: textShape,
        filterPolicy: optionalShape(textShape),
        filterPolicyScope: optionalShape(oneOfShape(FILTER_POLICY_SCOPES)),
        rawMessageDelivery: optionalShape(flagShape),
        origin: oneOfShape(["template", "api"]),
        pending: optionalShape(objectShape({ token: textShape, askedMs: instantShape })),
      }),
    ),
  }),
  topic: objectShape({
    topicArn: textShape,
    topic: optionalShape(objectShape({ displayName: optionalShape(textShape) })),
  }),
  queue: objectShape({
    queueArn: textShape,
    queue: optionalShape(
      objectShape({
        queueArn: textShape,
        attributes: recordShape(textShape),
        createdMs: instantShape,
        modifiedMs: instantShape,
      }),
    ),
  }),
  "queue-message": objectShape({
    queueArn: textShape,
    messageId: textShape,
    message: optionalShape(QUEUE_MESSAGE),
  }),
  metrics: objectShape({ region: textShape, data: listShape(isDatum) }),
  tags: objectShape({ resourceArn: textShape, tags: recordShape(textShape) }),
  dashboard: objectShape({ name: textShape, body: optionalShape(textShape) }),
  "mute-rule": objectShape({ region: textShape, name: textShape, rule: optionalShape(MUTE_RULE) }),
  "anomaly-detector": objectShape({
    region: textShape,
    key: textShape,
    detector: optionalShape(ANOMALY_DETECTOR),
  }),
  "insight-rule": objectShape({ region: textShape, name: textShape, rule: optionalShape(INSIGHT_RULE) }),
  "stack-alarms": objectShape({ region: textShape, alarmNames: listShape(textShape) }),
  "schedule-run": objectShape({ scheduleArn: textShape }),
  "custom-resource": objectShape({
    region: optionalShape(textShape),
    stackName: textShape,
    logicalId: textShape,
    properties: isJsonObject,
    physicalId: textShape,
  }),
  alarms: objectShape({
    region: textShape,
    alarms: listShape(SAVED_ALARM),
    deleted: optionalShape(listShape(textShape)),
    history: listShape(HISTORY_ITEM),
  }),
};

/** Reads one line as strictly as if a stranger had written it; `undefined` when it is not an entry. */
export function parseJournalEntry(line: string): JournalEntry | undefined {
  const value = parseJsonObject(line);
  if (value === undefined || !instantShape(value.atMs) || typeof value.kind !== "string") return undefined;
  if (!Object.hasOwn(SHAPES, value.kind)) return undefined;
  const entry = value as unknown as JournalEntry;
  return SHAPES[entry.kind](value) ? entry : undefined;
}
