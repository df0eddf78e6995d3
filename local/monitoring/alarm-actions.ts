import type { Queue } from "../assembly/queues.ts";
import type { Subscription, Topic } from "../assembly/topics.ts";
import type { AlarmDefinition } from "@wrist-agent/cloudwatch/alarm";

/** Topics, who hears of them, and which functions run. */
export interface Subscribers {
  readonly topics: readonly Topic[];
  readonly subscriptions: readonly Subscription[];
  /** Whether an ARN means a function, version or alias that runs here. */
  readonly runs: (functionArn: string) => boolean;
  /** The queue of an ARN, if there is one. */
  readonly queueAt: (queueArn: string) => Queue | undefined;
}

/** What becomes of one action of an alarm: who hears of it, or why nobody does. */
export type AlarmActionTarget =
  | { readonly kind: "topic"; readonly subscriptions: readonly Subscription[] }
  | { readonly kind: "function" }
  | { readonly kind: "refused"; readonly reason: string };

/** Targets of alarm actions other than topics, by what their ARN starts with after `arn:<partition>:`. */
const UNSUPPORTED_TARGETS: readonly (readonly [prefix: string, name: string])[] = [
  ["autoscaling", "Auto Scaling policies"],
  ["automate", "EC2 actions"],
  ["swf", "EC2 actions"],
  ["ssm-incidents", "Incident Manager response plans"],
  ["ssm", "Systems Manager OpsItems"],
  ["aiops", "CloudWatch investigations"],
];

/** Decides what one action ARN leads to. */
export function alarmActionTarget(actionArn: string, subscribers: Subscribers): AlarmActionTarget {
  const { topics, subscriptions, runs } = subscribers;
  const service = actionArn.split(":")[2] ?? "";
  if (service === "lambda")
    return runs(actionArn)
      ? { kind: "function" }
      : { kind: "refused", reason: `no function runs here as ${actionArn}` };
  const other = UNSUPPORTED_TARGETS.find(([prefix]) => prefix === service);
  if (other !== undefined)
    return { kind: "refused", reason: `${other[1]} are not emulated as alarm actions: ${actionArn}` };
  if (!topics.some(({ topicArn }) => topicArn === actionArn))
    return { kind: "refused", reason: `no loaded stack has the topic ${actionArn}` };
  return {
    kind: "topic",
    subscriptions: subscriptions.filter((subscription) => subscription.topicArn === actionArn),
  };
}

/** Everything of alarms and subscriptions that nobody hears, once each, for the user. */
export function undeliveredTargets(
  alarms: readonly AlarmDefinition[],
  subscribers: Subscribers,
): readonly string[] {
  const refused = alarms.flatMap((alarm) =>
    actionsOf(alarm).flatMap((arn) => {
      const target = alarmActionTarget(arn, subscribers);
      return target.kind === "refused" ? [target.reason] : [];
    }),
  );
  const unheard = subscribers.subscriptions.flatMap((subscription) =>
    undeliveredReasons(subscription, subscribers),
  );
  return [...new Set([...refused, ...unheard])];
}

function undeliveredReasons(
  { protocol, topicArn, endpoint }: Subscription,
  { runs, queueAt }: Subscribers,
): readonly string[] {
  if (protocol === "email") return [];
  if (protocol === "lambda" && runs(endpoint)) return [];
  if (protocol === "sqs" && queueAt(endpoint) !== undefined) return [];
  const reasons: Readonly<Record<string, string>> = {
    lambda: `no function runs here as ${endpoint}`,
    sqs: `there is no queue ${endpoint} here`,
  };
  const why = reasons[protocol] ?? `subscriptions with protocol ${protocol} are not emulated`;
  return [`${why}: nothing of ${topicArn} is delivered to it`];
}

function actionsOf(alarm: AlarmDefinition): readonly string[] {
  const { okActions = [], alarmActions = [], insufficientDataActions = [] } = alarm;
  return [...okActions, ...alarmActions, ...insufficientDataActions];
}
