import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  ListMetricsCommand,
  type MetricDatum,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import type { MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { AlarmEvaluator } from "../local/monitoring/alarm-evaluator.ts";
import { cloudWatchAccount } from "../local/monitoring/cloudwatch-account.ts";
import { CloudWatchRegion } from "../local/monitoring/cloudwatch-region.ts";
import { DashboardStore } from "../local/monitoring/cloudwatch-account.ts";
import { cloudwatchService } from "../local/server/aws/cloudwatch.ts";
import { metricsAnswer } from "../local/server/aws/cloudwatch-metrics.ts";
import type { CloudWatchAccount } from "../local/server/aws/cloudwatch-ports.ts";
import { routeAwsCall } from "../local/server/aws/protocols.ts";
import type { AwsCall, AwsService } from "../local/server/aws/service.ts";
import { type CloudWatchProtocol, speaking } from "../test/support/cloudwatch-protocols.ts";
import type { Bench, Figure } from "./bench.ts";
import { median } from "./median.ts";

const REGION = "us-west-2";
const HOME = { accountId: "123456789012", region: REGION };
const NOW_MS = Date.UTC(2026, 8, 14, 12);
const MINUTE_MS = 60_000;
const METRICS = 100;
const ALARMS = 20;
const ROUNDS = 40;
/** CPU time is counted in steps of up to some milliseconds: a round is longer than that. */
const CALLS_A_ROUND = 20;

const PROTOCOLS = ["json", "query", "cbor"] as const;

/** The bytes that the SDK's client sends for a command; it sends them nowhere. */
type Sent = (client: CloudWatchClient) => Promise<unknown>;

const OPERATIONS: Readonly<Record<string, Sent>> = {
  "PutMetricData, 100 metrics": (client) =>
    client.send(
      new PutMetricDataCommand({ Namespace: "Bench", MetricData: Array.from({ length: METRICS }, datum) }),
    ),
  "GetMetricData, 3 series of a day": (client) =>
    client.send(
      new GetMetricDataCommand({
        MetricDataQueries: [0, 1, 2].map((at) => ({
          Id: `m${at}`,
          MetricStat: { Metric: identity(at), Period: 60, Stat: "Average" },
        })),
        StartTime: new Date(NOW_MS - 1440 * MINUTE_MS),
        EndTime: new Date(NOW_MS),
      }),
    ),
  "DescribeAlarms, 20 alarms": (client) => client.send(new DescribeAlarmsCommand({})),
  "ListMetrics, 100 metrics": (client) => client.send(new ListMetricsCommand({})),
};

/**
 * What serving the same calls costs in each protocol of CloudWatch, in CPU time. Aim: at most twice what JSON
 * costs.
 */
export const bench: Bench = {
  description: "the endpoint's answers in the query protocol and in CBOR, beside the same in JSON",
  run: async () => {
    const services = [cloudwatchService(benchAccount())];
    const figures: Figure[] = [];
    for (const [name, send] of Object.entries(OPERATIONS))
      figures.push(...(await ratios(services, name, send)));
    return figures;
  },
};

async function ratios(services: readonly AwsService[], name: string, send: Sent): Promise<readonly Figure[]> {
  const calls = await Promise.all(PROTOCOLS.map((protocol) => callOf(send, protocol)));
  const rounds: (readonly number[])[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const times: number[] = [];
    for (const call of calls) times.push(await milliseconds(services, call));
    rounds.push(times);
  }
  // Each round is compared with itself, so that what else the machine does meets all of them.
  const over = (at: number): number =>
    median(rounds.map(([json = NaN, ...others]) => (others[at] ?? NaN) / json));
  return [
    { name: `${name}: JSON`, value: median(rounds.map(([json = NaN]) => json)), unit: "ms" },
    { name: `${name}: query over JSON`, value: over(0), unit: "times" },
    { name: `${name}: CBOR over JSON`, value: over(1), unit: "times" },
  ];
}

/** CPU time of a call, milliseconds. */
async function milliseconds(services: readonly AwsService[], call: AwsCall): Promise<number> {
  const from = process.cpuUsage();
  for (let at = 0; at < CALLS_A_ROUND; at += 1) {
    const { status } = await routeAwsCall(services, call);
    if (status !== 200) throw new Error(`a call was answered ${status}`);
  }
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000 / CALLS_A_ROUND;
}

interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

function awsCall({ body, ...request }: SentRequest): AwsCall {
  const bytes = Buffer.from(body);
  const { signal } = new AbortController();
  return {
    ...request,
    query: new URLSearchParams(),
    body: bytes,
    sentBytes: bytes.length,
    requestId: "bench",
    signal,
  };
}

/** A call as the SDK's client makes it. */
async function callOf(send: Sent, protocol: CloudWatchProtocol): Promise<AwsCall> {
  let made: AwsCall | undefined;
  const client = new CloudWatchClient({
    ...speaking(protocol),
    region: REGION,
    endpoint: "http://127.0.0.1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
    disableRequestCompression: true,
    requestHandler: {
      handle: (request: SentRequest) => {
        made = awsCall(request);
        return Promise.reject(new Error("sent nowhere"));
      },
    },
  });
  await send(client).catch(() => undefined);
  client.destroy();
  if (made === undefined) throw new Error(`the SDK made no call in ${protocol}`);
  return made;
}

const DIMENSIONS = { service: "agent", stage: "production" };

function identity(at: number) {
  return {
    Namespace: "Bench",
    MetricName: `metric${at}`,
    Dimensions: Object.entries(DIMENSIONS).map(([Name, Value]) => ({ Name, Value })),
  };
}

function datum(_none: unknown, at: number): MetricDatum {
  const { MetricName, Dimensions } = identity(at);
  return { MetricName, Dimensions, Timestamp: new Date(NOW_MS), Value: 12.5 + at, Unit: "Milliseconds" };
}

/** A Region with a day of a hundred metrics, and twenty alarms; nothing is written down. */
function benchAccount(): CloudWatchAccount {
  const home = new CloudWatchRegion(HOME);
  for (let at = 0; at < ALARMS; at += 1) home.alarms.put(alarm(at), NOW_MS);
  home.evaluate(NOW_MS);
  const read = new MetricStore();
  for (let at = 0; at < METRICS; at += 1) fill(read, at);
  const subscribers = { topics: [], subscriptions: [], runs: () => false, queueAt: () => undefined };
  return cloudWatchAccount({
    regions: [home],
    home,
    alarmEvaluator: new AlarmEvaluator({
      regions: [home],
      subscribers,
      record: () => true,
      deliver: () => undefined,
    }),
    dashboardStore: new DashboardStore(),
    tags: { of: () => ({}), put: () => undefined },
    readMetrics: (call) => Promise.resolve(metricsAnswer(read, home.insights.sources, call)),
    drawWidget: () => Promise.reject(new Error("the bench draws nothing")),
    record: (entry) => {
      if (entry.kind === "metrics") home.put(entry.data);
    },
    now: () => NOW_MS,
  });
}

function fill(store: MetricStore, at: number): void {
  const { Namespace: namespace, MetricName: metricName } = identity(at);
  store.putSeries({
    namespace,
    metricName,
    dimensions: DIMENSIONS,
    startMs: NOW_MS - 1440 * MINUTE_MS,
    intervalMs: MINUTE_MS,
    values: Array.from({ length: 1440 }, (_none, minute) => 800 + ((minute * 7919) % 1000) / 8),
    unit: "Milliseconds",
  });
}

function alarm(at: number): MetricAlarmDefinition {
  return {
    alarmName: `alarm${at}`,
    alarmDescription: "The average of an hour is above what was agreed: look at the dashboard first.",
    namespace: "Bench",
    metricName: `metric${at}`,
    dimensions: DIMENSIONS,
    statistic: "Average",
    periodSeconds: 300,
    evaluationPeriods: 3,
    threshold: 2000,
    comparisonOperator: "GreaterThanThreshold",
    alarmActions: [`arn:aws:sns:${REGION}:${HOME.accountId}:page`],
  };
}
