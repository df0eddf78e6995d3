import { AGENT_ENVIRONMENT } from "../../lambda/contract/environment.ts";
import { PROBE_ENVIRONMENT } from "../../lambda/contract/probe.ts";
import { isObject } from "../assembly/template/template.ts";
import {
  areaOf,
  numberOf,
  referencesIn,
  resourcesOf,
  textOf,
  type Area,
  type BilledResource,
  type BilledStack,
} from "./billed-stack.ts";
import { runsPerMonth } from "./schedule-runs.ts";
import { DAYS_PER_MONTH, MEAN_REQUEST_SECONDS, PROBE_SECONDS, USE } from "./traffic.ts";
import { placeOf, type Billed } from "./usage.ts";

/** Who asks a function, how often in a month and for how long. */
export interface Runs {
  readonly by: "people" | "the probe" | "its schedule";
  /** Whose bill the runs are on: those that the probe causes are monitoring, wherever they happen. */
  readonly area: Area;
  readonly perMonth: number;
  readonly seconds: number;
}

/** A function of the templates with everything that its price depends on. */
export interface BilledFunction {
  readonly resource: BilledResource;
  readonly name: string;
  readonly memoryGb: number;
  readonly architecture: "arm64" | "x86_64";
  readonly isTraced: boolean;
  readonly isProvisioned: boolean;
  readonly environment: Readonly<Record<string, unknown>>;
  /** Set for the function behind the Function URL. */
  readonly isAgent: boolean;
  /** Set for a scheduled function that asks the Function URL. */
  readonly isProbe: boolean;
  readonly runs: readonly Runs[];
}

/** Every function of the stacks; people ask the first agent alone, and each probe asks the agent of its Region. */
export function functionsOf({ stacks, requestsPerDay }: Billed): readonly BilledFunction[] {
  const bare = stacks.flatMap((stack) => resourcesOf(stack, "AWS::Lambda::Function").map(bareFunction));
  const agents = bare.filter(({ isAgent }) => isAgent);
  const probes = bare.filter(({ isProbe }) => isProbe);
  return bare.map((fn) => {
    const own = ownRuns(fn);
    if (!fn.isAgent) return { ...fn, runs: own };
    const share = fn === agents[0] ? requestsPerDay : 0;
    return { ...fn, runs: [...peopleRuns(share), ...probeRuns(probes, agents.length), ...own] };
  });
}

function peopleRuns(requestsPerDay: number): readonly Runs[] {
  const perMonth = requestsPerDay * DAYS_PER_MONTH;
  return [{ by: "people", area: "agent", perMonth, seconds: MEAN_REQUEST_SECONDS }];
}

function probeRuns(probes: readonly BareFunction[], agents: number): readonly Runs[] {
  const perMonth = probes.flatMap(ownRuns).reduce((sum, run) => sum + run.perMonth, 0) / agents;
  return [{ by: "the probe", area: "monitoring", perMonth, seconds: PROBE_SECONDS }];
}

type BareFunction = Omit<BilledFunction, "runs">;

function ownRuns({ resource, isProbe }: BareFunction): readonly Runs[] {
  const seconds = isProbe ? PROBE_SECONDS : USE.scheduledRunSeconds;
  const area = areaOf(resource.stack);
  return schedulesOf(resource.stack)
    .filter(({ target }) => target === resource.logicalId)
    .map(({ perMonth = 0 }) => ({ by: "its schedule", area, perMonth, seconds }));
}

function bareFunction(resource: BilledResource): BareFunction {
  const { stack, logicalId, properties } = resource;
  const environment = environmentOf(properties.Environment);
  const isAgent = targets(stack, "AWS::Lambda::Url", "TargetFunctionArn").includes(logicalId);
  const isScheduled = schedulesOf(stack).some(({ target }) => target === logicalId);
  return {
    resource,
    name: textOf(properties.FunctionName) ?? placeOf(resource),
    memoryGb: (numberOf(properties.MemorySize) ?? 128) / 1024,
    architecture: JSON.stringify(properties.Architectures ?? []).includes("arm64") ? "arm64" : "x86_64",
    isTraced: isObject(properties.TracingConfig) && properties.TracingConfig.Mode === "Active",
    isProvisioned: environmentsReady(stack, logicalId) > 0,
    environment,
    isAgent,
    isProbe: isScheduled && !isAgent && PROBE_ENVIRONMENT.url in environment,
  };
}

function environmentOf(environment: unknown): Readonly<Record<string, unknown>> {
  const variables = isObject(environment) ? environment.Variables : undefined;
  return isObject(variables) ? variables : {};
}

/** The functions that resources of one type point at, whether directly or through an alias. */
function targets(stack: BilledStack, type: string, property: string): readonly string[] {
  return resourcesOf(stack, type).flatMap(({ properties }) => functionBehind(stack, properties[property]));
}

function functionBehind(stack: BilledStack, value: unknown): readonly string[] {
  return referencesIn(stack, value).flatMap(({ type, logicalId, properties }) => {
    if (type === "AWS::Lambda::Function") return [logicalId];
    return type === "AWS::Lambda::Alias" ? functionBehind(stack, properties.FunctionName) : [];
  });
}

/** Execution environments that aliases of a function keep ready: as configured, or the least that scaling keeps. */
export function environmentsReady(stack: BilledStack, logicalId: string): number {
  const aliases = resourcesOf(stack, "AWS::Lambda::Alias").filter(({ properties }) =>
    functionBehind(stack, properties.FunctionName).includes(logicalId),
  );
  return aliases.reduce((sum, alias) => sum + Math.max(configuredOn(alias), scaledOn(stack, alias)), 0);
}

function configuredOn({ properties }: BilledResource): number {
  const config = properties.ProvisionedConcurrencyConfig;
  return isObject(config) ? (numberOf(config.ProvisionedConcurrentExecutions) ?? 0) : 0;
}

function scaledOn(stack: BilledStack, alias: BilledResource): number {
  return resourcesOf(stack, "AWS::ApplicationAutoScaling::ScalableTarget")
    .filter(({ properties }) => properties.ScalableDimension === "lambda:function:ProvisionedConcurrency")
    .filter(({ properties }) =>
      referencesIn(stack, properties.ResourceId).some(({ logicalId }) => logicalId === alias.logicalId),
    )
    .reduce((most, { properties }) => Math.max(most, numberOf(properties.MinCapacity) ?? 0), 0);
}

/** A schedule and the function that it runs. */
interface Schedule {
  readonly resource: BilledResource;
  readonly target: string | undefined;
  /** `undefined` when the expression cannot be read. */
  readonly perMonth: number | undefined;
}

/** Every enabled schedule of a stack, of EventBridge Scheduler or of an event rule. */
export function schedulesOf(stack: BilledStack): readonly Schedule[] {
  return [...resourcesOf(stack, "AWS::Scheduler::Schedule"), ...resourcesOf(stack, "AWS::Events::Rule")]
    .filter(({ properties }) => properties.State !== "DISABLED" && "ScheduleExpression" in properties)
    .map((resource) => {
      const { Target, Targets, ScheduleExpression } = resource.properties;
      const [target] = functionBehind(stack, arnsOf(Target ?? Targets));
      return { resource, target, perMonth: runsPerMonth(textOf(ScheduleExpression) ?? "") };
    });
}

/** The ARNs of targets and nothing else of them: a dead-letter queue is no target. */
function arnsOf(targets: unknown): unknown {
  if (Array.isArray(targets)) return targets.map(arnsOf);
  return isObject(targets) ? targets.Arn : undefined;
}

/** Text of an environment variable, or of what stands behind it when it names a resource of the stack. */
export function modelIdOf({ resource, environment }: BilledFunction): string | undefined {
  const value = environment[AGENT_ENVIRONMENT.modelId];
  if (typeof value === "string") return value;
  const [profile] = referencesIn(resource.stack, value);
  const source = profile?.properties.ModelSource;
  const copied = isObject(source) ? textOf(source.CopyFrom) : undefined;
  return copied?.split("/").at(-1);
}
