import { urlSuffix } from "@wrist-agent/cloudwatch/region";
import type { EnvironmentOf, Functions } from "../lambda/functions.ts";
import { QueueOperations } from "../monitoring/message-queues.ts";
import { startAwsEndpoint } from "../server/aws/aws-endpoint.ts";
import { cloudFormationService } from "../server/aws/cloudformation.ts";
import { startFunctionUrl } from "../server/function-url-server.ts";
import { accountServices, cloudWatchServices } from "./account.ts";
import type { Core } from "./core.ts";
import { servedStacks } from "./deployed-stacks.ts";
import { type LocalAddress, localAddress, type ServedFunctionUrl, withLocalAddress } from "./plan.ts";
import type { RuntimeOptions } from "./runtime-options.ts";
import type { StopList } from "./stop-list.ts";

/** Services whose AWS endpoint is local, as `AWS_ENDPOINT_URL_<SERVICE>` spells them. */
const LOCAL_SERVICES = [
  "CLOUDFORMATION",
  "CLOUDWATCH",
  "CLOUDWATCH_LOGS",
  "CODEDEPLOY",
  "EVENTBRIDGE",
  "KMS",
  "LAMBDA",
  "SCHEDULER",
  "SECRETS_MANAGER",
  "SNS",
  "SQS",
  "SSM",
  "STS",
  "XRAY",
];

/**
 * Variables from which the SDK takes credentials; the function gets the caller's to reach the real Bedrock.
 */
const CREDENTIAL_VARIABLES = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_PROFILE",
  "AWS_CONFIG_FILE",
  "AWS_SHARED_CREDENTIALS_FILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_ROLE_ARN",
  "AWS_ROLE_SESSION_NAME",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
  "HOME",
  "PATH",
];

const MINUTE_MS = 60_000;

type Variables = Readonly<Record<string, string>>;

/** What the function's environment gets beside the template's: every service answers locally. */
export function standInEnvironment(awsEndpoint: string): Variables {
  return {
    ...localEndpoints(awsEndpoint),
    AWS_ENDPOINT_URL: awsEndpoint,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: awsEndpoint,
  };
}

/** The same with the real Bedrock, reached with the caller's credentials. */
export function bedrockEnvironment(
  awsEndpoint: string,
  { caller, region }: { readonly caller: RuntimeOptions["callerEnvironment"]; readonly region: string },
): Variables {
  const given = CREDENTIAL_VARIABLES.flatMap((name) => {
    const value = caller[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const credentials = Object.fromEntries(given);
  return {
    ...localEndpoints(awsEndpoint),
    ...(credentials.AWS_ACCESS_KEY_ID !== undefined && onlyBedrockElsewhere(awsEndpoint, region)),
    ...withoutMadeUpKeys(credentials),
    ...credentials,
  };
}

/**
 * With keys at hand every service but Bedrock answers here, so that no other gets real credentials. A profile
 * may have to ask further services of AWS for its keys (SSO, its sign-in); then only those that are named
 * answer here.
 */
function onlyBedrockElsewhere(awsEndpoint: string, region: string): Variables {
  return {
    AWS_ENDPOINT_URL: awsEndpoint,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: `https://bedrock-runtime.${region}.${urlSuffix(region)}`,
  };
}

function localEndpoints(awsEndpoint: string): Variables {
  return Object.fromEntries(LOCAL_SERVICES.map((service) => [`AWS_ENDPOINT_URL_${service}`, awsEndpoint]));
}

/**
 * Lambda's made-up keys would win over a profile: they are emptied where the caller has no keys of his own.
 */
function withoutMadeUpKeys(credentials: Variables): Variables {
  if (credentials.AWS_ACCESS_KEY_ID !== undefined) return { AWS_SESSION_TOKEN: "" };
  return { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_SESSION_TOKEN: "" };
}

/** Where functions and the AWS APIs are reached. */
export interface EndpointAddresses {
  /** Empty where none is served. */
  readonly functionUrl: string;
  readonly awsEndpoint: string;
}

/** Serves the AWS APIs and the Function URL; the functions themselves start when they are first invoked. */
export async function serveEndpoints(
  core: Core,
  options: RuntimeOptions,
  stops: StopList,
): Promise<EndpointAddresses> {
  const { clock, ports, signal } = options;
  const { plan, functions, invocations, scheduler } = core;
  // Filled in once it is answered.
  const address = { ...localAddress(plan) };
  const stacks = cloudFormationService({
    homeRegion: plan.home.home.region,
    stacks: () => servedStacks(plan.stacks, core.stackTimes, address),
  });
  const queueOperations = new QueueOperations(core.messageQueues, { clock, record: core.eventLog.keep });
  stops.add(clock.every(MINUTE_MS, () => queueOperations.everyMinute()));
  const services = [
    stacks,
    ...accountServices({ ...core, address }),
    ...cloudWatchServices({ ...core, queueOperations }, clock),
    ...core.model.services,
  ];
  const bug = (cause: unknown): void => options.log?.("the AWS endpoint failed", cause);
  const aws = await startAwsEndpoint({ services, bug }, { port: ports.aws, option: "--aws-port" });
  stops.add(() => aws.stop());
  signal?.throwIfAborted();
  const awsEndpoint = aws.url.replace(/\/$/, "");
  const functionUrl =
    plan.front === undefined ? "" : await serveFunctionUrl({ ...core, front: plan.front }, options, stops);
  if (functionUrl !== "") address.local = functionUrl;
  functions.useEnvironment(environmentAt(awsEndpoint, address, options));
  // Stopped before the servers, lest a function takes their going for a failure.
  stops.add(() => functions.stop());
  stops.add(() => invocations.stop());
  stops.add(() => scheduler.stop());
  signal?.throwIfAborted();
  return { functionUrl, awsEndpoint };
}

/** Serves the Function URL; gives its address. */
async function serveFunctionUrl(
  {
    front,
    functions,
    eventLog,
  }: Pick<Core, "functions" | "eventLog"> & { readonly front: ServedFunctionUrl },
  { clock, ports, syntheticHeader }: RuntimeOptions,
  stops: StopList,
): Promise<string> {
  const { cors } = front.url;
  const served = {
    get lambda() {
      return currentFunction(front, functions);
    },
    clock,
    records: eventLog.functionRecords(() => clock.now()),
    ...(cors && { cors }),
    ...(syntheticHeader !== undefined && { syntheticHeader }),
  };
  const url = await startFunctionUrl(served, { port: ports.url, option: "--url-port" });
  stops.add(() => url.stop());
  return url.url;
}

/**
 * The function behind the URL, looked up when it is asked: its alias may mean another version by then, or
 * two.
 */
function currentFunction(
  { url: { qualifier }, source }: ServedFunctionUrl,
  functions: Functions,
): Parameters<typeof startFunctionUrl>[0]["lambda"] {
  const name = source.functionArn;
  const lambda = functions.find({ name, qualifier });
  if (lambda === undefined) throw new Error(`${name} has no ${qualifier}`);
  return lambda;
}

/** The template's variables with local addresses, and those that make every AWS client come here. */
function environmentAt(
  awsEndpoint: string,
  address: LocalAddress,
  { model, callerEnvironment }: RuntimeOptions,
): EnvironmentOf {
  const oursIn = (region: string): Variables =>
    model === "scripted"
      ? standInEnvironment(awsEndpoint)
      : bedrockEnvironment(awsEndpoint, { caller: callerEnvironment, region });
  return ({ environment, region }) => ({
    ...Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, withLocalAddress(value, address)]),
    ),
    ...oursIn(region),
  });
}
