import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import type { Grace, RotationOrder } from "../contract/token.ts";

/**
 * What CloudFormation sends to a custom resource:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
 */
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
export type RotationEvent =
  | { readonly from: "CloudFormation"; readonly request: ResourceRequest }
  | { readonly from: RotationOrder["by"]; readonly grace: Grace };

/** Tells the three callers apart; anybody else is a mistake that is thrown back. */
export function readRotationEvent(event: unknown): RotationEvent {
  const given = isJsonObject(event) ? event : {};
  if (typeof given.ResponseURL === "string")
    return { from: "CloudFormation", request: resourceRequest(given, given.ResponseURL) };
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

function resourceRequest(given: Readonly<Record<string, unknown>>, responseUrl: string): ResourceRequest {
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

/** How a request of CloudFormation went; a failure's reason is shown in the stack's events. */
export type ResourceResult =
  | { readonly status: "SUCCESS" }
  | { readonly status: "FAILED"; readonly reason: string };

/** Sends the body to the address; rejects when it was not taken. */
export type SendResponse = (url: string, body: string) => Promise<void>;

/** A longer answer than 4,096 bytes is refused, and CloudFormation then waits for an hour. */
const MAX_REASON_CHARACTERS = 1_000;

/**
 * Answers a custom resource's request. The value of the parameter is no part of it.
 *
 * The id is the parameter's name: it stays as long as the name stays, so no update ever replaces the
 * resource.
 */
export async function respondToCloudFormation(
  request: ResourceRequest,
  result: ResourceResult,
  { parameterName, send }: { readonly parameterName: string; readonly send: SendResponse },
): Promise<void> {
  const { type, physicalResourceId, stackId, requestId, logicalResourceId } = request;
  const body = {
    Status: result.status,
    Reason: result.status === "FAILED" ? result.reason.slice(0, MAX_REASON_CHARACTERS) : "done",
    PhysicalResourceId: type === "Delete" ? (physicalResourceId ?? parameterName) : parameterName,
    StackId: stackId,
    RequestId: requestId,
    LogicalResourceId: logicalResourceId,
    Data: {},
  };
  await send(request.responseUrl, JSON.stringify(body));
}

/** PUTs to a presigned address of S3, whose signature covers an empty content type. */
export const putCloudFormationResponse: SendResponse = async (url, body) => {
  const response = await fetch(url, { method: "PUT", headers: { "content-type": "" }, body });
  if (!response.ok) throw new Error(`CloudFormation's address answered ${response.status}`);
};
