import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { TOKEN_HEADER, VERIFICATION_MARK } from "../contract/request.ts";

/** What the version answered: the status and the body's members, none when the body is no JSON object. */
export interface VersionAnswer {
  readonly status: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Asks the version one question; throws when nothing like an answer came. */
export type AskVersion = (token: string, body: object, signal: AbortSignal) => Promise<VersionAnswer>;

/** Invokes the version itself, which has no URL yet, with the event that its URL would send. */
export function askThrough(client: LambdaClient, versionArn: string): AskVersion {
  return async (token, body, signal) => {
    const output = await client.send(
      new InvokeCommand({ FunctionName: versionArn, Payload: JSON.stringify(urlEvent(token, body)) }),
      { abortSignal: signal },
    );
    const payload = recordOf(Buffer.from(output.Payload ?? []).toString());
    if (output.FunctionError !== undefined)
      throw new Error(`the function failed: ${textOf(payload.errorType) || output.FunctionError}`);
    if (typeof payload.statusCode !== "number") throw new Error("the function returned no HTTP answer");
    return { status: payload.statusCode, fields: recordOf(textOf(payload.body)) };
  };
}

/** An event of payload 2.0, as far as the agent reads it: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
export function urlEvent(token: string, body: object): object {
  return {
    version: "2.0",
    rawPath: "/",
    rawQueryString: "",
    headers: { "content-type": "application/json", [TOKEN_HEADER]: token },
    requestContext: { http: { method: "POST", path: "/", sourceIp: "", protocol: "HTTP/1.1" } },
    body: JSON.stringify(body),
    isBase64Encoded: false,
    [VERIFICATION_MARK]: true,
  };
}

function recordOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
