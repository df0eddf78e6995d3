import {
  FILTER_POLICY_SCOPES,
  type FilterPolicyScope,
  messageFilter,
} from "@wrist-agent/cloudwatch/notifications/filter-policy";
import { FilterPolicyError } from "@wrist-agent/cloudwatch/notifications/filter-condition";
import { withoutUndefined } from "@wrist-agent/cloudwatch/read-definition";
import { type PropertyReader, readProperties, resourcePlace } from "cw-alarm-test/property-reader";
import type { ResolvedResource } from "cw-alarm-test/resolved-stack";
import { AssemblyError } from "cw-alarm-test/template";

/** An SNS topic of the templates. */
export interface Topic {
  readonly topicArn: string;
  /** What SNS shows as the sender's name in SMS. */
  readonly displayName?: string;
}

/** A subscription to a topic; the protocol is SNS's word, `email` or another. */
export interface Subscription {
  readonly subscriptionArn: string;
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  /** JSON text; without it every message is delivered. */
  readonly filterPolicy?: string;
  /** The attributes when missing. */
  readonly filterPolicyScope?: FilterPolicyScope;
  /** A queue gets the message alone, without what SNS says of it. */
  readonly rawMessageDelivery?: boolean;
}

/** A subscription of the templates or of the API, in the state in which it is now. */
export interface SubscriptionState extends Subscription {
  /** One of a template is gone with it, whatever the API changed. */
  readonly origin: "template" | "api";
  /** Missing once it is confirmed. */
  readonly pending?: {
    readonly token: string;
    /** When the confirmation was last asked for, epoch milliseconds. */
    readonly askedMs: number;
  };
}

/** Reads an `AWS::SNS::Topic`. */
export function topicOf(resource: ResolvedResource): Topic {
  const read = readProperties(resource);
  return withoutUndefined<Topic>({ topicArn: resource.ref(), displayName: read.text("DisplayName") });
}

/** The subscriptions that an `AWS::SNS::Topic` lists itself. */
export function inlineSubscriptionsOf(resource: ResolvedResource): readonly Subscription[] {
  const read = readProperties(resource);
  return (read.objects("Subscription") ?? []).map((entry, index) => ({
    subscriptionArn: `${resource.ref()}:inline-${index}`,
    topicArn: resource.ref(),
    protocol: entry.required("Protocol", entry.text("Protocol")),
    endpoint: entry.required("Endpoint", entry.text("Endpoint")),
  }));
}

/** Reads an `AWS::SNS::Subscription`. */
export function subscriptionOf(resource: ResolvedResource): Subscription {
  const read = readProperties(resource);
  return withoutUndefined<Subscription>({
    subscriptionArn: resource.ref(),
    topicArn: read.required("TopicArn", read.text("TopicArn")),
    protocol: read.required("Protocol", read.text("Protocol")),
    endpoint: read.required("Endpoint", read.text("Endpoint")),
    rawMessageDelivery: read.flag("RawMessageDelivery"),
    ...filterOf(resource, read),
  });
}

/** A policy that SNS would refuse fails the deployment there; here the subscription is left out by name. */
function filterOf(
  resource: ResolvedResource,
  read: PropertyReader,
): Pick<Subscription, "filterPolicy" | "filterPolicyScope"> {
  const { FilterPolicy: policy } = resource.properties();
  const filterPolicyScope = read.word("FilterPolicyScope", FILTER_POLICY_SCOPES);
  const filterPolicy = policy === undefined || typeof policy === "string" ? policy : JSON.stringify(policy);
  if (filterPolicy === undefined) return {};
  try {
    messageFilter(filterPolicy, filterPolicyScope ?? "MessageAttributes");
  } catch (error) {
    if (!(error instanceof FilterPolicyError)) throw error;
    throw new AssemblyError(`${resourcePlace(resource)} would be refused by SNS: ${error.message}`);
  }
  return withoutUndefined({ filterPolicy, filterPolicyScope });
}
