import type { Topic } from "../../assembly/topics.ts";
import {
  type AwsCall,
  AwsError,
  credentialRegion,
  type Input,
  numberedPage,
  type NumberedPage,
} from "./service.ts";

/** The refusal of a parameter. */
export function invalidParameter(what: string): AwsError {
  return new AwsError("InvalidParameter", `Invalid parameter: ${what}`);
}

/** A parameter that is a text; one that is not there is empty. */
export function textParameter(input: Input, name: string): string {
  const value = input[name];
  return typeof value === "string" ? value : "";
}

/** A parameter that is an ARN by its form. */
export function arnParameter(input: Input, name: string): string {
  const arn = textParameter(input, name);
  if (arn === "") throw invalidParameter(`${name} Reason: no value for required parameter`);
  return checkedArn(arn, name);
}

const ARN_PARTS = 6;

/** The ARN, if it has an ARN's form. */
export function checkedArn(arn: string, name: string): string {
  const parts = arn.split(":").length;
  if (parts >= ARN_PARTS) return arn;
  throw invalidParameter(`${name} Reason: An ARN must have at least ${ARN_PARTS} elements, not ${parts}`);
}

/** The topic of an ARN, which must live in the Region that the call is signed for. */
export function topicOfCall(topics: readonly Topic[], arn: string, call: AwsCall): Topic {
  if (!isInRegion(arn, call)) throw invalidParameter("TopicArn");
  const topic = topics.find(({ topicArn }) => topicArn === arn);
  if (topic === undefined) throw new AwsError("NotFound", "Topic does not exist", 404);
  return topic;
}

/** Unsigned calls see every Region's topics. */
export function isInRegion(arn: string, call: AwsCall): boolean {
  const region = credentialRegion(call);
  return region === undefined || arn.split(":")[3] === region;
}

const MAX_PAGE_ITEMS = 100;

/** A page of a list, and the token of the next. */
export function pageOf<T>(all: readonly T[], { NextToken }: Input): NumberedPage<T> {
  const found = numberedPage(all, { token: NextToken, size: MAX_PAGE_ITEMS });
  if (found === undefined) throw invalidParameter("nextToken");
  return found;
}

/** The members of a map parameter that are texts. */
export function textMap(input: Input, name: string): Readonly<Record<string, string>> {
  const map = input[name];
  if (typeof map !== "object" || map === null) return {};
  return Object.fromEntries(
    Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
