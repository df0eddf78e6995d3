import {
  DeleteFunctionCommand,
  type FunctionConfiguration,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type InvokeCommandOutput,
  LambdaClient,
  paginateListVersionsByFunction,
  PreconditionFailedException,
  PublishVersionCommand,
  ResourceNotFoundException,
  TooManyRequestsException,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { AGENT_ENVIRONMENT } from "../../../lambda/contract/environment.ts";
import { MODEL_ROWS } from "../../../lambda/contract/model-row.ts";
import { verificationEvent } from "../../../lambda/contract/request.ts";
import { awsAnswer } from "../../cli/aws-calls.ts";
import { Failure } from "../../cli/failure.ts";
import { jsonTextMembers } from "@wrist-agent/cloudwatch/json";
import type { Target } from "../../cli/target.ts";
import type { FunctionState, InvokeOutcome, TunedFunction } from "./tuned-function.ts";

/** A function behind Lambda's API, until `close`. */
export interface AwsFunction extends TunedFunction {
  readonly close: () => void;
}

/** What is asked, made again for each question. */
type MakeEvent = () => Promise<object>;

/** The function of a target; `event` makes each question. */
export function awsFunction(target: Target, name: string, event: MakeEvent): AwsFunction {
  // A question is asked once: a repeated one would be measured as one.
  const asking = new LambdaClient({ ...target.client, maxAttempts: 1 });
  const client = new LambdaClient(target.client);
  const FunctionName = name;
  const missing = `has no function ${name}, or not that version: deploy the application stack first, or name its --stage and --region`;
  const named = <T>(operation: string, work: Promise<T>): Promise<T> =>
    awsAnswer(
      { target, action: `lambda:${operation}`, meaning: { ResourceNotFoundException: missing } },
      work,
    );
  return {
    name,
    read: (Qualifier) =>
      named(
        "GetFunctionConfiguration",
        client.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier })).then(functionState),
      ),
    configure: ({ memoryMb, description }, RevisionId) => {
      const wanted = { MemorySize: memoryMb, Description: description, RevisionId };
      const command = new UpdateFunctionConfigurationCommand({ FunctionName, ...wanted });
      return named(
        "UpdateFunctionConfiguration",
        client.send(command).then(() => "changed" as const, changedMeanwhile),
      );
    },
    publish: (Description) =>
      named(
        "PublishVersion",
        client.send(new PublishVersionCommand({ FunctionName, Description })).then(versionOf),
      ),
    versions: () => named("ListVersionsByFunction", allVersions(client, FunctionName)),
    remove: (Qualifier) =>
      named(
        "DeleteFunction",
        client.send(new DeleteFunctionCommand({ FunctionName, Qualifier })).then(ignoreResult, unlessMissing),
      ),
    ask: async (Qualifier, abortSignal) => {
      const Payload = JSON.stringify(await event());
      const command = new InvokeCommand({ FunctionName, Qualifier, LogType: "Tail", Payload });
      return named(
        "InvokeFunction",
        asking.send(command, { abortSignal }).then(invokeOutcome, unlessThrottled),
      );
    },
    close: () => [asking, client].forEach((each) => each.destroy()),
  };
}

function functionState(given: FunctionConfiguration): FunctionState {
  const { Version = "", MemorySize = 128, Description = "", CodeSha256 = "", RevisionId } = given;
  return {
    version: Version,
    memoryMb: MemorySize,
    description: Description,
    codeSha256: CodeSha256,
    architecture: given.Architectures?.[0] === "arm64" ? "arm64" : "x86_64",
    revisionId: RevisionId,
    environment: given.Environment?.Variables ?? {},
    progress: configurationProgress(given),
  };
}

function configurationProgress(given: FunctionConfiguration): FunctionState["progress"] {
  const { State, LastUpdateStatus } = given;
  if (State === "Failed") return { failed: given.StateReason ?? "it gave no reason" };
  if (LastUpdateStatus === "Failed") return { failed: given.LastUpdateStatusReason ?? "it gave no reason" };
  // An idle version is set up again by its first invocation.
  return State === "Pending" || LastUpdateStatus === "InProgress" ? "changing" : "ready";
}

async function allVersions(client: LambdaClient, FunctionName: string) {
  const versions: Pick<FunctionState, "version" | "description">[] = [];
  for await (const { Versions = [] } of paginateListVersionsByFunction({ client }, { FunctionName }))
    versions.push(
      ...Versions.map(({ Version = "", Description = "" }) => ({
        version: Version,
        description: Description,
      })),
    );
  return versions;
}

function versionOf({ Version }: FunctionConfiguration): string {
  if (Version === undefined) throw new Failure("Lambda gave no number for the version that it published");
  return Version;
}

function changedMeanwhile(error: unknown): "changed meanwhile" {
  if (error instanceof PreconditionFailedException) return "changed meanwhile";
  throw error;
}

function ignoreResult(): void {
  // What a command answers that has nothing to report.
}

function unlessMissing(error: unknown): void {
  if (!(error instanceof ResourceNotFoundException)) throw error;
}

function unlessThrottled(error: unknown): InvokeOutcome {
  if (error instanceof TooManyRequestsException) return { kind: "throttled" };
  throw error;
}

function invokeOutcome({ FunctionError, LogResult = "", Payload }: InvokeCommandOutput): InvokeOutcome {
  const log = Buffer.from(LogResult, "base64").toString();
  const answer = jsonTextMembers(Payload?.transformToString() ?? "");
  if (FunctionError !== undefined) {
    const { errorType, errorMessage } = answer;
    return { kind: "failed", error: [errorType, errorMessage].filter(isText).join(": "), log };
  }
  const { error } = jsonTextMembers(isText(answer.body) ? answer.body : "");
  const status = typeof answer.statusCode === "number" ? answer.statusCode : 0;
  return { kind: "answered", status, error: isText(error) ? error : "", log };
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** A note of a usual length: nearly half of all requests are notes. */
const MEASUREMENT_QUESTION = {
  text: "the rear hub is fine but the chain is worn, forty five dollars, ready on thursday",
  mode: "note",
  maxTokens: 400,
} as const;

/** Tokens of the prompt, rounded up. */
const PROMPT_TOKENS = 700;

/** A question that no metric counts, as the agent takes it. */
export function questionEvent(token: string, nowMs: number): object {
  return verificationEvent(token, {
    ...MEASUREMENT_QUESTION,
    now: new Date(nowMs).toISOString(),
    timeZone: "UTC",
  });
}

/** What so many questions cost at most, in words. */
export function maxCostText({ environment }: Pick<FunctionState, "environment">, questions: number): string {
  const modelId = environment[AGENT_ENVIRONMENT.modelId] ?? "";
  const [, row] = Object.entries(MODEL_ROWS).find(([id]) => modelId.endsWith(id)) ?? [];
  if (row === undefined) return `whose price for ${modelId === "" ? "the model" : modelId} is not known here`;
  const { input, output } = row.usdPerMillion;
  const perQuestion =
    ((PROMPT_TOKENS * input + MEASUREMENT_QUESTION.maxTokens * output) * row.geographicFactor) / 1e6;
  return `at most ${(questions * perQuestion).toFixed(2)} USD`;
}

/** Name of the parameter that holds the token of a function that is this project's agent. */
export function tokenParameterName(
  tuned: string,
  { environment }: Pick<FunctionState, "environment">,
): string {
  const name = environment[AGENT_ENVIRONMENT.tokenParameterName];
  if (name !== undefined) return name;
  throw new Failure(
    `${tuned} has no variable ${AGENT_ENVIRONMENT.tokenParameterName}: it is not this project's agent, whose questions alone can be asked`,
  );
}
