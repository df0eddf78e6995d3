import type { Subscription, Topic } from "../assembly/resource/topic.ts";
import type { AlarmDefinition } from "../cloudwatch/alarm-definition.ts";

/** Topics, who hears of them, and which functions run. */
export interface Subscribers {
  readonly topics: readonly Topic[];
  readonly subscriptions: readonly Subscription[];
  /** Whether an ARN means a function, version or alias that runs here. */
  readonly runs: (functionArn: string) => boolean;
}

/** What becomes of one action of an alarm: who hears of it, or why nobody does. */
export type ActionTarget =
  | { readonly kind: "topic"; readonly subscriptions: readonly Subscription[] }
  | { readonly kind: "function" }
  | { readonly kind: "refused"; readonly reason: string };

/** Targets of alarm actions other than topics, by what their ARN starts with after `arn:<partition>:`. */
const OTHER_TARGETS: readonly (readonly [prefix: string, name: string])[] = [
  ["autoscaling", "Auto Scaling policies"],
  ["automate", "EC2 actions"],
  ["swf", "EC2 actions"],
  ["ssm-incidents", "Incident Manager response plans"],
  ["ssm", "Systems Manager OpsItems"],
  ["aiops", "CloudWatch investigations"],
];

/** Decides what one action ARN leads to. */
export function actionTarget(actionArn: string, subscribers: Subscribers): ActionTarget {
  const { topics, subscriptions, runs } = subscribers;
  const service = actionArn.split(":")[2] ?? "";
  if (service === "lambda")
    return runs(actionArn)
      ? { kind: "function" }
      : { kind: "refused", reason: `no function runs here as ${actionArn}` };
  const other = OTHER_TARGETS.find(([prefix]) => prefix === service);
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
export function silentTargets(
  alarms: readonly AlarmDefinition[],
  subscribers: Subscribers,
): readonly string[] {
  const refused = alarms.flatMap((alarm) =>
    actionsOf(alarm).flatMap((arn) => {
      const target = actionTarget(arn, subscribers);
      return target.kind === "refused" ? [target.reason] : [];
    }),
  );
  const unheard = subscribers.subscriptions.flatMap((subscription) => unheardOf(subscription, subscribers));
  return [...new Set([...refused, ...unheard])];
}

function unheardOf({ protocol, topicArn, endpoint }: Subscription, { runs }: Subscribers): readonly string[] {
  if (protocol === "email" || (protocol === "lambda" && runs(endpoint))) return [];
  const why =
    protocol === "lambda"
      ? `no function runs here as ${endpoint}`
      : `subscriptions with protocol ${protocol} are not emulated`;
  return [`${why}: nothing of ${topicArn} is delivered to it`];
}

function actionsOf(alarm: AlarmDefinition): readonly string[] {
  const { okActions = [], alarmActions = [], insufficientDataActions = [] } = alarm;
  return [...okActions, ...alarmActions, ...insufficientDataActions];
}
