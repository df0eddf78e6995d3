import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { SNSClient } from "@aws-sdk/client-sns";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SSMClient } from "@aws-sdk/client-ssm";
import { SQSClient } from "@aws-sdk/client-sqs";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { type CloudWatchProtocol, speaking } from "./cloudwatch-protocols.ts";
import { Drawer } from "../../local/drawing/drawer.ts";
import type { JournalEntry } from "../../local/journal/journal-entry.ts";
import { Inbox } from "../../local/monitoring/sns-mail.ts";
import {
  functionEventsForMessage,
  type FunctionEvent,
  publishedEntries,
} from "../../local/monitoring/sns-publisher.ts";
import { subscriptionsPort, TopicSubscriptions } from "../../local/monitoring/topic-subscriptions.ts";
import { startAwsEndpoint } from "../../local/server/aws/aws-endpoint.ts";
import { cloudwatchService } from "../../local/server/aws/cloudwatch.ts";
import { ParameterStore } from "../../local/parameter-store.ts";
import { lambdaService } from "../../local/server/aws/lambda.ts";
import { logsService } from "../../local/server/aws/logs.ts";
import { ssmService } from "../../local/server/aws/ssm.ts";
import { sqsService } from "../../local/server/aws/sqs.ts";
import { snsService } from "../../local/server/aws/sns.ts";
import { AlarmEvaluator } from "../../local/monitoring/alarm-evaluator.ts";
import {
  cloudWatchAccount,
  ResourceTags,
  tagsPort,
  DashboardStore,
} from "../../local/monitoring/cloudwatch-account.ts";
import { CloudWatchRegion } from "../../local/monitoring/cloudwatch-region.ts";
import { MessageQueues, QueueOperations, queuesPort } from "../../local/monitoring/message-queues.ts";
import { drawOneWidget } from "../../local/runtime/page-views.ts";
import { EventLog } from "../../local/runtime/event-log.ts";
import { RequestLog } from "../../local/runtime/request-log.ts";

const accountId = "123456789012";

/** So many metrics may be made in a Region of the system. */
export const MAX_METRICS = 2000;

/** A topic of the system with one mailbox. */
export const TOPIC = `arn:aws:sns:us-west-2:${accountId}:alarms`;

/** A log group of the templates. */
export const LOG_GROUP = "/aws/lambda/breaker";

/** A function that runs. */
export const FUNCTION = `arn:aws:lambda:us-west-2:${accountId}:function:breaker`;

/** A client of any service. */
export interface ServiceClient {
  send(command: never): Promise<object>;
  destroy(): void;
}

/** CloudWatch and SNS in two Regions behind a real endpoint, on a clock that stands still. */
export interface CloudWatchSystem {
  readonly url: string;
  readonly clock: ManualClock;
  readonly inbox: Inbox;
  readonly home: CloudWatchRegion;
  /** Everything that was written down. */
  readonly entries: readonly JournalEntry[];
  /** The kinds of what was written down in one piece each. */
  readonly writes: readonly (readonly JournalEntry["kind"][])[];
  /** Nothing can be written down while it is full. */
  readonly disk: { isFull: boolean };
  /** What functions got. */
  readonly deliveries: readonly FunctionEvent[];
  /** Errors that are no answer of AWS. */
  readonly bugs: readonly unknown[];
  readonly client: CloudWatchClient;
  /** Writes something down and applies it, as if it had happened. */
  readonly record: (entry: JournalEntry) => void;
  /** Evaluates every alarm now. */
  readonly evaluate: () => void;
  readonly clientIn: (region: string, protocol?: CloudWatchProtocol) => CloudWatchClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  /** Clients of the services beside CloudWatch. */
  readonly clients: Readonly<Record<"lambda" | "logs" | "sns" | "sqs" | "ssm", ServiceClient>>;
  /** The queues and what lies in them. */
  readonly messageQueues: MessageQueues;
  readonly stop: () => Promise<void>;
}

/** Starts the system at `nowMs`, without alarms, data and dashboards. */
export async function startCloudWatch(nowMs: number): Promise<CloudWatchSystem> {
  const clock = new ManualClock(nowMs);
  const directory = await mkdtemp(join(tmpdir(), "cloudwatch-system-"));
  const regions = ["us-west-2", "us-east-1"].map((region) => new CloudWatchRegion({ region, accountId }));
  const [home] = regions as [CloudWatchRegion, CloudWatchRegion];
  const topicSubscriptions = new TopicSubscriptions(
    [
      { subscriptionArn: `${TOPIC}:1`, topicArn: TOPIC, protocol: "email", endpoint: "on-call@example.com" },
      { subscriptionArn: `${TOPIC}:2`, topicArn: TOPIC, protocol: "sms", endpoint: "+15550100" },
    ],
    [{ topicArn: TOPIC }, { topicArn: TOPIC.replace("us-west-2", "us-east-1") }],
  );
  const parts = {
    inbox: new Inbox(),
    dashboardStore: new DashboardStore(),
    topicSubscriptions,
    resourceTags: new ResourceTags(new Map()),
    messageQueues: new MessageQueues([]),
  };
  const entries: JournalEntry[] = [];
  const disk = { isFull: false };
  const writes: (readonly JournalEntry["kind"][])[] = [];
  const drawer = new Drawer(home.home.region, accountId);
  const eventLog = new EventLog({
    ...parts,
    drawer,
    append: (...given) => {
      if (disk.isFull) return false;
      writes.push(given.map(({ kind }) => kind));
      return entries.push(...given) > 0;
    },
    home,
    regions,
    requests: new RequestLog(),
    setFault: () => undefined,
    changed: () => undefined,
  });
  const record = eventLog.keep;
  const subscribers = {
    queueAt: (arn: string) => parts.messageQueues.find(arn),
    get topics() {
      return topicSubscriptions.topics();
    },
    get subscriptions() {
      return topicSubscriptions.confirmed();
    },
    runs: (arn: string) => arn === FUNCTION,
  };
  const deliveries: FunctionEvent[] = [];
  const deliver = (delivery: FunctionEvent): void => void deliveries.push(delivery);
  const alarmEvaluator = new AlarmEvaluator({
    regions,
    subscribers,
    record: (...given) => eventLog.record(...given),
    deliver,
  });
  const { dashboardStore, messageQueues } = parts;
  const now = () => clock.now();
  const tags = tagsPort(parts.resourceTags, { record, now });
  const operations = new QueueOperations(messageQueues, { clock, record });
  clock.every(60_000, () => operations.everyMinute());
  const homeAccount = { accountId, homeRegion: "us-west-2", tags };
  const publish: Parameters<typeof snsService>[0]["publish"] = (publication) => {
    record(...publishedEntries(publication, subscribers, now()));
    functionEventsForMessage(publication, subscribers, now()).forEach(deliver);
  };
  const bugs: unknown[] = [];
  const services = [
    cloudwatchService(
      cloudWatchAccount({
        regions,
        home,
        alarmEvaluator,
        dashboardStore,
        tags,
        readMetrics: (call) => drawer.metricsAnswer(call),
        drawWidget: (request) => drawOneWidget(drawer, { regions }, request),
        maxMetrics: MAX_METRICS,
        record,
        now,
      }),
    ),
    snsService({
      home: { accountId, region: "us-west-2" },
      get topics() {
        return subscribers.topics;
      },
      subscriptions: subscriptionsPort(topicSubscriptions, {
        record,
        now,
        runs: subscribers.runs,
        hasQueue: (arn) => subscribers.queueAt(arn) !== undefined,
      }),
      tags,
      publish,
    }),
    sqsService(queuesPort(messageQueues, operations, { ...homeAccount, clock })),
    logsService(
      {
        account: { accountId, region: "us-west-2" },
        groups: [{ logGroupName: LOG_GROUP }],
        createdMs: nowMs,
      },
      (call) => drawer.logsAnswer(call),
    ),
    ssmService(
      new ParameterStore(join(directory, "parameters.json"), now),
      { accountId, region: "us-west-2" },
      () => undefined,
    ),
    lambdaService({
      find: () => undefined,
      send: () => undefined,
      account: { accountId, region: "us-west-2" },
      describe: () => undefined,
      list: () => [],
    }),
  ];
  const server = await startAwsEndpoint(
    { services, bug: (error) => bugs.push(error) },
    { port: 0, option: "--aws-port" },
  );
  const setting = {
    endpoint: server.url,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  };
  const clients: { destroy(): void }[] = [];
  const kept = <Client extends { destroy(): void }>(client: Client): Client => {
    clients.push(client);
    return client;
  };
  const clientIn: CloudWatchSystem["clientIn"] = (region, protocol = "json") =>
    kept(new CloudWatchClient({ ...setting, ...speaking(protocol), region }));
  const regional = { ...setting, region: "us-west-2" };
  const [sns, sqs] = [kept(new SNSClient(regional)), kept(new SQSClient(regional))];
  return {
    clients: {
      sns,
      sqs,
      lambda: kept(new LambdaClient(regional)),
      logs: kept(new CloudWatchLogsClient(regional)),
      ssm: kept(new SSMClient(regional)),
    },
    url: server.url,
    clock,
    inbox: parts.inbox,
    home,
    entries,
    writes,
    disk,
    deliveries,
    bugs,
    record,
    evaluate: () => void alarmEvaluator.evaluate(now()),
    clientIn,
    client: clientIn("us-west-2"),
    sns,
    sqs,
    messageQueues,
    stop: async () => {
      for (const client of clients) client.destroy();
      await server.stop();
      await drawer.stop();
      await rm(directory, { recursive: true });
    },
  };
}
