import { withoutUndefined } from "@wrist-agent/cloudwatch/read-definition";
import { readProperties } from "cw-alarm-test/property-reader";
import type { ResolvedResource } from "cw-alarm-test/resolved-stack";

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
  return {
    subscriptionArn: resource.ref(),
    topicArn: read.required("TopicArn", read.text("TopicArn")),
    protocol: read.required("Protocol", read.text("Protocol")),
    endpoint: read.required("Endpoint", read.text("Endpoint")),
  };
}
