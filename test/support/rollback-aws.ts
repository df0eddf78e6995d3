import { httpFake, type FakeAnswer, type HttpFake, type Received } from "./http-fake.ts";

/** A version as Lambda lists it; what a test leaves out is filled in. */
export interface FakeVersion {
  readonly Version: string;
  readonly LastModified?: string;
  readonly CodeSha256?: string;
  readonly MemorySize?: number;
  readonly Timeout?: number;
  readonly Description?: string;
  readonly Environment?: { readonly Variables: Readonly<Record<string, string>> };
  readonly State?: string;
  readonly StateReason?: string;
}

/** A deployment as CodeDeploy keeps it. */
export interface FakeDeployment {
  status: string;
  creator?: string;
  createTime?: number;
  rollbackInfo?: { rollbackDeploymentId?: string; rollbackMessage?: string };
}

/** Lambda and CodeDeploy of one stage; a test changes what it likes at any time. */
export interface RollbackWorld {
  functionName: string;
  versions: FakeVersion[];
  /** States that only GetFunctionConfiguration tells, by version. */
  states: Record<string, { State: string; StateReason?: string }>;
  alias: { FunctionVersion: string; weights: Record<string, number>; revision: number } | undefined;
  deployments: Record<string, FakeDeployment>;
  provisioned: number | undefined;
  /** Alarms by name; those of a stage with what they tell. */
  alarms: Record<string, { state: string; reason?: string; actions?: string[] }>;
  /** Operations that are refused, with the error's name. */
  refusals: Record<string, { name: string; message: string; status?: number }>;
  pageSize: number;
  /** Happens once an operation has been answered. */
  after: Record<string, () => void>;
}

const PAGE_TOPIC = "arn:aws:sns:eu-west-1:111122223333:wrist-agent-production-page";
const TICKET_TOPIC = "arn:aws:sns:eu-west-1:111122223333:wrist-agent-production-ticket";

/** A stage with versions 38 to 42, of which 42 is live, 40 has the code of 38, and nothing is under way. */
export function rollbackWorld(): RollbackWorld {
  return {
    functionName: "wrist-agent-production",
    versions: [
      { Version: "$LATEST" },
      { Version: "38", CodeSha256: "old+code=", LastModified: "2026-11-01T08:00:00.000+0000" },
      { Version: "39", CodeSha256: "next+code", LastModified: "2026-11-05T08:00:00.000+0000" },
      {
        Version: "40",
        CodeSha256: "old+code=",
        LastModified: "2026-11-09T08:00:00.000+0000",
        MemorySize: 256,
      },
      { Version: "41", CodeSha256: "good+code", LastModified: "2026-11-20T08:00:00.000+0000" },
      { Version: "42", CodeSha256: "bad++code", LastModified: "2026-11-24T08:00:00.000+0000", Timeout: 60 },
    ],
    states: {},
    alias: { FunctionVersion: "42", weights: {}, revision: 1 },
    deployments: {},
    provisioned: undefined,
    alarms: {
      "wrist-agent-production-failing-now": { state: "OK", actions: [PAGE_TOPIC] },
      "wrist-agent-production-lambda-errors": { state: "OK", actions: [TICKET_TOPIC] },
      "wrist-agent-production-slow": { state: "OK", actions: [TICKET_TOPIC] },
    },
    refusals: {},
    pageSize: 50,
    after: {},
  };
}

/** Serves a world over the wire of Lambda's and CodeDeploy's SDK clients; calls are kept by operation. */
export async function rollbackAws(
  world: RollbackWorld,
): Promise<{ readonly fake: HttpFake; readonly calls: string[] }> {
  const calls: string[] = [];
  const fake = await httpFake((request) => {
    // What the page of a system on this machine says of itself.
    if (request.path === "/api/overview") return { body: { region: "eu-west-1" } };
    const operation = operationOf(request);
    calls.push(operation);
    const refusal = world.refusals[operation];
    const answer = refusal === undefined ? ANSWERS[operation]?.(world, request) : error(refusal);
    world.after[operation]?.();
    return answer ?? error({ name: "UnknownOperationException", message: "", status: 404 });
  });
  return { fake, calls };
}

const PATHS: readonly (readonly [RegExp, string])[] = [
  [/^GET \/2015-03-31\/functions\/[^/]+\/versions/, "ListVersionsByFunction"],
  [/^GET \/2015-03-31\/functions\/[^/]+\/aliases\/live$/, "GetAlias"],
  [/^PUT \/2015-03-31\/functions\/[^/]+\/aliases\/live$/, "UpdateAlias"],
  [/^GET \/2015-03-31\/functions\/[^/]+\/configuration/, "GetFunctionConfiguration"],
  [
    /^GET \/2019-09-30\/functions\/[^/]+\/provisioned-concurrency\?Qualifier=live$/,
    "GetProvisionedConcurrencyConfig",
  ],
];

function operationOf({ method, path, headers }: Received): string {
  const target = headers["x-amz-target"];
  if (typeof target === "string")
    return target.replace(/^(CodeDeploy_20141006|GraniteServiceVersion20100801)\./, "");
  return PATHS.find(([pattern]) => pattern.test(`${method} ${path}`))?.[1] ?? `${method} ${path}`;
}

/** Both protocols at once: Lambda's clients read the header, CodeDeploy's the body. */
function error({ name, message, status = 400 }: RollbackWorld["refusals"][string]): FakeAnswer {
  return { status, headers: { "x-amzn-errortype": name }, body: { __type: name, message } };
}

type Answering = (world: RollbackWorld, request: Received) => FakeAnswer;

const ANSWERS: Readonly<Record<string, Answering>> = {
  ListVersionsByFunction(world, { path }) {
    if (!path.includes(`/functions/${world.functionName}/`)) return notFound("Function not found");
    const from = Number(/Marker=(\d+)/.exec(path)?.[1] ?? 0);
    const page = world.versions.slice(from, from + world.pageSize).map(filled);
    const next = from + world.pageSize;
    return { body: { Versions: page, ...(next < world.versions.length && { NextMarker: String(next) }) } };
  },
  GetAlias: ({ alias }) => (alias === undefined ? notFound("Cannot find alias arn") : aliasAnswer(alias)),
  UpdateAlias(world, { body }) {
    const { alias } = world;
    const input = JSON.parse(body) as {
      FunctionVersion: string;
      RevisionId?: string;
      RoutingConfig?: { AdditionalVersionWeights?: Record<string, number> };
    };
    if (alias === undefined) return notFound("Cannot find alias arn");
    if (input.RevisionId !== undefined && input.RevisionId !== `r${alias.revision}`)
      return error({
        name: "PreconditionFailedException",
        message: "The RevisionId does not match",
        status: 412,
      });
    // As Lambda does it: without a RoutingConfig the weights stay as they are.
    const weights = input.RoutingConfig?.AdditionalVersionWeights ?? alias.weights;
    world.alias = { FunctionVersion: input.FunctionVersion, weights, revision: alias.revision + 1 };
    return aliasAnswer(world.alias);
  },
  GetFunctionConfiguration(world, { path }) {
    const version = /Qualifier=([^&]+)/.exec(path)?.[1] ?? "";
    const found = world.versions.find(({ Version }) => Version === version);
    if (found === undefined) return notFound("Function not found");
    return { body: { ...filled(found), ...(world.states[version] ?? { State: "Active" }) } };
  },
  GetProvisionedConcurrencyConfig({ provisioned }) {
    if (provisioned !== undefined)
      return { body: { RequestedProvisionedConcurrentExecutions: provisioned, Status: "READY" } };
    return error({ name: "ProvisionedConcurrencyConfigNotFoundException", message: "none", status: 404 });
  },
  DescribeAlarms({ alarms }, { body }) {
    const { AlarmNamePrefix } = JSON.parse(body) as { AlarmNamePrefix: string };
    const MetricAlarms = Object.entries(alarms)
      .filter(([name]) => name.startsWith(AlarmNamePrefix))
      .map(([AlarmName, { state, reason = "", actions = [] }]) => ({
        AlarmName,
        StateValue: state,
        StateReason: reason,
        AlarmActions: actions,
      }));
    return { body: { MetricAlarms, CompositeAlarms: [] } };
  },
  ListDeployments({ deployments }, { body }) {
    const { includeOnlyStatuses, nextToken } = JSON.parse(body) as {
      includeOnlyStatuses: string[];
      nextToken?: string;
    };
    const ids = Object.entries(deployments)
      .filter(([, { status }]) => includeOnlyStatuses.includes(status))
      .map(([id]) => id);
    const at = Number(nextToken ?? 0);
    return {
      body: { deployments: ids.slice(at, at + 1), ...(at + 1 < ids.length && { nextToken: `${at + 1}` }) },
    };
  },
  GetDeployment({ deployments }, { body }) {
    const { deploymentId } = JSON.parse(body) as { deploymentId: string };
    const found = deployments[deploymentId];
    if (found === undefined) return error({ name: "DeploymentDoesNotExistException", message: deploymentId });
    return { body: { deploymentInfo: { deploymentId, ...found } } };
  },
  StopDeployment({ deployments }, { body }) {
    const { deploymentId } = JSON.parse(body) as { deploymentId: string };
    if (deployments[deploymentId]?.status === "Succeeded")
      return error({ name: "DeploymentAlreadyCompletedException", message: deploymentId });
    return { body: { status: "Pending" } };
  },
};

function filled(version: FakeVersion): object {
  return {
    CodeSha256: "latest",
    LastModified: "",
    MemorySize: 512,
    Timeout: 30,
    Description: "",
    ...version,
  };
}

function aliasAnswer({
  FunctionVersion,
  weights,
  revision,
}: NonNullable<RollbackWorld["alias"]>): FakeAnswer {
  const RoutingConfig = Object.keys(weights).length === 0 ? null : { AdditionalVersionWeights: weights };
  return { body: { Name: "live", FunctionVersion, RoutingConfig, RevisionId: `r${revision}` } };
}

function notFound(message: string): FakeAnswer {
  return error({ name: "ResourceNotFoundException", message, status: 404 });
}
