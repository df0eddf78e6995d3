import type { ResourceRequest } from "./order.ts";

/** How a request of CloudFormation went; a failure's reason is shown in the stack's events. */
export type ResourceResult =
  { readonly status: "SUCCESS" } | { readonly status: "FAILED"; readonly reason: string };

/** Sends the body to the address; rejects when it was not taken. */
export type Send = (url: string, body: string) => Promise<void>;

/** A longer answer than 4,096 bytes is refused, and CloudFormation then waits for an hour. */
const REASON_CHARACTERS = 1_000;

/**
 * Answers a custom resource's request. The value of the parameter is no part of it.
 *
 * The id is the parameter's name: it stays as long as the name stays, so no update ever replaces the resource.
 */
export async function answerCloudFormation(
  request: ResourceRequest,
  result: ResourceResult,
  { parameterName, send }: { readonly parameterName: string; readonly send: Send },
): Promise<void> {
  const { type, physicalResourceId, stackId, requestId, logicalResourceId } = request;
  const body = {
    Status: result.status,
    Reason: result.status === "FAILED" ? result.reason.slice(0, REASON_CHARACTERS) : "done",
    PhysicalResourceId: type === "Delete" ? (physicalResourceId ?? parameterName) : parameterName,
    StackId: stackId,
    RequestId: requestId,
    LogicalResourceId: logicalResourceId,
    Data: {},
  };
  await send(request.responseUrl, JSON.stringify(body));
}

/** PUTs to a presigned address of S3, whose signature covers an empty content type. */
export const putAnswer: Send = async (url, body) => {
  const response = await fetch(url, { method: "PUT", headers: { "content-type": "" }, body });
  if (!response.ok) throw new Error(`CloudFormation's address answered ${response.status}`);
};
