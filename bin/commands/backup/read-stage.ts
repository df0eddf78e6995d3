import { CloudFormationClient, GetTemplateCommand, type Stack } from "@aws-sdk/client-cloudformation";
import {
  type AlarmHistoryItem,
  CloudWatchClient,
  type CompositeAlarm,
  GetDashboardCommand,
  type MetricAlarm,
} from "@aws-sdk/client-cloudwatch";
import { SNSClient } from "@aws-sdk/client-sns";
import { paginateGetParametersByPath, type Parameter, SSMClient } from "@aws-sdk/client-ssm";
import { BILLING_NAMES, BILLING_REGION, BILLING_STACK, DELIVERY_STACK, namesOf } from "../../../lib/names.ts";
import {
  awsAnswer,
  awsErrorName,
  describeStack,
  findParameter,
  stackOutputs,
  stackTags,
  withClient,
} from "../../cli/aws-calls.ts";
import { Failure } from "../../cli/failure.ts";
import { describeAlarmHistory, describeAlarms, listDashboardNames } from "../../cli/stage-alarms.ts";
import {
  type ListedSubscription,
  listSubscriptions,
  subscriptionStates,
  type TopicSubscription,
} from "../../cli/subscriptions.ts";
import { awsFailure, type Target } from "../../cli/target.ts";
import {
  type ParameterCopy,
  type RegionAlarms,
  type SecretParameter,
  type StackCopy,
  type StageContent,
  stageTopics,
} from "./stage-content.ts";

/**
 * Reads everything of a stage that a backup keeps, and says what it is at; a refusal names the IAM action.
 */
export async function readStage(
  target: Target,
  show: (text: string) => void,
): Promise<Omit<StageContent, "agent">> {
  const region = await targetRegion(target);
  show("reading the stacks");
  const { accountId, partition, stacks } = await readStackCopies(target, region);
  show("reading the parameters");
  const parameters = await readParameters(target);
  show("reading the dashboards");
  const dashboards = await readDashboards(target, region);
  show("reading the alarms and their history");
  const alarms = await readAlarms(target, stacks);
  show("reading the subscriptions");
  const subscriptions = await readSubscriptions(target, { stacks, accountId, partition });
  return { accountId, region, stacks, ...parameters, dashboards, alarms, subscriptions };
}

/** The Region of a target, its own or that of the AWS profile. */
function targetRegion(target: Target): Promise<string> {
  return withClient(SSMClient, target.client, (client) => client.config.region()).catch((error: unknown) => {
    throw awsFailure(error, target);
  });
}

/** Everything below the stage's path, and the token, which is older than the path. */
function readParameters(target: Target): Promise<Pick<StageContent, "parameters" | "secrets">> {
  const { tokenParameter } = namesOf(target.stage);
  return withClient(SSMClient, target.client, async (client) => {
    const below: Parameter[] = [];
    const read = async (): Promise<void> => {
      const path = { Path: `/wrist-agent/${target.stage}/`, Recursive: true, WithDecryption: true };
      for await (const { Parameters = [] } of paginateGetParametersByPath({ client }, path))
        below.push(...Parameters);
    };
    await awsAnswer({ target, action: "ssm:GetParametersByPath" }, read());
    // None where the first deploy has not made it.
    const token = await awsAnswer(
      { target, action: `ssm:GetParameter on ${tokenParameter}` },
      findParameter(client, { Name: tokenParameter, WithDecryption: true }),
    );
    const others = below.filter(({ Name }) => Name !== tokenParameter);
    const all = token === undefined ? others : [...others, token];
    return {
      parameters: all.map(parameterCopy),
      secrets: all.filter(({ Type }) => Type === "SecureString").map(secretParameter),
    };
  });
}

function parameterCopy(parameter: Parameter): ParameterCopy {
  const { Name = "", Type = "String", Value = "", Version = 0, LastModifiedDate } = parameter;
  return {
    name: Name,
    type: Type,
    version: Version,
    ...(LastModifiedDate !== undefined && { modifiedAt: LastModifiedDate.toISOString() }),
    ...(Type !== "SecureString" && { value: Value }),
  };
}

function secretParameter({ Name = "", Value = "" }: Parameter): SecretParameter {
  return { name: Name, value: Value };
}

function readDashboards(target: Target, region: string): Promise<StageContent["dashboards"]> {
  return withClient(CloudWatchClient, target.client, async (client) => {
    const listed = listDashboardNames(client, namesOf(target.stage).dashboardPrefix(region));
    const names = await awsAnswer({ target, action: "cloudwatch:ListDashboards" }, listed);
    const dashboards: { name: string; body: string }[] = [];
    for (const name of names) {
      const sent = client.send(new GetDashboardCommand({ DashboardName: name }));
      const { DashboardBody = "{}" } = await awsAnswer({ target, action: "cloudwatch:GetDashboard" }, sent);
      dashboards.push({ name, body: DashboardBody });
    }
    return dashboards;
  });
}

/** The stage's alarms where its stacks are, and the account's where its billing stack is. */
async function readAlarms(target: Target, stacks: readonly StackCopy[]): Promise<readonly RegionAlarms[]> {
  const names = namesOf(target.stage);
  const places = new Map<string, string[]>();
  for (const { stackName, region } of stacks) {
    const prefix = stackName === BILLING_STACK ? BILLING_NAMES.alarm("") : names.alarm("");
    const prefixes = places.get(region) ?? [];
    places.set(region, prefixes.includes(prefix) ? prefixes : [...prefixes, prefix]);
  }
  const found: RegionAlarms[] = [];
  for (const [region, prefixes] of places) found.push(await readRegionAlarms(target, region, prefixes));
  return found;
}

function readRegionAlarms(
  target: Target,
  region: string,
  prefixes: readonly string[],
): Promise<RegionAlarms> {
  return withClient(CloudWatchClient, { ...target.client, region }, async (client) => {
    const alarms = { metricAlarms: [] as MetricAlarm[], compositeAlarms: [] as CompositeAlarm[] };
    for (const AlarmNamePrefix of prefixes) {
      const described = describeAlarms(client, { AlarmNamePrefix });
      const found = await awsAnswer({ target, action: "cloudwatch:DescribeAlarms" }, described);
      alarms.metricAlarms.push(...found.metricAlarms);
      alarms.compositeAlarms.push(...found.compositeAlarms);
    }
    const history: AlarmHistoryItem[] = [];
    for (const { AlarmName } of [...alarms.metricAlarms, ...alarms.compositeAlarms]) {
      const described = describeAlarmHistory(client, { AlarmName });
      history.push(...(await awsAnswer({ target, action: "cloudwatch:DescribeAlarmHistory" }, described)));
    }
    return { region, ...alarms, history };
  });
}

interface TopicPlace {
  readonly stacks: readonly StackCopy[];
  readonly accountId: string;
  readonly partition: string;
}

/** Who hears of each topic of the stage. */
async function readSubscriptions(
  target: Target,
  { stacks, accountId, partition }: TopicPlace,
): Promise<readonly TopicSubscription[]> {
  const found: TopicSubscription[] = [];
  for (const { topic, region } of stageTopics(target.stage, stacks)) {
    const topicArn = `arn:${partition}:sns:${region}:${accountId}:${topic}`;
    const listed = await topicSubscriptions(target, region, topicArn);
    found.push(...subscriptionStates({ topicArn, addresses: [] }, listed));
  }
  return found;
}

/** Who hears of a topic; nobody of one that is not there. */
export function topicSubscriptions(
  target: Target,
  region: string,
  topicArn: string,
): Promise<readonly ListedSubscription[]> {
  return withClient(SNSClient, { ...target.client, region }, (client) => {
    const listed = listSubscriptions(client, topicArn).catch((error: unknown) => {
      if (awsErrorName(error).startsWith("NotFound")) return [];
      throw error;
    });
    return awsAnswer({ target, action: "sns:ListSubscriptionsByTopic" }, listed);
  });
}

/** The stacks of a stage, and the account that they are in. */
interface StackCopies {
  readonly accountId: string;
  readonly partition: string;
  readonly stacks: readonly StackCopy[];
}

/** Reads the stacks of a stage in a Region, and the account's billing and delivery stacks where they are. */
async function readStackCopies(target: Target, region: string): Promise<StackCopies> {
  const names = namesOf(target.stage);
  const wanted = [
    { stackName: names.applicationStack, region },
    { stackName: names.monitoringStack, region },
    { stackName: BILLING_STACK, region: BILLING_REGION },
    { stackName: DELIVERY_STACK, region },
  ];
  const found: (readonly [StackCopy, Stack])[] = [];
  for (const place of wanted) {
    const copy = await readStack(target, place);
    if (copy !== undefined) found.push(copy);
  }
  const [first] = found;
  if (!found.some(([{ stackName }]) => stackName === names.applicationStack) || first === undefined)
    throw new Failure(
      `${target.where} has no stack ${names.applicationStack} in ${region}: name the stage and Region where it is with --stage and --region`,
    );
  const [, partition = "aws", , , accountId = ""] = (first[1].StackId ?? "").split(":");
  return { accountId, partition, stacks: found.map(([copy]) => copy) };
}

interface StackPlace {
  readonly stackName: string;
  readonly region: string;
}

/** Nothing where there is none, or one that holds nothing. */
async function readStack(
  target: Target,
  { stackName: StackName, region }: StackPlace,
): Promise<readonly [StackCopy, Stack] | undefined> {
  return withClient(CloudFormationClient, { ...target.client, region }, async (client) => {
    const described = describeStack(client, StackName);
    const stack = await awsAnswer({ target, action: "cloudformation:DescribeStacks" }, described);
    if (stack === undefined || EMPTY_STATUSES.includes(stack.StackStatus ?? "")) return undefined;
    const sent = client.send(new GetTemplateCommand({ StackName, TemplateStage: "Original" }));
    const { TemplateBody = "" } = await awsAnswer({ target, action: "cloudformation:GetTemplate" }, sent);
    return [stackCopy(stack, { stackName: StackName, region }, TemplateBody), stack] as const;
  });
}

const EMPTY_STATUSES = ["REVIEW_IN_PROGRESS", "DELETE_COMPLETE", "ROLLBACK_COMPLETE"];

function stackCopy(stack: Stack, place: StackPlace, template: string): StackCopy {
  const { StackStatus = "", CreationTime, LastUpdatedTime } = stack;
  return {
    ...place,
    status: StackStatus,
    ...(CreationTime !== undefined && { createdAt: CreationTime.toISOString() }),
    ...(LastUpdatedTime !== undefined && { updatedAt: LastUpdatedTime.toISOString() }),
    outputs: stackOutputs(stack),
    tags: stackTags(stack),
    template,
  };
}
