import {
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  paginateListVersionsByFunction,
  PreconditionFailedException,
  PublishVersionCommand,
  ResourceNotFoundException,
  TooManyRequestsException,
  UpdateFunctionConfigurationCommand,
  type FunctionConfiguration,
  type InvokeCommandOutput,
} from "@aws-sdk/client-lambda";
import { Failure } from "../../failure.ts";
import { asked } from "../asked.ts";
import type { Target } from "../target.ts";
import { membersIn } from "./json-members.ts";
import type { Asked, FunctionState, TunedFunction } from "./tuned-function.ts";

/** A function behind Lambda's API, until `close`. */
export interface AwsFunction extends TunedFunction {
  readonly close: () => void;
}

/** What is asked, made anew for each question. */
export type MakeEvent = () => Promise<object>;

/** The function of a target; `event` makes each question. */
export function awsFunction(target: Target, name: string, event: MakeEvent): AwsFunction {
  // A question is asked once: a repeated one would be measured as one.
  const asking = new LambdaClient({ ...target.client, maxAttempts: 1 });
  const client = new LambdaClient(target.client);
  const FunctionName = name;
  const missing = `has no function ${name}, or not that version: deploy the application stack first, or name its --stage and --region`;
  const told = <T>(operation: string, work: Promise<T>): Promise<T> =>
    asked({ target, action: `lambda:${operation}`, meaning: { ResourceNotFoundException: missing } }, work);
  return {
    name,
    read: (Qualifier) =>
      told(
        "GetFunctionConfiguration",
        client.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier })).then(stateOf),
      ),
    configure: ({ memoryMb, description }, RevisionId) => {
      const wanted = { MemorySize: memoryMb, Description: description, RevisionId };
      const command = new UpdateFunctionConfigurationCommand({ FunctionName, ...wanted });
      return told(
        "UpdateFunctionConfiguration",
        client.send(command).then(() => "changed" as const, changedMeanwhile),
      );
    },
    publish: (Description) =>
      told(
        "PublishVersion",
        client.send(new PublishVersionCommand({ FunctionName, Description })).then(versionOf),
      ),
    versions: () => told("ListVersionsByFunction", allVersions(client, FunctionName)),
    remove: (Qualifier) =>
      told(
        "DeleteFunction",
        client.send(new DeleteFunctionCommand({ FunctionName, Qualifier })).then(nothing, unlessMissing),
      ),
    ask: async (Qualifier, abortSignal) => {
      const Payload = JSON.stringify(await event());
      const command = new InvokeCommand({ FunctionName, Qualifier, LogType: "Tail", Payload });
      return told("InvokeFunction", asking.send(command, { abortSignal }).then(askedOf, unlessThrottled));
    },
    close: () => [asking, client].forEach((each) => each.destroy()),
  };
}

function stateOf(given: FunctionConfiguration): FunctionState {
  const { Version = "", MemorySize = 128, Description = "", CodeSha256 = "", RevisionId } = given;
  return {
    version: Version,
    memoryMb: MemorySize,
    description: Description,
    codeSha256: CodeSha256,
    architecture: given.Architectures?.[0] === "arm64" ? "arm64" : "x86_64",
    revisionId: RevisionId,
    environment: given.Environment?.Variables ?? {},
    progress: progressOf(given),
  };
}

function progressOf(given: FunctionConfiguration): FunctionState["progress"] {
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

function nothing(): void {
  // What a command answers that has nothing to tell.
}

function unlessMissing(error: unknown): void {
  if (!(error instanceof ResourceNotFoundException)) throw error;
}

function unlessThrottled(error: unknown): Asked {
  if (error instanceof TooManyRequestsException) return { kind: "throttled" };
  throw error;
}

function askedOf({ FunctionError, LogResult = "", Payload }: InvokeCommandOutput): Asked {
  const log = Buffer.from(LogResult, "base64").toString();
  const answer = membersIn(Payload?.transformToString() ?? "");
  if (FunctionError !== undefined) {
    const { errorType, errorMessage } = answer;
    return { kind: "failed", error: [errorType, errorMessage].filter(isText).join(": "), log };
  }
  const { error } = membersIn(isText(answer.body) ? answer.body : "");
  const status = typeof answer.statusCode === "number" ? answer.statusCode : 0;
  return { kind: "answered", status, error: isText(error) ? error : "", log };
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
