import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { Failure, errorMessage } from "../../cli/failure.ts";
import { callLimits } from "../../cli/aws-limits.ts";
import type { Account, Caller } from "./deploy-ports.ts";

/** STS answers the same everywhere; this Region is in every account. */
const STS_REGION = "us-east-1";

/** The account behind the credentials of the shell. */
export function awsAccount(): Account {
  // Ten lines about next year's Node, before the one line that matters here.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  return { caller, bootstrapVersion };
}

async function caller(): Promise<Caller> {
  const client = new STSClient({ region: STS_REGION, ...callLimits() });
  try {
    const { Account: accountId = "", Arn: arn = "" } = await client.send(new GetCallerIdentityCommand({}));
    return { accountId, arn };
  } catch (error) {
    throw new Failure(credentialsFault(error), { cause: error });
  } finally {
    client.destroy();
  }
}

const SIGN_IN = "set AWS_PROFILE (or pass --profile) and sign in with aws sso login";

/** What to do about credentials that AWS, or the SDK before it, did not take; by the error's name. */
const CREDENTIAL_REMEDIES: Readonly<Record<string, string>> = {
  CredentialsProviderError: `there are no AWS credentials: ${SIGN_IN}`,
  ExpiredToken: "the AWS credentials have expired: sign in again with aws sso login",
  ExpiredTokenException: "the AWS credentials have expired: sign in again with aws sso login",
  InvalidClientTokenId: `AWS does not know these credentials: ${SIGN_IN}`,
  UnrecognizedClientException: `AWS does not know these credentials: ${SIGN_IN}`,
  SignatureDoesNotMatch: `the secret does not belong to the access key: ${SIGN_IN}`,
};

function credentialsFault(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  const profile = process.env.AWS_PROFILE;
  if (profile !== undefined && profile !== "" && isProfileFault(error))
    return `there is no profile "${profile}" with credentials on this machine: aws configure list-profiles shows those that there are; set AWS_PROFILE or pass --profile, or unset it where the credentials are in the environment (${errorMessage(error)})`;
  const remedy =
    CREDENTIAL_REMEDIES[name] ?? "AWS cannot be asked who you are: check the network and AWS_ENDPOINT_URL";
  return `${remedy} (${errorMessage(error)})`;
}

/** The SDK looks nowhere else once a profile is named, not even into the environment. */
function isProfileFault(error: unknown): boolean {
  return error instanceof Error && error.name === "CredentialsProviderError";
}

async function bootstrapVersion(region: string, parameter: string) {
  const client = new SSMClient({ region, ...callLimits() });
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: parameter }));
    return Number(Parameter?.Value);
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    if (name === "ParameterNotFound") return "missing";
    // A role that may only assume the bootstrap roles reads no parameter by itself.
    if (name.startsWith("AccessDenied")) return "unreadable";
    throw new Failure(`cannot ask ${region} whether it is bootstrapped: ${errorMessage(error)}`, {
      cause: error,
    });
  } finally {
    client.destroy();
  }
}
