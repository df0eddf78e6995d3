import {
  CloudWatchClient,
  GetDashboardCommand,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
  paginateListDashboards,
} from "@aws-sdk/client-cloudwatch";
import { SNSClient } from "@aws-sdk/client-sns";
import {
  GetParameterCommand,
  paginateGetParametersByPath,
  type Parameter,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { BILLING_NAMES, BILLING_STACK, namesOf } from "../../../lib/names.ts";
import { awsAnswer, awsErrorName } from "../../cli/aws-calls.ts";
import { listSubscriptions, subscriptionStates, type TopicSubscription } from "../../cli/subscriptions.ts";
import { awsFailure, type Target } from "../../cli/target.ts";
import { readStackCopies } from "./read-stacks.ts";
import {
  type ParameterCopy,
  type RegionAlarms,
  type SecretParameter,
  type StackCopy,
  type StageContent,
  stageTopics,
} from "./stage-content.ts";

/** Reads everything of a stage that a backup keeps, and says what it is at; a refusal names the IAM action. */
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
async function targetRegion(target: Target): Promise<string> {
  const client = new SSMClient(target.client);
  try {
    return await client.config.region();
  } catch (error) {
    throw awsFailure(error, target);
  } finally {
    client.destroy();
  }
}

/** Everything below the stage's path, and the token, which is older than the path. */
async function readParameters(target: Target): Promise<Pick<StageContent, "parameters" | "secrets">> {
  const client = new SSMClient(target.client);
  const { tokenParameter } = namesOf(target.stage);
  const below: Parameter[] = [];
  const read = async (): Promise<void> => {
    const path = { Path: `/wrist-agent/${target.stage}/`, Recursive: true, WithDecryption: true };
    for await (const { Parameters = [] } of paginateGetParametersByPath({ client }, path))
      below.push(...Parameters);
  };
  try {
    await awsAnswer({ target, action: "ssm:GetParametersByPath" }, read());
    const token = await readToken(target, client);
    const all = [...below.filter(({ Name }) => Name !== tokenParameter), ...token];
    return {
      parameters: all.map(parameterCopy),
      secrets: all.filter(({ Type }) => Type === "SecureString").map(secretParameter),
    };
  } finally {
    client.destroy();
  }
}

/** None where the first deploy has not made it. */
async function readToken(target: Target, client: SSMClient): Promise<readonly Parameter[]> {
  const Name = namesOf(target.stage).tokenParameter;
  const sent = client.send(new GetParameterCommand({ Name, WithDecryption: true })).then(
    ({ Parameter: found }) => (found === undefined ? [] : [found]),
    (error: unknown) => {
      if (awsErrorName(error) === "ParameterNotFound") return [];
      throw error;
    },
  );
  return awsAnswer({ target, action: `ssm:GetParameter on ${Name}` }, sent);
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

async function readDashboards(target: Target, region: string): Promise<StageContent["dashboards"]> {
  const client = new CloudWatchClient(target.client);
  const DashboardNamePrefix = namesOf(target.stage).dashboardPrefix(region);
  const list = async (): Promise<readonly string[]> => {
    const names: string[] = [];
    for await (const { DashboardEntries = [] } of paginateListDashboards({ client }, { DashboardNamePrefix }))
      names.push(...DashboardEntries.map(({ DashboardName = "" }) => DashboardName));
    return names;
  };
  try {
    const names = await awsAnswer({ target, action: "cloudwatch:ListDashboards" }, list());
    const dashboards: { name: string; body: string }[] = [];
    for (const name of names) {
      const sent = client.send(new GetDashboardCommand({ DashboardName: name }));
      const { DashboardBody = "{}" } = await awsAnswer({ target, action: "cloudwatch:GetDashboard" }, sent);
      dashboards.push({ name, body: DashboardBody });
    }
    return dashboards;
  } finally {
    client.destroy();
  }
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

async function readRegionAlarms(
  target: Target,
  region: string,
  prefixes: readonly string[],
): Promise<RegionAlarms> {
  const client = new CloudWatchClient({ ...target.client, region });
  const alarms: Omit<Mutable<RegionAlarms>, "region"> = {
    metricAlarms: [],
    compositeAlarms: [],
    history: [],
  };
  const define = async (AlarmNamePrefix: string): Promise<void> => {
    const wanted = { AlarmNamePrefix, AlarmTypes: ["MetricAlarm" as const, "CompositeAlarm" as const] };
    for await (const page of paginateDescribeAlarms({ client }, wanted)) {
      alarms.metricAlarms.push(...(page.MetricAlarms ?? []));
      alarms.compositeAlarms.push(...(page.CompositeAlarms ?? []));
    }
  };
  const remember = async (AlarmName: string): Promise<void> => {
    const wanted = { AlarmName, AlarmTypes: ["MetricAlarm" as const, "CompositeAlarm" as const] };
    for await (const { AlarmHistoryItems = [] } of paginateDescribeAlarmHistory({ client }, wanted))
      alarms.history.push(...AlarmHistoryItems);
  };
  try {
    for (const prefix of prefixes)
      await awsAnswer({ target, action: "cloudwatch:DescribeAlarms" }, define(prefix));
    for (const name of [...alarms.metricAlarms, ...alarms.compositeAlarms].map(alarmName))
      await awsAnswer({ target, action: "cloudwatch:DescribeAlarmHistory" }, remember(name));
    return { region, ...alarms };
  } finally {
    client.destroy();
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

function alarmName(alarm: { readonly AlarmName?: string }): string {
  return alarm.AlarmName ?? "";
}

interface TopicPlace {
  readonly stacks: readonly StackCopy[];
  readonly accountId: string;
  readonly partition: string;
}

/** Who hears of each topic; a topic that a stage does not have is passed over. */
async function readSubscriptions(
  target: Target,
  { stacks, accountId, partition }: TopicPlace,
): Promise<readonly TopicSubscription[]> {
  const found: TopicSubscription[] = [];
  for (const { topic, region } of stageTopics(target.stage, stacks)) {
    const client = new SNSClient({ ...target.client, region });
    const topicArn = `arn:${partition}:sns:${region}:${accountId}:${topic}`;
    const listed = listSubscriptions(client, topicArn).catch((error: unknown) => {
      if (awsErrorName(error).startsWith("NotFound")) return [];
      throw error;
    });
    try {
      const subscriptions = await awsAnswer({ target, action: "sns:ListSubscriptionsByTopic" }, listed);
      found.push(...subscriptionStates({ topicArn, addresses: [] }, subscriptions));
    } finally {
      client.destroy();
    }
  }
  return found;
}
