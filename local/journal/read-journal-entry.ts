import { ALARM_STATES } from "@wrist-agent/cloudwatch/alarm";
import { isJsonObject, parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { InsightRuleError, parseInsightRule } from "@wrist-agent/cloudwatch/logs/insight-rule";
import { FILTER_POLICY_SCOPES } from "@wrist-agent/cloudwatch/notifications/filter-policy";
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
import { faultKindOf } from "../server/wire.ts";
import type { JournalEntry } from "./journal-entry.ts";

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
