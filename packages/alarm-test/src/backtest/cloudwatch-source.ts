import type * as Sdk from "@aws-sdk/client-cloudwatch";
import { isJsonObject, parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { AssemblyError } from "../template.ts";
import type { HistoryRequest, MetricSource, QueryPoints } from "./fetch-metrics.ts";
import type { MetricCall, MetricQuery } from "./metric-requests.ts";
import type { RecordedChange } from "./recorded-metrics.ts";

/** The policy that a backtest needs: it reads, and changes nothing. */
export const BACKTEST_POLICY = {
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "BacktestAlarms",
      Effect: "Allow",
      // Neither action knows resources:
      // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
      Action: ["cloudwatch:GetMetricData", "cloudwatch:DescribeAlarmHistory"],
      Resource: "*",
    },
  ],
} as const;

/** Loads the AWS SDK, which only backtests of an account need. */
async function loadSdk(): Promise<typeof Sdk> {
  return import("@aws-sdk/client-cloudwatch").catch((cause: unknown) => {
    throw new AssemblyError(
      "a backtest of an account needs the AWS SDK: npm install --save-dev @aws-sdk/client-cloudwatch, or give --metrics FILE",
      { cause },
    );
  });
}

/** Reads CloudWatch with the credentials, profile and endpoint that the environment names. */
export async function cloudWatchSource(): Promise<MetricSource> {
  const sdk = await loadSdk();
  const clients = new Map<string, Sdk.CloudWatchClient>();
  const clientOf = (region: string): Sdk.CloudWatchClient => {
    const client = clients.get(region) ?? new sdk.CloudWatchClient({ region, maxAttempts: 8 });
    clients.set(region, client);
    return client;
  };
  return {
    read: (call) => readCall(sdk, clientOf(call.region), call),
    history: async (asked) => {
      const lists: (readonly RecordedChange[])[] = [];
      for (const alarmName of asked.alarmNames)
        lists.push(await readHistory(sdk, clientOf(asked.region), { asked, alarmName }));
      return lists.flat();
    },
  };
}

async function readCall(
  sdk: typeof Sdk,
  client: Sdk.CloudWatchClient,
  call: MetricCall,
): Promise<readonly QueryPoints[]> {
  const found = call.queries.map(() => ({ timesMs: [] as number[], values: [] as number[] }));
  const { startMs, endMs, queries } = call;
  const input: Sdk.GetMetricDataCommandInput = {
    StartTime: new Date(startMs),
    EndTime: new Date(endMs),
    ScanBy: "TimestampAscending",
    MetricDataQueries: queries.map(dataQuery),
  };
  let NextToken: string | undefined;
  do {
    const answer: Sdk.GetMetricDataCommandOutput = await client.send(
      new sdk.GetMetricDataCommand(NextToken === undefined ? input : { ...input, NextToken }),
    );
    for (const { Id = "", StatusCode, Timestamps = [], Values = [] } of answer.MetricDataResults ?? []) {
      if (isUnread(StatusCode, answer.NextToken))
        throw new AssemblyError(
          `it says ${StatusCode ?? ""} of the metric ${queries[Number(Id.slice(1))]?.metric.metricName ?? Id}`,
        );
      const points = found[Number(Id.slice(1))];
      points?.timesMs.push(...Timestamps.map((time) => time.getTime()));
      points?.values.push(...Values);
    }
    NextToken = answer.NextToken;
  } while (NextToken !== undefined);
  return found;
}

/**
 * Whether CloudWatch says in an answer that succeeds that it has not read a metric: no points of it are then
 * not the same as none recorded.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataResult.html
 */
function isUnread(status: Sdk.StatusCode = "Complete", nextToken: string | undefined): boolean {
  return status === "Forbidden" || (status !== "Complete" && nextToken === undefined);
}

function dataQuery(
  { metric, statistic, periodSeconds, unit }: MetricQuery,
  index: number,
): Sdk.MetricDataQuery {
  const Dimensions = Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value }));
  return {
    Id: `m${index}`,
    MetricStat: {
      Metric: { Namespace: metric.namespace, MetricName: metric.metricName, Dimensions },
      Period: periodSeconds,
      Stat: statistic,
      ...(unit === undefined ? {} : { Unit: unit as Sdk.StandardUnit }),
    },
  };
}

interface AlarmAsked {
  readonly asked: HistoryRequest;
  readonly alarmName: string;
}

/** Changes of state; an alarm that does not exist has none. */
async function readHistory(
  sdk: typeof Sdk,
  client: Sdk.CloudWatchClient,
  { asked, alarmName }: AlarmAsked,
): Promise<readonly RecordedChange[]> {
  const changes: RecordedChange[] = [];
  let NextToken: string | undefined;
  do {
    const answer: Sdk.DescribeAlarmHistoryCommandOutput = await client.send(
      new sdk.DescribeAlarmHistoryCommand({
        AlarmName: alarmName,
        AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
        HistoryItemType: "StateUpdate",
        StartDate: new Date(asked.fromMs),
        EndDate: new Date(asked.toMs),
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    for (const { Timestamp, HistoryData = "" } of answer.AlarmHistoryItems ?? []) {
      const change = stateChange(HistoryData);
      if (Timestamp !== undefined && change !== undefined)
        changes.push({ region: asked.region, alarmName, atMs: Timestamp.getTime(), ...change });
    }
    NextToken = answer.NextToken;
  } while (NextToken !== undefined);
  return changes;
}

/** The states between which an item of an alarm's history led; `undefined` where it led into none. */
export function stateChange(historyData: string): Pick<RecordedChange, "state" | "from"> | undefined {
  const data = parseJsonObject(historyData);
  const state = stateValue(data?.newState);
  const from = stateValue(data?.oldState);
  return state === undefined ? undefined : { state, ...(from === undefined ? {} : { from }) };
}

function stateValue(state: unknown): string | undefined {
  return isJsonObject(state) && typeof state.stateValue === "string" ? state.stateValue : undefined;
}
