import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import type { ReadToken, TokenFault } from "./token-cache.ts";

/** SSM's refusals that waiting does not cure; anything else is an outage. */
const FAULTS: Readonly<Record<string, TokenFault>> = {
  ParameterNotFound: "token_missing",
  ParameterVersionNotFound: "token_missing",
  AccessDeniedException: "token_denied",
  InvalidKeyId: "token_denied",
  UnrecognizedClientException: "token_denied",
  ExpiredTokenException: "token_denied",
  ValidationException: "token_missing",
};

/** Reads the token parameter through SSM, decrypted; gives up after `timeoutMs`, retries included. */
export function ssmTokenSource(client: SSMClient, name: string, timeoutMs: number): ReadToken {
  const command = { Name: name, WithDecryption: true };
  return async () => {
    try {
      const answer = await client.send(new GetParameterCommand(command), {
        abortSignal: AbortSignal.timeout(timeoutMs),
      });
      return { value: answer.Parameter?.Value ?? "" };
    } catch (error) {
      return { fault: FAULTS[error instanceof Error ? error.name : ""] ?? "token_unavailable" };
    }
  };
}
