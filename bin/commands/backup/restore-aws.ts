import { DescribeStacksCommand, CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudWatchClient, paginateDescribeAlarms, paginateListDashboards } from "@aws-sdk/client-cloudwatch";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { partitionOf } from "../../../lib/config/region.ts";
import { BILLING_NAMES, BILLING_REGION, BILLING_STACK, namesOf } from "../../../lib/names.ts";
import { awsAnswer, awsErrorName } from "../../cli/aws-calls.ts";
import { errorMessage } from "../../cli/failure.ts";
import { listSubscriptions } from "../../cli/subscriptions.ts";
import type { ClientConfig, Target } from "../../cli/target.ts";
import type { RestorePlace } from "./restore-plan.ts";
import type { RestorePorts } from "./restore-ports.ts";

/** Where a stage is restored to. */
export interface RestoreAws {
  readonly target: Target;
  readonly region: string;
  /** Whether the account's billing stack belongs to it: without it nothing is asked in its Region. */
  readonly billing: "watched" | "not watched";
}

interface Client {
  destroy(): void;
}

/** Asks with a client that is closed afterwards. */
async function withClient<C extends Client, T>(
  make: (config: ClientConfig) => C,
  config: ClientConfig,
  act: (client: C) => Promise<T>,
): Promise<T> {
  const client = make(config);
  try {
    return await act(client);
  } finally {
    client.destroy();
  }
}

/** CloudFormation, CloudWatch, SNS and SSM of a stage, through the SDK; what deploys and asks the URL is given. */
export function restoreAws(aws: RestoreAws): Omit<RestorePorts, "deploy" | "askUrl"> {
  const topicArn = async (topic: string, place: string): Promise<string> =>
    `arn:${partitionOf(place)}:sns:${place}:${await accountOf(aws)}:${topic}`;
  return {
    place: () => readPlace(aws),
    parameter: (name) => readParameter(aws, name),
    putParameter: (parameter) => putParameter(aws, parameter),
    outputs: () => readOutputs(aws),
    subscriptions: async (topic, place) => readSubscriptions(aws, place, await topicArn(topic, place)),
    subscribe: async (topic, place, address) =>
      subscribe(aws, place, { topicArn: await topicArn(topic, place), address }),
    alarmNames: () => readAlarmNames(aws),
    dashboardNames: () => readDashboardNames(aws),
  };
}

function accountOf({ target, region }: RestoreAws): Promise<string> {
  return withClient(
    (config) => new STSClient(config),
    { ...target.client, region },
    async (client) => {
      const sent = client.send(new GetCallerIdentityCommand({}));
      const { Account = "" } = await awsAnswer({ target, action: "sts:GetCallerIdentity" }, sent);
      return Account;
    },
  );
}

async function readPlace(aws: RestoreAws): Promise<RestorePlace> {
  const { target, region } = aws;
  return {
    accountId: await accountOf(aws),
    region,
    isLocal: target.isLocal,
    hasBilling:
      aws.billing === "watched" && (await stackOf(aws, BILLING_REGION, BILLING_STACK)) !== undefined,
  };
}

function stackOf({ target }: RestoreAws, region: string, StackName: string) {
  return withClient(
    (config) => new CloudFormationClient(config),
    { ...target.client, region },
    async (client) => {
      const found = client.send(new DescribeStacksCommand({ StackName })).then(
        ({ Stacks: [stack] = [] }) => stack,
        (error: unknown) => {
          if (errorMessage(error).includes("does not exist")) return undefined;
          throw error;
        },
      );
      return awsAnswer({ target, action: "cloudformation:DescribeStacks" }, found);
    },
  );
}

function readParameter({ target, region }: RestoreAws, Name: string) {
  return withClient(
    (config) => new SSMClient(config),
    { ...target.client, region },
    async (client) => {
      const found = client.send(new GetParameterCommand({ Name, WithDecryption: true })).then(
        ({ Parameter }) => ({ type: Parameter?.Type ?? "String", value: Parameter?.Value ?? "" }),
        (error: unknown) => {
          if (awsErrorName(error) === "ParameterNotFound") return undefined;
          throw error;
        },
      );
      return awsAnswer({ target, action: `ssm:GetParameter on ${Name}` }, found);
    },
  );
}

async function putParameter(
  { target, region }: RestoreAws,
  { name, type, value }: Parameters<RestorePorts["putParameter"]>[0],
): Promise<void> {
  await withClient(
    (config) => new SSMClient(config),
    { ...target.client, region },
    async (client) => {
      const put = new PutParameterCommand({ Name: name, Type: type, Value: value, Overwrite: true });
      await awsAnswer({ target, action: `ssm:PutParameter on ${name}` }, client.send(put));
    },
  );
}

async function readOutputs(aws: RestoreAws): Promise<Readonly<Record<string, string>>> {
  const stack = await stackOf(aws, aws.region, namesOf(aws.target.stage).applicationStack);
  return Object.fromEntries(
    (stack?.Outputs ?? []).map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]),
  );
}

/** A topic that is not there has nobody. */
function readSubscriptions({ target }: RestoreAws, region: string, topicArn: string) {
  return withClient(
    (config) => new SNSClient(config),
    { ...target.client, region },
    async (client) => {
      const listed = listSubscriptions(client, topicArn).catch((error: unknown) => {
        if (awsErrorName(error).startsWith("NotFound")) return [];
        throw error;
      });
      return awsAnswer({ target, action: "sns:ListSubscriptionsByTopic" }, listed);
    },
  );
}

async function subscribe(
  { target }: RestoreAws,
  region: string,
  { topicArn, address }: { readonly topicArn: string; readonly address: string },
): Promise<void> {
  await withClient(
    (config) => new SNSClient(config),
    { ...target.client, region },
    async (client) => {
      const made = new SubscribeCommand({ TopicArn: topicArn, Protocol: "email", Endpoint: address });
      await awsAnswer({ target, action: `sns:Subscribe on ${topicArn}` }, client.send(made));
    },
  );
}

async function readAlarmNames({ target, region, billing }: RestoreAws): Promise<readonly string[]> {
  const account = { region: BILLING_REGION, AlarmNamePrefix: BILLING_NAMES.alarm("") };
  const places = [
    { region, AlarmNamePrefix: namesOf(target.stage).alarm("") },
    ...(billing === "watched" ? [account] : []),
  ];
  const found = await Promise.all(
    places.map(({ region: place, AlarmNamePrefix }) => alarmNamesAt(target, place, AlarmNamePrefix)),
  );
  return found.flat();
}

function alarmNamesAt(target: Target, region: string, AlarmNamePrefix: string): Promise<readonly string[]> {
  return withClient(
    (config) => new CloudWatchClient(config),
    { ...target.client, region },
    async (client) => {
      const names: string[] = [];
      const read = async (): Promise<void> => {
        const wanted = { AlarmNamePrefix, AlarmTypes: ["MetricAlarm" as const, "CompositeAlarm" as const] };
        for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms(
          { client },
          wanted,
        ))
          names.push(...[...MetricAlarms, ...CompositeAlarms].map(({ AlarmName = "" }) => AlarmName));
      };
      await awsAnswer({ target, action: "cloudwatch:DescribeAlarms" }, read());
      return names;
    },
  );
}

function readDashboardNames({ target, region }: RestoreAws): Promise<readonly string[]> {
  return withClient(
    (config) => new CloudWatchClient(config),
    { ...target.client, region },
    async (client) => {
      const names: string[] = [];
      const read = async (): Promise<void> => {
        const wanted = { DashboardNamePrefix: namesOf(target.stage).dashboardPrefix(region) };
        for await (const { DashboardEntries = [] } of paginateListDashboards({ client }, wanted))
          names.push(...DashboardEntries.map(({ DashboardName = "" }) => DashboardName));
      };
      await awsAnswer({ target, action: "cloudwatch:ListDashboards" }, read());
      return names;
    },
  );
}
