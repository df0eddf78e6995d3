import type { AwsCall } from "./service.ts";

/**
 * The Region in the credential scope of a signed call; `undefined` when it is not signed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function credentialRegion({ headers }: AwsCall): string | undefined {
  return /\bCredential=[^/,\s]+\/\d{8}\/([^/,\s]+)\//.exec(headers.authorization ?? "")?.[1];
}
