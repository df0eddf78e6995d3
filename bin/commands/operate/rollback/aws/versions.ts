import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  GetProvisionedConcurrencyConfigCommand,
  paginateListVersionsByFunction,
  UpdateAliasCommand,
  type AliasConfiguration,
  type FunctionConfiguration,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { ALIAS_NAME } from "../../../../../lib/names.ts";
import { Failure } from "../../../failure.ts";
import type { Target } from "../../target.ts";
import { asked, errorName, isDenied } from "../../asked.ts";
import type { RollbackAws } from "../edges.ts";
import type { LiveAlias, PublishedVersion, VersionState } from "../serving.ts";

/** The function whose alias moves, and whom to ask about it. */
export interface AskedFunction {
  readonly client: LambdaClient;
  readonly target: Target;
  readonly functionName: string;
  readonly region: string;
}

/** Every published version, newest first. */
export async function readVersions(
  { client, target, functionName, region }: AskedFunction,
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
  const missing = `has no function ${functionName} in ${region}: ${whenMissing(target)}`;
  const action = "lambda:ListVersionsByFunction";
  await asked({ target, action, meaning: { ResourceNotFoundException: missing } }, read());
  return found
    .filter(({ Version }) => Version !== undefined && Version !== "$LATEST")
    .map(versionOf)
    .sort((a, b) => Number(b.version) - Number(a.version));
}

function whenMissing({ stage, isLocal }: Target): string {
  if (isLocal)
    return "the system that runs here was started from other templates; start it anew with npm start";
  return `deploy the stage first (npm run deploy -- --stage ${stage}), or name the stage and Region where it is with --stage and --region`;
}

function versionOf(found: FunctionConfiguration): PublishedVersion {
  const state = stateIn(found);
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

function stateIn({ State, StateReason }: FunctionConfiguration): VersionState | undefined {
  if (State === undefined) return undefined;
  return { name: State, ...(StateReason !== undefined && StateReason !== "" && { reason: StateReason }) };
}

/** Its state; nothing where it cannot be asked, which must not hold up a rollback. */
export async function readState(
  { client, functionName }: AskedFunction,
  version: string,
  signal: AbortSignal,
): Promise<VersionState | undefined> {
  const command = new GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier: version });
  try {
    return stateIn(await client.send(command, { abortSignal: signal }));
  } catch (error) {
    if (signal.aborted) throw new Failure("interrupted: nothing was changed", { cause: error });
    return undefined;
  }
}

/** Where the alias points now. */
export async function readAlias(
  { client, target, functionName, region }: AskedFunction,
  signal?: AbortSignal,
): Promise<LiveAlias> {
  const missing = `has no alias ${ALIAS_NAME} on ${functionName} in ${region}: ${whenMissing(target)}`;
  const command = new GetAliasCommand({ FunctionName: functionName, Name: ALIAS_NAME });
  const action = "lambda:GetAlias";
  const meaning = { ResourceNotFoundException: missing };
  const sent = client.send(command, signal === undefined ? {} : { abortSignal: signal });
  return aliasOf(await asked({ target, action, meaning }, sent));
}

function aliasOf({ FunctionVersion = "", RoutingConfig, RevisionId }: AliasConfiguration): LiveAlias {
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
export async function readProvisioned(
  { client, functionName }: AskedFunction,
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
    if (NO_PROVISIONED.includes(errorName(error))) return "none";
    const reason = isDenied(error)
      ? "these credentials lack lambda:GetProvisionedConcurrencyConfig"
      : errorName(error);
    return { unasked: `provisioned concurrency could not be asked about: ${reason}` };
  }
}

/** All requests to one version. */
export async function moveAlias(
  { client, target, functionName }: AskedFunction,
  version: string,
  revisionId: string | undefined,
): ReturnType<RollbackAws["move"]> {
  const command = new UpdateAliasCommand({
    FunctionName: functionName,
    Name: ALIAS_NAME,
    FunctionVersion: version,
    // Without it the weights of a shift that had begun would stay.
    RoutingConfig: { AdditionalVersionWeights: {} },
    ...(revisionId !== undefined && { RevisionId: revisionId }),
  });
  const sent = client.send(command).then(
    () => "moved" as const,
    (error: unknown) => {
      if (errorName(error) === "PreconditionFailedException") return "moved meanwhile" as const;
      throw error;
    },
  );
  return asked({ target, action: "lambda:UpdateAlias" }, sent);
}
