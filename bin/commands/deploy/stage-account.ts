import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  GetTemplateCommand,
  UpdateTerminationProtectionCommand,
} from "@aws-sdk/client-cloudformation";
import {
  DeleteProvisionedConcurrencyConfigCommand,
  GetAliasCommand,
  GetProvisionedConcurrencyConfigCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { readTemplate } from "cw-alarm-test/read-template";
import type { Template } from "cw-alarm-test/template";
import { ALIAS_NAME, GITHUB_ISSUER } from "../../../lib/names.ts";
import {
  awsErrorName,
  describeStack,
  findParameter,
  isAccessDenied,
  type SdkClient,
  withClient,
} from "../../cli/aws-calls.ts";
import { errorMessage, Failure } from "../../cli/failure.ts";
import type { Unreadable } from "../../cli/stage-connection.ts";
import { type ListedSubscription, listSubscriptions } from "../../cli/subscriptions.ts";
import { callLimits, type ClientConfig } from "../../cli/target.ts";

/** A stack as it is deployed. */
export interface DeployedStack {
  readonly status: string;
  readonly template: Template;
  /** Physical ids by logical id. */
  readonly resources: Readonly<Record<string, string>>;
}

/** What a deploy reads of its stage, and the one thing that no template can take away. */
export interface StageAccount {
  /** `failed` where a creation failed: such a stack holds nothing and can only be deleted. */
  readonly stack: (
    region: string,
    stackName: string,
  ) => Promise<DeployedStack | "missing" | "failed" | Unreadable>;
  /** Takes the protection from deletion off a stack. */
  readonly unprotect: (region: string, stackName: string) => Promise<"done" | Unreadable>;
  /** The text of a parameter; nothing where there is none. */
  readonly parameter: (region: string, name: string) => Promise<string | undefined | Unreadable>;
  /** Versions that the alias `live` of a function sends requests to, its own one first. */
  readonly liveVersions: (region: string, functionName: string) => Promise<readonly string[] | Unreadable>;
  /** Takes provisioned concurrency off the alias: removing its scaling leaves it there, and costing. */
  readonly endProvisionedConcurrency: (
    region: string,
    functionName: string,
  ) => Promise<"ended" | "none" | Unreadable>;
  readonly subscriptions: (
    region: string,
    topicArn: string,
  ) => Promise<readonly ListedSubscription[] | Unreadable>;
}

/** The account behind the credentials of the shell. */
export function stageAccount(): StageAccount {
  return { stack, unprotect, parameter, liveVersions, endProvisionedConcurrency, subscriptions };
}

interface Asked {
  readonly what: string;
  readonly action: string;
}

/** Refusals become answers; a hanging or failing endpoint ends the deploy before it has begun. */
async function readable<T>({ what, action }: Asked, call: () => Promise<T>): Promise<T | Unreadable> {
  try {
    return await call();
  } catch (error) {
    if (isAccessDenied(error))
      return { unreadable: `${what} could not be read: these credentials lack ${action}` };
    throw new Failure(`${what} could not be read: ${errorMessage(error)}`, { cause: error });
  }
}

function named(error: unknown, ...names: readonly string[]): boolean {
  return names.includes(awsErrorName(error));
}

/** Asks in a Region, with the credentials of the shell. */
function inRegion<Client extends SdkClient, T>(
  make: new (config: ClientConfig) => Client,
  region: string,
  act: (client: Client) => Promise<T>,
): Promise<T> {
  return withClient(make, { region, ...callLimits() }, act);
}

function stack(region: string, stackName: string) {
  const asked = { what: `stack ${stackName} in ${region}`, action: "cloudformation:GetTemplate" };
  return readable(asked, () =>
    inRegion(CloudFormationClient, region, (client) => deployedStack(client, stackName)),
  );
}

async function deployedStack(
  client: CloudFormationClient,
  StackName: string,
): Promise<DeployedStack | "missing" | "failed"> {
  const found = await describeStack(client, StackName);
  if (found === undefined) return "missing";
  const status = found.StackStatus ?? "UNKNOWN";
  if (["REVIEW_IN_PROGRESS", "DELETE_COMPLETE"].includes(status)) return "missing";
  if (status === "ROLLBACK_COMPLETE") return "failed";
  const { TemplateBody = "{}" } = await client.send(
    new GetTemplateCommand({ StackName, TemplateStage: "Original" }),
  );
  const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName }));
  return {
    status,
    template: await readTemplate(TemplateBody, StackName),
    resources: Object.fromEntries(
      StackResources.map(({ LogicalResourceId = "", PhysicalResourceId = "" }) => [
        LogicalResourceId,
        PhysicalResourceId,
      ]),
    ),
  };
}

function unprotect(region: string, StackName: string) {
  const asked = {
    what: `the protection of ${StackName}`,
    action: "cloudformation:UpdateTerminationProtection",
  };
  const command = new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false });
  return readable(asked, () =>
    inRegion(CloudFormationClient, region, async (client) => {
      await client.send(command);
      return "done" as const;
    }),
  );
}

function parameter(region: string, name: string) {
  return readable({ what: `parameter ${name} in ${region}`, action: "ssm:GetParameter" }, () =>
    inRegion(SSMClient, region, async (client) => (await findParameter(client, { Name: name }))?.Value),
  );
}

function liveVersions(region: string, functionName: string) {
  const asked = { what: `alias ${ALIAS_NAME} of ${functionName}`, action: "lambda:GetAlias" };
  const command = new GetAliasCommand({ FunctionName: functionName, Name: ALIAS_NAME });
  return readable(asked, () =>
    inRegion(LambdaClient, region, async (client) => {
      try {
        const alias = await client.send(command);
        return [
          alias.FunctionVersion ?? "",
          ...Object.keys(alias.RoutingConfig?.AdditionalVersionWeights ?? {}),
        ];
      } catch (error) {
        if (named(error, "ResourceNotFoundException")) return [];
        throw error;
      }
    }),
  );
}

function endProvisionedConcurrency(region: string, functionName: string) {
  const asked = {
    what: `provisioned concurrency of ${functionName}`,
    action: "lambda:GetProvisionedConcurrencyConfig and lambda:DeleteProvisionedConcurrencyConfig",
  };
  const of = { FunctionName: functionName, Qualifier: ALIAS_NAME };
  return readable(asked, () =>
    inRegion(LambdaClient, region, async (client) => {
      try {
        await client.send(new GetProvisionedConcurrencyConfigCommand(of));
        await client.send(new DeleteProvisionedConcurrencyConfigCommand(of));
        return "ended" as const;
      } catch (error) {
        if (named(error, "ProvisionedConcurrencyConfigNotFoundException", "ResourceNotFoundException"))
          return "none" as const;
        throw error;
      }
    }),
  );
}

function subscriptions(region: string, topicArn: string) {
  const asked = { what: `subscriptions of ${topicArn}`, action: "sns:ListSubscriptionsByTopic" };
  return readable(asked, () => inRegion(SNSClient, region, (client) => listSubscriptions(client, topicArn)));
}

/** Who the credentials belong to. */
export interface Caller {
  readonly accountId: string;
  readonly arn: string;
}

/** What is asked of AWS before anything is deployed. */
export interface Account {
  /** Throws a Failure that says what to do when there are no credentials, or bad ones. */
  readonly caller: () => Promise<Caller>;
  /** `unreadable` where the credentials may not read it: then the CDK CLI finds out by itself. */
  readonly bootstrapVersion: (
    region: string,
    parameter: string,
  ) => Promise<number | "missing" | "unreadable">;
  /** Whether the account has GitHub's OIDC provider, whoever made it. */
  readonly githubProvider: (region: string) => Promise<"there" | "missing" | Unreadable>;
}

/** STS answers the same everywhere; this Region is in every account. */
const STS_REGION = "us-east-1";

/** The account behind the credentials of the shell. */
export function awsAccount(): Account {
  // Ten lines about next year's Node, before the one line that matters here.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  return { caller, bootstrapVersion, githubProvider };
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

function githubProvider(region: string) {
  const asked = { what: "OIDC providers of the account", action: "iam:ListOpenIDConnectProviders" };
  return readable(asked, async () => {
    // No other command needs it, and each start would load it.
    const { IAMClient, ListOpenIDConnectProvidersCommand } = await import("@aws-sdk/client-iam");
    const { OpenIDConnectProviderList = [] } = await inRegion(IAMClient, region, (client) =>
      client.send(new ListOpenIDConnectProvidersCommand({})),
    );
    const isThere = OpenIDConnectProviderList.some(({ Arn = "" }) =>
      Arn.endsWith(`:oidc-provider/${GITHUB_ISSUER}`),
    );
    return isThere ? "there" : "missing";
  });
}
