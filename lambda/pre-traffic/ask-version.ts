import { parseJsonObject } from "../contract/json-object.ts";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { verificationEvent } from "../contract/request.ts";

/** What the version answered: the status and the body's members, none when the body is no JSON object. */
export interface VersionAnswer {
  readonly status: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Asks the version one question; throws when nothing like an answer came. */
export type AskVersion = (token: string, body: object, signal: AbortSignal) => Promise<VersionAnswer>;

/** Invokes the version itself, which has no URL yet, with the event that its URL would send. */
export function askByInvoke(client: LambdaClient, versionArn: string): AskVersion {
  return async (token, body, signal) => {
    const output = await client.send(
      new InvokeCommand({
        FunctionName: versionArn,
        Payload: JSON.stringify(verificationEvent(token, body)),
      }),
      { abortSignal: signal },
    );
    const payload = parseJsonObject(Buffer.from(output.Payload ?? []).toString()) ?? {};
    if (output.FunctionError !== undefined)
      throw new Error(`the function failed: ${stringOrEmpty(payload.errorType) || output.FunctionError}`);
    if (typeof payload.statusCode !== "number") throw new Error("the function returned no HTTP answer");
    return { status: payload.statusCode, fields: parseJsonObject(stringOrEmpty(payload.body)) ?? {} };
  };
}

function stringOrEmpty(value: unknown): string {
  return typeof value === "string" ? value : "";
}
