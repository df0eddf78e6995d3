import { type Cron, parseScheduleCron } from "@wrist-agent/cloudwatch/cron";
import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { AGENT_ENVIRONMENT } from "../../lambda/contract/environment.ts";
import { PROBE_ENVIRONMENT, type ProbeEvent } from "../../lambda/contract/probe.ts";
import { meanOverModes, type ModeTraffic } from "../../lambda/contract/usual-traffic.ts";
import {
  type BillArea,
  billAreaOf,
  billedPlace,
  type BilledResource,
  type BilledStack,
  type BilledStage,
  referencesIn,
  stackResources,
  templateNumber,
  templateText,
} from "./billed-stack.ts";

/** Hours in the month that AWS's own estimates use. */
export const HOURS_PER_MONTH = 730;

/** Days in that month. */
export const DAYS_PER_MONTH = HOURS_PER_MONTH / 24;

/** Percent of a day's requests by local hour: the hours before six share one percent. */
const HOUR_PERCENT = [...Array<number>(6).fill(1 / 6), 2, 6, 9, 8, 7, 6, 7, 5, 5, 5, 6, 8, 7, 5, 5, 4, 3, 1];

/** Characters of a prompt that make one token. */
export const CHARACTERS_PER_TOKEN = 3.8;

/** Characters of a dictated text: the mean of a log-normal with median 80 and 95th percentile 300. */
export const DICTATION_CHARACTERS = 110;

/** Bytes that a run leaves in the log; tests render the real lines and hold these against them. */
export const LOG_BYTES = {
  /** The agent's line of one request, EMF directives included. */
  requestLine: 1_280,
  /** The agent's line of a question of the probe: no metrics, so no directives. */
  probeRequestLine: 920,
  /** The agent's line of a question about its health. */
  healthRequestLine: 550,
  /** The probe's line of a run that was answered by the first try. */
  probeRunLine: 440,
  /** Lambda's own lines of one run: `platform.start` and `platform.report`. */
  platformLines: 377,
} as const;

/**
 * Bytes that CloudWatch Logs adds to each event:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
 */
export const LOG_EVENT_BYTES = 26;

/** What the templates cannot show of how the monitoring is used: assumed. */
export const ASSUMED_USE = {
  /** Times a day that somebody opens each dashboard; each log widget then reads its whole range. */
  dashboardViewsPerDay: 1,
  /** Messages of each topic in a month: ten incidents, each with its end. */
  messagesPerTopic: 20,
  /** Seconds of a scheduled run that asks nobody. */
  scheduledRunSeconds: 1,
} as const;

/** Seconds that a request takes on average; latencies are log-normal, so the mean is above the median. */
const MEAN_REQUEST_SECONDS = meanOverModes(meanSeconds);

/** The mean of a log-normal from two of its percentiles; 1.645 standard deviations are the 95th. */
export function meanSeconds({ p50Seconds, p95Seconds }: Pick<ModeTraffic, "p50Seconds" | "p95Seconds">) {
  const deviation = Math.log(p95Seconds / p50Seconds) / 1.645;
  return p50Seconds * Math.exp(deviation ** 2 / 2);
}

/**
 * Traces that X-Ray's default rule records of a day: the first request of each second, and 5 % of the others.
 *
 * Within an hour the requests are taken as evenly spread.
 */
export function tracesPerDay(requestsPerDay: number): number {
  const perHour = HOUR_PERCENT.map((percent) => (requestsPerDay * percent) / 100);
  return perHour.reduce((sum, requests) => {
    const perSecond = requests / 3600;
    return sum + 3600 * (perSecond <= 1 ? perSecond : 1 + 0.05 * (perSecond - 1));
  }, 0);
}

/** Seconds of one question of the probe, whose answer is a single token. */
const PROBE_SECONDS = 0.8;

/** Seconds in which the agent says that it is well, without asking the model. */
const HEALTH_SECONDS = 0.1;

/** Who asks a function, how often in a month and for how long. */
export interface FunctionRuns {
  readonly by: "people" | "the probe" | "the probe, for its health" | "its schedule";
  /** Whose bill the runs are on: those that the probe causes are monitoring, wherever they happen. */
  readonly area: BillArea;
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
  readonly runs: readonly FunctionRuns[];
}

/**
 * Every function of the stacks; people ask the first agent alone, and each probe asks the agent of its
 * Region.
 */
export function billedFunctions({ stacks, requestsPerDay }: BilledStage): readonly BilledFunction[] {
  const bare = stacks.flatMap((stack) => stackResources(stack, "AWS::Lambda::Function").map(bareFunction));
  const agents = bare.filter(({ isAgent }) => isAgent);
  const probes = bare.filter(({ isProbe }) => isProbe);
  return bare.map((fn) => {
    const own = ownRuns(fn);
    if (!fn.isAgent) return { ...fn, runs: own };
    const share = fn === agents[0] ? requestsPerDay : 0;
    return { ...fn, runs: [...peopleRuns(share), ...probeRuns(probes, agents.length), ...own] };
  });
}

function peopleRuns(requestsPerDay: number): readonly FunctionRuns[] {
  const perMonth = requestsPerDay * DAYS_PER_MONTH;
  return [{ by: "people", area: "agent", perMonth, seconds: MEAN_REQUEST_SECONDS }];
}

function probeRuns(probes: readonly BareFunction[], agents: number): readonly FunctionRuns[] {
  const runs = probes.flatMap(ownRuns);
  const asked = (seconds: number): number =>
    runs.reduce((sum, run) => sum + (run.seconds === seconds ? run.perMonth : 0), 0) / agents;
  return [
    { by: "the probe", area: "monitoring", perMonth: asked(PROBE_SECONDS), seconds: PROBE_SECONDS },
    {
      by: "the probe, for its health",
      area: "monitoring",
      perMonth: asked(HEALTH_SECONDS),
      seconds: HEALTH_SECONDS,
    },
  ];
}

type BareFunction = Omit<BilledFunction, "runs">;

function ownRuns({ resource, isProbe }: BareFunction): readonly FunctionRuns[] {
  const probeSeconds = (input: string): number => (asksHealth(input) ? HEALTH_SECONDS : PROBE_SECONDS);
  const area = billAreaOf(resource.stack);
  return billedSchedules(resource.stack)
    .filter(({ target }) => target === resource.logicalId)
    .map(({ perMonth = 0, input }) => {
      const seconds = isProbe ? probeSeconds(input) : ASSUMED_USE.scheduledRunSeconds;
      return { by: "its schedule", area, perMonth, seconds };
    });
}

/** Whether a run of the probe asks the agent alone, and no model. */
function asksHealth(input: string): boolean {
  return JSON.stringify({ asks: "health" } satisfies ProbeEvent) === input;
}

function bareFunction(resource: BilledResource): BareFunction {
  const { stack, logicalId, properties } = resource;
  const environment = environmentOf(properties.Environment);
  const isAgent = targetedFunctions(stack, "AWS::Lambda::Url", "TargetFunctionArn").includes(logicalId);
  const isScheduled = billedSchedules(stack).some(({ target }) => target === logicalId);
  return {
    resource,
    name: templateText(properties.FunctionName) ?? billedPlace(resource),
    memoryGb: (templateNumber(properties.MemorySize) ?? 128) / 1024,
    architecture: JSON.stringify(properties.Architectures ?? []).includes("arm64") ? "arm64" : "x86_64",
    isTraced: isJsonObject(properties.TracingConfig) && properties.TracingConfig.Mode === "Active",
    isProvisioned: environmentsReady(stack, logicalId) > 0,
    environment,
    isAgent,
    isProbe: isScheduled && !isAgent && PROBE_ENVIRONMENT.url in environment,
  };
}

function environmentOf(environment: unknown): Readonly<Record<string, unknown>> {
  const variables = isJsonObject(environment) ? environment.Variables : undefined;
  return isJsonObject(variables) ? variables : {};
}

/** The functions that resources of one type point at, whether directly or through an alias. */
function targetedFunctions(stack: BilledStack, type: string, property: string): readonly string[] {
  return stackResources(stack, type).flatMap(({ properties }) => functionBehind(stack, properties[property]));
}

function functionBehind(stack: BilledStack, value: unknown): readonly string[] {
  return referencesIn(stack, value).flatMap(({ type, logicalId, properties }) => {
    if (type === "AWS::Lambda::Function") return [logicalId];
    return type === "AWS::Lambda::Alias" ? functionBehind(stack, properties.FunctionName) : [];
  });
}

/**
 * Execution environments that aliases of a function keep ready: as configured, or the least that scaling
 * keeps.
 */
export function environmentsReady(stack: BilledStack, logicalId: string): number {
  const aliases = stackResources(stack, "AWS::Lambda::Alias").filter(({ properties }) =>
    functionBehind(stack, properties.FunctionName).includes(logicalId),
  );
  return aliases.reduce(
    (sum, alias) => sum + Math.max(configuredEnvironments(alias), minScaledEnvironments(stack, alias)),
    0,
  );
}

function configuredEnvironments({ properties }: BilledResource): number {
  const config = properties.ProvisionedConcurrencyConfig;
  return isJsonObject(config) ? (templateNumber(config.ProvisionedConcurrentExecutions) ?? 0) : 0;
}

function minScaledEnvironments(stack: BilledStack, alias: BilledResource): number {
  return stackResources(stack, "AWS::ApplicationAutoScaling::ScalableTarget")
    .filter(({ properties }) => properties.ScalableDimension === "lambda:function:ProvisionedConcurrency")
    .filter(({ properties }) =>
      referencesIn(stack, properties.ResourceId).some(({ logicalId }) => logicalId === alias.logicalId),
    )
    .reduce((most, { properties }) => Math.max(most, templateNumber(properties.MinCapacity) ?? 0), 0);
}

/** A schedule and the function that it runs. */
interface BilledSchedule {
  readonly resource: BilledResource;
  readonly target: string | undefined;
  /** `undefined` when the expression cannot be read. */
  readonly perMonth: number | undefined;
  /** The event that it sends; empty when EventBridge makes one up. */
  readonly input: string;
}

/** Every enabled schedule of a stack, of EventBridge Scheduler or of an event rule. */
export function billedSchedules(stack: BilledStack): readonly BilledSchedule[] {
  return [...stackResources(stack, "AWS::Scheduler::Schedule"), ...stackResources(stack, "AWS::Events::Rule")]
    .filter(({ properties }) => properties.State !== "DISABLED" && "ScheduleExpression" in properties)
    .map((resource) => {
      const { Target, Targets, ScheduleExpression } = resource.properties;
      const [target] = functionBehind(stack, targetArns(Target ?? Targets));
      const input = isJsonObject(Target) ? (templateText(Target.Input) ?? "") : "";
      return { resource, target, input, perMonth: runsPerMonth(templateText(ScheduleExpression) ?? "") };
    });
}

/** The ARNs of targets and nothing else of them: a dead-letter queue is no target. */
function targetArns(targets: unknown): unknown {
  if (Array.isArray(targets)) return targets.map(targetArns);
  return isJsonObject(targets) ? targets.Arn : undefined;
}

/** Text of an environment variable, or of what stands behind it when it names a resource of the stack. */
export function modelIdOf({ resource, environment }: BilledFunction): string | undefined {
  const value = environment[AGENT_ENVIRONMENT.modelId];
  if (typeof value === "string") return value;
  const [profile] = referencesIn(resource.stack, value);
  const source = profile?.properties.ModelSource;
  const copied = isJsonObject(source) ? templateText(source.CopyFrom) : undefined;
  return copied?.split("/").at(-1);
}

const RUNS_PER_MONTH = {
  minute: DAYS_PER_MONTH * 24 * 60,
  hour: DAYS_PER_MONTH * 24,
  day: DAYS_PER_MONTH,
} as const;

/** How often a schedule runs in a month; `undefined` for an expression that this does not read. */
export function runsPerMonth(expression: string): number | undefined {
  if (/^at\(.+\)$/.test(expression)) return 1;
  const [, every = "", unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (every !== "") return RUNS_PER_MONTH[unit as keyof typeof RUNS_PER_MONTH] / Number(every);
  const [, fields] = /^cron\((.+)\)$/.exec(expression) ?? [];
  const cron = fields === undefined ? undefined : parseScheduleCron(fields);
  return cron === undefined ? undefined : cronRuns(cron);
}

/** Runs of a cron expression in a mean month; `undefined` where it names years. */
function cronRuns({ minute, hour, date, month, weekday, year }: Cron): number | undefined {
  if (year !== undefined) return undefined;
  const aDay = (minute?.size ?? 60) * (hour?.size ?? 24);
  const days = ((date?.size ?? 31) / 31) * ((weekday?.size ?? 7) / 7) * ((month?.size ?? 12) / 12);
  return aDay * days * DAYS_PER_MONTH;
}
