import type { Subscription, Topic } from "../assembly/topic.ts";
import type { AlarmDefinition } from "../cloudwatch/alarm-definition.ts";

/** Topics and who hears of them. */
export interface Subscribers {
  readonly topics: readonly Topic[];
  readonly subscriptions: readonly Subscription[];
}

/** What becomes of one action of an alarm: the mailboxes that hear of it, or why nobody does. */
export type ActionTarget =
  | { readonly kind: "mailboxes"; readonly subscriptions: readonly Subscription[] }
  | { readonly kind: "refused"; readonly reason: string };

/** Targets of alarm actions other than topics, by what their ARN starts with after `arn:<partition>:`. */
const OTHER_TARGETS: readonly (readonly [prefix: string, name: string])[] = [
  ["lambda", "Lambda functions"],
  ["autoscaling", "Auto Scaling policies"],
  ["automate", "EC2 actions"],
  ["swf", "EC2 actions"],
  ["ssm-incidents", "Incident Manager response plans"],
  ["ssm", "Systems Manager OpsItems"],
  ["aiops", "CloudWatch investigations"],
];

/** Decides what one action ARN leads to. */
export function actionTarget(actionArn: string, { topics, subscriptions }: Subscribers): ActionTarget {
  const service = actionArn.split(":")[2] ?? "";
  const other = OTHER_TARGETS.find(([prefix]) => prefix === service);
  if (other !== undefined)
    return { kind: "refused", reason: `${other[1]} are not emulated as alarm actions: ${actionArn}` };
  if (!topics.some(({ topicArn }) => topicArn === actionArn))
    return { kind: "refused", reason: `no loaded stack has the topic ${actionArn}` };
  return {
    kind: "mailboxes",
    subscriptions: subscriptions.filter(
      ({ topicArn, protocol }) => topicArn === actionArn && protocol === "email",
    ),
  };
}

/** Everything of alarms and subscriptions that leads to no mailbox, once each, for the user. */
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
  const unheard = subscribers.subscriptions
    .filter(({ protocol }) => protocol !== "email")
    .map(
      ({ protocol, topicArn }) =>
        `subscriptions with protocol ${protocol} are not emulated: nothing of ${topicArn} is delivered to it`,
    );
  return [...new Set([...refused, ...unheard])];
}

function actionsOf(alarm: AlarmDefinition): readonly string[] {
  const { okActions = [], alarmActions = [], insufficientDataActions = [] } = alarm;
  return [...okActions, ...alarmActions, ...insufficientDataActions];
}
