import { BedrockClient, GetFoundationModelCommand } from "@aws-sdk/client-bedrock";
import {
  type FunctionConfiguration,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import { SSMClient } from "@aws-sdk/client-ssm";
import { AGENT_ENVIRONMENT } from "../../../lambda/contract/environment.ts";
import { RUNTIME_PARAMETERS } from "../../../lambda/contract/runtime-parameters.ts";
import { ALIAS_NAME } from "../../../lib/names.ts";
import { findParameter } from "../../cli/aws-calls.ts";
import { deployedMs, type StageConnection } from "../../cli/stage-connection.ts";
import { foundationModelOf } from "../deploy/model-access.ts";
import type { LiveModel, LiveVersion, TokenAge } from "./status-report.ts";

/** The version behind the alias, with its variables. */
export interface ServingVersion {
  readonly live: LiveVersion;
  readonly environment: Readonly<Record<string, string>>;
  /** As Lambda has it configured. */
  readonly configuration: FunctionConfiguration;
}

/** Reads what the alias points at. */
export async function readServing(stage: StageConnection): Promise<ServingVersion> {
  const lambda = stage.client(LambdaClient);
  const of = { FunctionName: stage.names.function };
  const on = `function ${stage.names.function}`;
  const [alias, configuration] = await Promise.all([
    stage.ask({ action: "lambda:GetAlias", on }, () =>
      lambda.send(new GetAliasCommand({ ...of, Name: ALIAS_NAME })),
    ),
    stage.ask({ action: "lambda:GetFunctionConfiguration", on }, () =>
      lambda.send(new GetFunctionConfigurationCommand({ ...of, Qualifier: ALIAS_NAME })),
    ),
  ]);
  const application = stage.application();
  return {
    environment: configuration.Environment?.Variables ?? {},
    configuration,
    live: {
      version: alias.FunctionVersion ?? "",
      publishedMs: Date.parse(configuration.LastModified ?? ""),
      weights: alias.RoutingConfig?.AdditionalVersionWeights ?? {},
      deployedMs: deployedMs(application),
      stackStatus: application.status,
    },
  };
}

/** The model that answers now, and whether Bedrock still wants it to. */
export async function readModel(
  stage: StageConnection,
  environment: ServingVersion["environment"],
  unreadable: (sentence: string) => void,
): Promise<LiveModel> {
  const name = `${stage.names.parameterPrefix}${RUNTIME_PARAMETERS.modelId}`;
  const chosen = await readParameter(stage, name);
  const modelId = chosen?.Value ?? environment[AGENT_ENVIRONMENT.modelId] ?? "";
  const model = { modelId, setBy: chosen === undefined ? "deployment" : "parameter" } as const;
  // The stand-in answers in every model's name, and nothing on this machine knows of lifecycles.
  if (stage.target.isLocal || modelId === "") return model;
  const region = environment[AGENT_ENVIRONMENT.bedrockRegion] ?? stage.region;
  try {
    return { ...model, ...(await lifecycleOf(stage, foundationModelOf(modelId), region)) };
  } catch (error) {
    unreadable(error instanceof Error ? error.message : String(error));
    return model;
  }
}

async function lifecycleOf(
  stage: StageConnection,
  modelIdentifier: string,
  region: string,
): Promise<Pick<LiveModel, "lifecycle" | "endOfLifeMs">> {
  const bedrock = stage.client(BedrockClient, region);
  const call = {
    action: "bedrock:GetFoundationModel",
    on: `foundation model ${modelIdentifier}`,
    meaning: { ResourceNotFoundException: `knows no foundation model ${modelIdentifier} in ${region}` },
  };
  const { modelDetails } = await stage.ask(call, () =>
    bedrock.send(new GetFoundationModelCommand({ modelIdentifier })),
  );
  const { status, endOfLifeTime } = modelDetails?.modelLifecycle ?? {};
  return {
    ...(status !== undefined && { lifecycle: status }),
    ...(endOfLifeTime !== undefined && { endOfLifeMs: endOfLifeTime.getTime() }),
  };
}

/** When the token was changed, `null` where there is none; the token itself is not decrypted for it. */
export async function readTokenAge(stage: StageConnection, nowMs: number): Promise<TokenAge | null> {
  const parameter = await readParameter(stage, stage.names.tokenParameter);
  if (parameter?.LastModifiedDate === undefined) return null;
  const changedMs = parameter.LastModifiedDate.getTime();
  return { changedMs, ageDays: Math.max(0, (nowMs - changedMs) / 86_400_000) };
}

/** `undefined` where there is none. */
async function readParameter(stage: StageConnection, Name: string) {
  const ssm = stage.client(SSMClient);
  return stage.ask({ action: "ssm:GetParameter", on: `parameter ${Name}` }, () =>
    findParameter(ssm, { Name, WithDecryption: false }),
  );
}
