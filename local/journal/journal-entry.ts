import type { Queue } from "../assembly/queues.ts";
import type { SubscriptionState } from "../assembly/topics.ts";
import type { MuteRuleDefinition } from "@wrist-agent/cloudwatch/alarm";
import type { AlarmHistoryItem } from "@wrist-agent/cloudwatch/alarms/alarm-history";
import type { AlarmsSnapshot } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { InsightRule } from "@wrist-agent/cloudwatch/logs/contributor-insights";
import type { AnomalyDetector } from "@wrist-agent/cloudwatch/math/anomaly-detector";
import type { Datum } from "@wrist-agent/cloudwatch/metric";
import type { InvocationRecord, LogEvent, UrlRecord } from "../function/function-records.ts";
import type { QueueMessage } from "../server/aws/sqs-messages.ts";
import type { Fault, Mail } from "../server/wire.ts";

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
