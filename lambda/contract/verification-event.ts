import { TOKEN_HEADER, VERIFICATION_MARK } from "./request.ts";

/**
 * A dictated request as an invocation of a version itself, which no Function URL leads to: nobody dictated it, so no metric counts it.
 *
 * An event of payload 2.0, as far as the agent reads it: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
export function verificationEvent(token: string, body: object): object {
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
