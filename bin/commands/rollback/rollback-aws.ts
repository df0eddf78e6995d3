import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CodeDeployClient } from "@aws-sdk/client-codedeploy";
import {
  type AliasConfiguration,
  type FunctionConfiguration,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  GetProvisionedConcurrencyConfigCommand,
  LambdaClient,
  paginateListVersionsByFunction,
  UpdateAliasCommand,
} from "@aws-sdk/client-lambda";
import { ALIAS_NAME, namesOf, ROLLBACK_ALARMS } from "../../../lib/names.ts";
import { awsAnswer, awsErrorName, isAccessDenied, withClient } from "../../cli/aws-calls.ts";
import { Failure } from "../../cli/failure.ts";
import { describeAlarms } from "../../cli/stage-alarms.ts";
import { missingStageRemedy } from "../../cli/stage-connection.ts";
import { awsFailure, type Target } from "../../cli/target.ts";
import { readDeployment, readUnderWayDeployments, stopDeployment } from "./code-deploy.ts";
import type {
  LiveAlias,
  PublishedVersion,
  RollbackAws,
  Serving,
  VersionState,
  WatchedAlarm,
} from "./rollback.ts";

/** Lambda and CodeDeploy of a stage, through the SDK. */
export async function rollbackAws(target: Target): Promise<RollbackAws> {
  const client = new LambdaClient(target.client);
  const region = await client.config.region().catch((error: unknown) => {
    throw awsFailure(error, target);
  });
  const fn: AliasedFunction = { client, target, functionName: namesOf(target.stage).function, region };
  const deployments = { client: new CodeDeployClient(target.client), target };
  return {
    read: (signal) => readServing(fn, deployments, signal),
    stateOf: (version, signal) => readState(fn, version, signal),
    alias: () => readAlias(fn),
    // Without weights those of a shift that had begun would stay.
    move: (version, revisionId) =>
      routeAlias(fn, { version, weights: {}, ...(revisionId !== undefined && { revisionId }) }),
    divide: (alias) => routeAlias(fn, alias),
    alarms: (signal) => readWatchedAlarms(target, fn.region, signal),
    stop: (id) => stopDeployment(deployments, id),
    deployment: (id, signal) => readDeployment(deployments, id, signal),
    close() {
      client.destroy();
      deployments.client.destroy();
    },
  };
}

async function readServing(
  fn: AliasedFunction,
  deployments: Parameters<typeof readUnderWayDeployments>[0],
  signal: AbortSignal,
): Promise<Serving> {
  // First and alone: without the function every other question fails too, and less clearly.
  const versions = await readVersions(fn, signal);
  const [alias, underWay, provisioned] = await Promise.all([
    readAlias(fn, signal),
    readUnderWayDeployments(deployments, signal),
    readProvisioned(fn, signal),
  ]);
  return {
    region: fn.region,
    functionName: fn.functionName,
    versions,
    alias,
    underWay: "unasked" in underWay ? [] : underWay,
    ...(typeof provisioned === "number" && { provisioned }),
    unasked: [underWay, provisioned].flatMap((each) =>
      typeof each === "object" && "unasked" in each ? [each.unasked] : [],
    ),
  };
}

/** The function whose alias moves, and whom to ask about it. */
interface AliasedFunction {
  readonly client: LambdaClient;
  readonly target: Target;
  readonly functionName: string;
  readonly region: string;
}

/** Every published version, newest first. */
async function readVersions(
  { client, target, functionName, region }: AliasedFunction,
  signal: AbortSignal,
): Promise<readonly PublishedVersion[]> {
  const found: FunctionConfiguration[] = [];
  const read = async (): Promise<void> => {
    const pages = paginateListVersionsByFunction(
      { client },
      { FunctionName: functionName },
      { abortSignal: signal },
    );
    for await (const { Versions = [] } of pages) found.push(...Versions);
  };
  const missing = `has no function ${functionName} in ${region}: ${missingStageRemedy(target)}`;
  const action = "lambda:ListVersionsByFunction";
  await awsAnswer({ target, action, meaning: { ResourceNotFoundException: missing } }, read());
  return found
    .filter(({ Version }) => Version !== undefined && Version !== "$LATEST")
    .map(publishedVersion)
    .sort((a, b) => Number(b.version) - Number(a.version));
}

function publishedVersion(found: FunctionConfiguration): PublishedVersion {
  const state = versionState(found);
  return {
    version: found.Version ?? "",
    publishedMs: Date.parse(found.LastModified ?? ""),
    codeSha256: found.CodeSha256 ?? "",
    memoryMegabytes: found.MemorySize ?? 0,
    timeoutSeconds: found.Timeout ?? 0,
    description: found.Description ?? "",
    environment: found.Environment?.Variables ?? {},
    ...(state && { state }),
  };
}

function versionState({ State, StateReason }: FunctionConfiguration): VersionState | undefined {
  if (State === undefined) return undefined;
  return { name: State, ...(StateReason !== undefined && StateReason !== "" && { reason: StateReason }) };
}

/** Its state; nothing where it cannot be asked, which must not hold up a rollback. */
async function readState(
  { client, functionName }: AliasedFunction,
  version: string,
  signal: AbortSignal,
): Promise<VersionState | undefined> {
  const command = new GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier: version });
  try {
    return versionState(await client.send(command, { abortSignal: signal }));
  } catch (error) {
    if (signal.aborted) throw new Failure("interrupted: nothing was changed", { cause: error });
    return undefined;
  }
}

/** Where the alias points now. */
async function readAlias(
  { client, target, functionName, region }: AliasedFunction,
  signal?: AbortSignal,
): Promise<LiveAlias> {
  const missing = `has no alias ${ALIAS_NAME} on ${functionName} in ${region}: ${missingStageRemedy(target)}`;
  const command = new GetAliasCommand({ FunctionName: functionName, Name: ALIAS_NAME });
  const action = "lambda:GetAlias";
  const meaning = { ResourceNotFoundException: missing };
  const sent = client.send(command, signal === undefined ? {} : { abortSignal: signal });
  return liveAlias(await awsAnswer({ target, action, meaning }, sent));
}

function liveAlias({ FunctionVersion = "", RoutingConfig, RevisionId }: AliasConfiguration): LiveAlias {
  return {
    version: FunctionVersion,
    weights: RoutingConfig?.AdditionalVersionWeights ?? {},
    ...(RevisionId !== undefined && { revisionId: RevisionId }),
  };
}

/** An endpoint that does not know the question keeps nothing initialised either. */
const NO_PROVISIONED: readonly string[] = [
  "ProvisionedConcurrencyConfigNotFoundException",
  "UnknownOperationException",
];

/** Environments that the alias keeps initialised, `none`, or why that is not known. */
async function readProvisioned(
  { client, functionName }: AliasedFunction,
  signal: AbortSignal,
): Promise<number | "none" | { readonly unasked: string }> {
  const command = new GetProvisionedConcurrencyConfigCommand({
    FunctionName: functionName,
    Qualifier: ALIAS_NAME,
  });
  try {
    const { RequestedProvisionedConcurrentExecutions: requested } = await client.send(command, {
      abortSignal: signal,
    });
    return requested ?? "none";
  } catch (error) {
    if (signal.aborted) throw new Failure("interrupted: nothing was changed", { cause: error });
    if (NO_PROVISIONED.includes(awsErrorName(error))) return "none";
    const reason = isAccessDenied(error)
      ? "these credentials lack lambda:GetProvisionedConcurrencyConfig"
      : awsErrorName(error);
    return { unasked: `provisioned concurrency could not be asked about: ${reason}` };
  }
}

/** Sends requests where the alias says, unless it has moved meanwhile. */
async function routeAlias(
  { client, target, functionName }: AliasedFunction,
  { version, weights, revisionId }: LiveAlias,
): ReturnType<RollbackAws["move"]> {
  const command = new UpdateAliasCommand({
    FunctionName: functionName,
    Name: ALIAS_NAME,
    FunctionVersion: version,
    RoutingConfig: { AdditionalVersionWeights: weights },
    ...(revisionId !== undefined && { RevisionId: revisionId }),
  });
  const sent = client.send(command).then(
    () => "moved" as const,
    (error: unknown) => {
      if (awsErrorName(error) === "PreconditionFailedException") return "moved meanwhile" as const;
      throw error;
    },
  );
  return awsAnswer({ target, action: "lambda:UpdateAlias" }, sent);
}

/** The stage's alarms that page somebody, and those that turn CodeDeploy back. */
async function readWatchedAlarms(
  target: Target,
  region: string,
  signal?: AbortSignal,
): Promise<readonly WatchedAlarm[]> {
  const names = namesOf(target.stage);
  const { metricAlarms, compositeAlarms } = await withClient(
    CloudWatchClient,
    { ...target.client, region },
    (client) =>
      awsAnswer(
        { target, action: "cloudwatch:DescribeAlarms" },
        describeAlarms(client, { AlarmNamePrefix: names.alarm("") }, signal),
      ),
  );
  const turnsBack = ROLLBACK_ALARMS.map((key) => names.alarm(key));
  return [...metricAlarms, ...compositeAlarms]
    .filter(
      ({ AlarmName = "", AlarmActions = [] }) =>
        turnsBack.includes(AlarmName) || AlarmActions.some((arn) => arn.endsWith(`:${names.topics.page}`)),
    )
    .map(({ AlarmName = "", StateValue = "", StateReason = "" }) => ({
      name: AlarmName,
      state: StateValue,
      reason: StateReason,
    }));
}
