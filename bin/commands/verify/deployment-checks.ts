import { CloudWatchLogsClient, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import type { Template } from "cw-alarm-test/template";
import { ALIAS_NAME } from "../../../lib/names.ts";
import type { StageAlarm } from "../../cli/stage-alarms.ts";
import type { DeployedStack, StageConnection } from "../../cli/stage-connection.ts";
import { targetCommand } from "../../cli/target.ts";
import {
  type Check,
  failingFinding,
  type Finding,
  orPasses,
  passingFinding,
  type Verification,
} from "./check.ts";

/** What serves, beside what the stack deployed. */
export interface Serving {
  readonly version: string;
  readonly weights: Readonly<Record<string, number>>;
  readonly configured: Readonly<Record<string, unknown>>;
  /** Version that the stack made last; missing where the template has none. */
  readonly stackVersion?: string;
  /** Literal properties of the function in the template. */
  readonly templated: Readonly<Record<string, unknown>>;
}

/** Whether alias, version and template agree; `rollback` is the command that shows versions. */
export function judgeServing(serving: Serving, rollback: string): readonly Finding[] {
  const { version, weights, stackVersion, configured, templated } = serving;
  const shifting = Object.entries(weights).map(([other, share]) =>
    failingFinding(
      `${Math.round(share * 100)} % of the requests go to version ${other}`,
      "a deployment is shifting traffic: wait until it is over, then verify again",
    ),
  );
  const moved =
    stackVersion === undefined || stackVersion === version || shifting.length > 0
      ? []
      : [
          failingFinding(
            `${ALIAS_NAME} is on version ${version}, the stack made ${stackVersion}`,
            `a rollback moved it: deploy a good version, or look with ${rollback}`,
          ),
        ];
  const differing = Object.entries(templated)
    .filter(([name, value]) => configured[name] !== value)
    .map(([name, value]) =>
      failingFinding(
        `version ${version} has ${name} ${String(configured[name])}, the template ${String(value)}`,
        "somebody changed the function by hand: deploy the application stack",
      ),
    );
  return orPasses([...shifting, ...moved, ...differing], `version ${version}, as the template made it`);
}

/** Members of a function that are numbers or texts in the template and in Lambda's answer alike. */
const COMPARED_SETTINGS = ["MemorySize", "Timeout", "Runtime", "Handler"] as const;

async function aliasAgrees({ stage, serving }: Verification): Promise<readonly Finding[]> {
  const application = stage.application();
  const [{ live, configuration }, template] = await Promise.all([serving(), stage.template(application)]);
  const { version: made, properties } = deployedFunction(template, application, stage.names.function);
  const templated = COMPARED_SETTINGS.filter((key) => ["string", "number"].includes(typeof properties[key]));
  return judgeServing(
    {
      version: live.version,
      weights: live.weights,
      configured: { ...configuration },
      templated: Object.fromEntries(templated.map((key) => [key, properties[key]])),
      ...(made !== undefined && { stackVersion: made }),
    },
    targetCommand(stage.target, "rollback --list"),
  );
}

type Resources = NonNullable<Template["Resources"]>;

/** The function of that name in a template, and the version of it that the stack made. */
function deployedFunction(
  { Resources: resources = {} }: Template,
  { resources: made }: DeployedStack,
  functionName: string,
): { readonly properties: Readonly<Record<string, unknown>>; readonly version?: string } {
  const [logicalId] = Object.entries(resources).find(
    ([, { Type, Properties }]) =>
      Type === "AWS::Lambda::Function" && Properties?.FunctionName === functionName,
  ) ?? [undefined];
  const properties = logicalId === undefined ? {} : (resources[logicalId]?.Properties ?? {});
  const versionId = Object.keys(resources).find((id) => isVersionOf(resources, id, logicalId));
  const arn = made.find((resource) => resource.logicalId === versionId)?.physicalId ?? "";
  const version = /:(\d+)$/.exec(arn)?.[1];
  return { properties, ...(version !== undefined && { version }) };
}

function isVersionOf(resources: Resources, id: string, functionId: string | undefined): boolean {
  const { Type, Properties } = resources[id] ?? {};
  const of = Properties?.FunctionName as { readonly Ref?: string } | undefined;
  return Type === "AWS::Lambda::Version" && of?.Ref !== undefined && of.Ref === functionId;
}

/** A log group of a template. */
export interface TemplatedLogGroup {
  readonly name: string;
  readonly retentionDays: number | undefined;
}

/** Log groups with names of their own. */
export function templatedLogGroups({ Resources: resources = {} }: Template): readonly TemplatedLogGroup[] {
  return Object.values(resources).flatMap(({ Type, Properties }) => {
    const name = Properties?.LogGroupName;
    if (Type !== "AWS::Logs::LogGroup" || typeof name !== "string") return [];
    const days = Properties?.RetentionInDays;
    return [{ name, retentionDays: typeof days === "number" ? days : undefined }];
  });
}

/** Whether each group forgets, after as many days as its template says. */
export function judgeLogGroups(
  templated: readonly TemplatedLogGroup[],
  found: ReadonlyMap<string, number | undefined>,
  region: string,
): readonly Finding[] {
  const wrong = templated.flatMap(({ name, retentionDays }) => {
    const remedy = `aws logs put-retention-policy --region ${region} --log-group-name ${name} --retention-in-days ${retentionDays ?? 30}`;
    if (!found.has(name))
      return [failingFinding(`log group ${name} is gone`, "deploy the stack that has it")];
    const days = found.get(name);
    if (days === undefined) return [failingFinding(`${name} keeps its lines for ever`, remedy)];
    return retentionDays === undefined || retentionDays === days
      ? []
      : [
          failingFinding(
            `${name} keeps its lines for ${days} days, the template says ${retentionDays}`,
            remedy,
          ),
        ];
  });
  return orPasses(
    wrong,
    `${templated.length} log groups, ${[...new Set(found.values())].join(" and ")} days`,
  );
}

async function logGroups({ stage }: Verification): Promise<readonly Finding[]> {
  const templates = await Promise.all(stage.stacks.map((stack) => stage.template(stack)));
  const templated = templates.flatMap(templatedLogGroups);
  const client = stage.client(CloudWatchLogsClient);
  const found = new Map<string, number | undefined>();
  for (const { name } of templated)
    await stage.ask({ action: "logs:DescribeLogGroups", on: `log group ${name}` }, async () => {
      for await (const { logGroups: page = [] } of paginateDescribeLogGroups(
        { client },
        { logGroupNamePrefix: name },
      ))
        for (const group of page) if (group.logGroupName === name) found.set(name, group.retentionInDays);
    });
  return judgeLogGroups(templated, found, stage.region);
}

/** Properties of an alarm that stand in a template as CloudWatch answers them. */
const COMPARED_ALARM = [
  "MetricName",
  "Namespace",
  "Statistic",
  "ExtendedStatistic",
  "Period",
  "EvaluationPeriods",
  "DatapointsToAlarm",
  "Threshold",
  "ComparisonOperator",
  "TreatMissingData",
  "ActionsEnabled",
] as const;

/**
 * Where the account differs from what its stacks deployed: stacks, resources, and every alarm's condition.
 */
export function judgeDrift(
  stacks: readonly { readonly stack: DeployedStack; readonly template: Template }[],
  alarms: readonly StageAlarm[],
): readonly Finding[] {
  const wrong = stacks.flatMap(({ stack, template }) => [
    ...brokenParts(stack),
    ...Object.entries(template.Resources ?? {}).flatMap(([id, { Type, Properties }]) =>
      Type === "AWS::CloudWatch::Alarm" ? driftOfAlarm({ id, stack }, Properties ?? {}, alarms) : [],
    ),
  ]);
  return orPasses(
    wrong,
    `${stacks.map(({ stack }) => stack.stackName).join(", ")}, and every alarm's condition`,
  );
}

function brokenParts({ stackName, status, region, resources }: DeployedStack): readonly Finding[] {
  const look = `aws cloudformation describe-stack-events --region ${region} --stack-name ${stackName}`;
  const parts = resources.filter((resource) => !resource.status.endsWith("_COMPLETE"));
  return [
    ...(/^(CREATE|UPDATE|IMPORT|UPDATE_ROLLBACK|IMPORT_ROLLBACK)_COMPLETE$/.test(status)
      ? []
      : [failingFinding(`${stackName} is ${status}`, look)]),
    ...parts.map(({ logicalId, status: of }) => failingFinding(`${stackName}: ${logicalId} is ${of}`, look)),
  ];
}

function driftOfAlarm(
  { id, stack }: { readonly id: string; readonly stack: DeployedStack },
  properties: Readonly<Record<string, unknown>>,
  alarms: readonly StageAlarm[],
): readonly Finding[] {
  const name = stack.resources.find(({ logicalId }) => logicalId === id)?.physicalId ?? id;
  const remedy = `deploy ${stack.stackName}; CloudFormation itself shows more: aws cloudformation detect-stack-drift --region ${stack.region} --stack-name ${stack.stackName}`;
  const alarm = alarms.find(({ alarmName }) => alarmName === name);
  if (alarm === undefined) return [failingFinding(`alarm ${name} is gone`, remedy)];
  const now = alarm.definition as unknown as Readonly<Record<string, unknown>>;
  return COMPARED_ALARM.filter((key) => isLiteral(properties[key]) && properties[key] !== now[key]).map(
    (key) =>
      failingFinding(
        `${name}: ${key} is ${String(now[key])}, the template says ${String(properties[key])}`,
        remedy,
      ),
  );
}

function isLiteral(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

async function drift({ stage, alarms }: Verification): Promise<readonly Finding[]> {
  const read = stage.stacks.map(async (stack) => ({ stack, template: await stage.template(stack) }));
  return judgeDrift(await Promise.all(read), await alarms());
}

/** Why a stage without its monitoring stack is not watched. */
function monitoringFinding(stage: StageConnection): Finding {
  const isThere = stage.stacks.some(({ stackName }) => stackName === stage.names.monitoringStack);
  return isThere
    ? passingFinding("application and monitoring")
    : failingFinding(
        "the monitoring stack is missing: nobody is notified of anything",
        "npm run deploy -- --only monitoring",
      );
}

/** Whether the account has what its templates say. */
export const DEPLOYMENT_CHECKS: readonly Check[] = [
  {
    id: "stacks",
    title: "both stacks are there",
    run: ({ stage }) => Promise.resolve([monitoringFinding(stage)]),
  },
  { id: "alias", title: "alias, version and template agree", run: aliasAgrees },
  { id: "log-groups", title: "log groups have a retention", run: logGroups },
  { id: "drift", title: "no drift from the templates", run: drift },
];
