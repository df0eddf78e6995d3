import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";

/** Why there is no token to compare with. */
export type TokenFault = "token_empty" | "token_missing" | "token_denied" | "token_unavailable";

/** The parameter's value, or why it could not be had. */
export type TokenReading = { readonly value: string } | { readonly fault: TokenFault };

/** Where the parameter is read; it answers a fault instead of rejecting. */
export type ReadToken = () => Promise<TokenReading>;

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
