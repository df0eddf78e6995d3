import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { partitionOf } from "../../../lib/config/region.ts";
import { BILLING_NAMES, BILLING_REGION, BILLING_STACK, namesOf } from "../../../lib/names.ts";
import {
  awsAnswer,
  describeStack,
  findParameter,
  askedOnce,
  stackOutputs,
  withClient,
} from "../../cli/aws-calls.ts";
import { describeAlarms, listDashboardNames } from "../../cli/stage-alarms.ts";
import type { Target } from "../../cli/target.ts";
import { topicSubscriptions } from "./read-stage.ts";
import type { RestorePlace } from "./restore-plan.ts";
import type { RestorePorts } from "./restore-ports.ts";

/** Where a stage is restored to. */
export interface RestoreAws {
  readonly target: Target;
  readonly region: string;
  /** Whether the account's billing stack belongs to it: without it nothing is asked in its Region. */
  readonly billing: "watched" | "not watched";
}

/**
 * CloudFormation, CloudWatch, SNS and SSM of a stage, through the SDK; what deploys and asks the URL is
 * given.
 */
export function restoreAws(aws: RestoreAws): Omit<RestorePorts, "deploy" | "askUrl"> {
  const accountId = askedOnce(() => accountOf(aws));
  const topicArn = async (topic: string, place: string): Promise<string> =>
    `arn:${partitionOf(place)}:sns:${place}:${await accountId()}:${topic}`;
  return {
    place: async () => readPlace(aws, await accountId()),
    parameter: (name) => readParameter(aws, name),
    putParameter: (parameter) => putParameter(aws, parameter),
    outputs: () => readOutputs(aws),
    subscriptions: async (topic, place) =>
      topicSubscriptions(aws.target, place, await topicArn(topic, place)),
    subscribe: async (topic, place, address) =>
      subscribe(aws, place, { topicArn: await topicArn(topic, place), address }),
    alarmNames: () => readAlarmNames(aws),
    dashboardNames: () => readDashboardNames(aws),
  };
}

function accountOf({ target, region }: RestoreAws): Promise<string> {
  return withClient(STSClient, { ...target.client, region }, async (client) => {
    const sent = client.send(new GetCallerIdentityCommand({}));
    const { Account = "" } = await awsAnswer({ target, action: "sts:GetCallerIdentity" }, sent);
    return Account;
  });
}

async function readPlace(aws: RestoreAws, accountId: string): Promise<RestorePlace> {
  const { target, region, billing } = aws;
  const hasBilling =
    billing === "watched" && (await stackOf(aws, BILLING_REGION, BILLING_STACK)) !== undefined;
  return { accountId, region, isLocal: target.isLocal, hasBilling };
}

function stackOf({ target }: RestoreAws, region: string, stackName: string) {
  return withClient(CloudFormationClient, { ...target.client, region }, (client) =>
    awsAnswer({ target, action: "cloudformation:DescribeStacks" }, describeStack(client, stackName)),
  );
}

function readParameter({ target, region }: RestoreAws, Name: string) {
  return withClient(SSMClient, { ...target.client, region }, async (client) => {
    const found = await awsAnswer(
      { target, action: `ssm:GetParameter on ${Name}` },
      findParameter(client, { Name, WithDecryption: true }),
    );
    return found && { type: found.Type ?? "String", value: found.Value ?? "" };
  });
}

async function putParameter(
  { target, region }: RestoreAws,
  { name, type, value }: Parameters<RestorePorts["putParameter"]>[0],
): Promise<void> {
  await withClient(SSMClient, { ...target.client, region }, (client) => {
    const put = new PutParameterCommand({ Name: name, Type: type, Value: value, Overwrite: true });
    return awsAnswer({ target, action: `ssm:PutParameter on ${name}` }, client.send(put));
  });
}

async function readOutputs(aws: RestoreAws): Promise<Readonly<Record<string, string>>> {
  const stack = await stackOf(aws, aws.region, namesOf(aws.target.stage).applicationStack);
  return stackOutputs(stack ?? {});
}

async function subscribe(
  { target }: RestoreAws,
  region: string,
  { topicArn, address }: { readonly topicArn: string; readonly address: string },
): Promise<void> {
  await withClient(SNSClient, { ...target.client, region }, (client) => {
    const made = new SubscribeCommand({ TopicArn: topicArn, Protocol: "email", Endpoint: address });
    return awsAnswer({ target, action: `sns:Subscribe on ${topicArn}` }, client.send(made));
  });
}

async function readAlarmNames({ target, region, billing }: RestoreAws): Promise<readonly string[]> {
  const account = { region: BILLING_REGION, prefix: BILLING_NAMES.alarm("") };
  const places = [
    { region, prefix: namesOf(target.stage).alarm("") },
    ...(billing === "watched" ? [account] : []),
  ];
  const found = await Promise.all(
    places.map(({ region: place, prefix }) => alarmNamesAt(target, place, prefix)),
  );
  return found.flat();
}

function alarmNamesAt(target: Target, region: string, AlarmNamePrefix: string): Promise<readonly string[]> {
  return withClient(CloudWatchClient, { ...target.client, region }, async (client) => {
    const described = describeAlarms(client, { AlarmNamePrefix });
    const { metricAlarms, compositeAlarms } = await awsAnswer(
      { target, action: "cloudwatch:DescribeAlarms" },
      described,
    );
    return [...metricAlarms, ...compositeAlarms].map(({ AlarmName = "" }) => AlarmName);
  });
}

function readDashboardNames({ target, region }: RestoreAws): Promise<readonly string[]> {
  return withClient(CloudWatchClient, { ...target.client, region }, (client) =>
    awsAnswer(
      { target, action: "cloudwatch:ListDashboards" },
      listDashboardNames(client, namesOf(target.stage).dashboardPrefix(region)),
    ),
  );
}
