import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { Failure, messageOf } from "./failure.ts";

/** Makes sure that the caller has AWS credentials, before anything is built for a model that needs them. */
export async function requireAwsCredentials(): Promise<void> {
  await defaultProvider()().catch((error: unknown) => {
    throw new Failure(
      `--model bedrock needs AWS credentials (${messageOf(error)}): set AWS_PROFILE, or sign in with aws sso login`,
      { cause: error },
    );
  });
}
