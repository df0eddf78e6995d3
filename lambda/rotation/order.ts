import type { Grace, RotationOrder } from "../contract/rotation.ts";

/** What CloudFormation sends to a custom resource: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
export interface ResourceRequest {
  readonly type: "Create" | "Update" | "Delete";
  readonly responseUrl: string;
  readonly stackId: string;
  readonly requestId: string;
  readonly logicalResourceId: string;
  /** Missing in a Create. */
  readonly physicalResourceId?: string;
}

/** Who calls, and for what. */
export type Call =
  | { readonly from: "CloudFormation"; readonly request: ResourceRequest }
  | { readonly from: RotationOrder["by"]; readonly grace: Grace };

/** Tells the three callers apart; anybody else is a mistake that is thrown back. */
export function callOf(event: unknown): Call {
  const given: Readonly<Record<string, unknown>> =
    typeof event === "object" && event !== null ? { ...event } : {};
  if (typeof given.ResponseURL === "string")
    return { from: "CloudFormation", request: requestOf(given, given.ResponseURL) };
  const { order, by, grace } = given;
  if (
    order !== "rotate" ||
    (by !== "schedule" && by !== "operator") ||
    (grace !== "kept" && grace !== "none")
  )
    throw new Error(
      'the event is no order: send {"order":"rotate","by":"operator","grace":"kept"}, or "grace":"none" to revoke the present token',
    );
  return { from: by, grace };
}

function requestOf(given: Readonly<Record<string, unknown>>, responseUrl: string): ResourceRequest {
  const text = (name: string): string => (typeof given[name] === "string" ? given[name] : "");
  const type = text("RequestType");
  const physicalResourceId = text("PhysicalResourceId");
  return {
    type: type === "Create" || type === "Delete" ? type : "Update",
    responseUrl,
    stackId: text("StackId"),
    requestId: text("RequestId"),
    logicalResourceId: text("LogicalResourceId"),
    ...(physicalResourceId === "" ? {} : { physicalResourceId }),
  };
}
