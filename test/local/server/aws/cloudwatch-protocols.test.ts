import { execFile } from "node:child_process";
import { promisify } from "node:util";
import {
  type CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { cbor } from "@smithy/core/cbor";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CLOUDWATCH_PROTOCOLS, type CloudWatchProtocol } from "../../../support/cloudwatch-protocols.ts";
import { type CloudWatchSystem, startCloudWatch } from "../../../support/cloudwatch-system.ts";
import { isInstalled } from "../../../support/installed.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const minutes = (count: number) => new Date(NOW + count * 60_000);
const DIMENSIONS = [{ Name: "page", Value: `a<b>&"c"'` }];

let system: CloudWatchSystem;

beforeEach(async () => {
  system = await startCloudWatch(NOW);
});

afterEach(async () => {
  await system.stop();
  expect(system.bugs).toEqual([]);
});

/** Answers without what the transport adds, and errors by their name and message. */
async function answers(client: CloudWatchClient): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (const send of CONVERSATION)
    found.push(
      await send(client).then(
        ({ $metadata, ...output }) => ({ ...output, status: $metadata.httpStatusCode }),
        (error: unknown) => {
          const {
            Error: { Code, Type, Message },
            $metadata,
          } = error as QueryError;
          return {
            Code,
            Type,
            Message: MADE_UP.includes(Message ?? "") ? "" : Message,
            status: $metadata.httpStatusCode,
          };
        },
      ),
    );
  return found;
}

/** What clients of all protocols make of an error alike. */
interface QueryError {
  readonly Error: { readonly Code: string; readonly Type: string; readonly Message?: string };
  readonly $metadata: { readonly httpStatusCode?: number };
}

/** What clients say of an error without a message. */
const MADE_UP = ["", "Unknown", "UnknownError"];

type Send = (client: CloudWatchClient) => Promise<{ $metadata: { httpStatusCode?: number } }>;

const CONVERSATION: readonly Send[] = [
  (client) =>
    client.send(
      new PutMetricDataCommand({
        Namespace: "Site",
        MetricData: [
          { MetricName: "visits", Dimensions: DIMENSIONS, Timestamp: minutes(-5), Value: 7, Unit: "Count" },
          {
            MetricName: "visits",
            Dimensions: DIMENSIONS,
            Timestamp: minutes(-4),
            Values: [1.5, 2],
            Counts: [1, 2],
          },
        ],
      }),
    ),
  (client) => client.send(new ListMetricsCommand({ Dimensions: [{ Name: "page" }] })),
  (client) =>
    client.send(
      new GetMetricStatisticsCommand({
        Namespace: "Site",
        MetricName: "visits",
        Dimensions: DIMENSIONS,
        Period: 60,
        StartTime: minutes(-10),
        EndTime: minutes(0),
        Statistics: ["Sum"],
        ExtendedStatistics: ["p50"],
      }),
    ),
  (client) =>
    client.send(
      new GetMetricDataCommand({
        StartTime: minutes(-10),
        EndTime: minutes(0),
        LabelOptions: { Timezone: "+0100" },
        MetricDataQueries: [
          {
            Id: "m1",
            MetricStat: {
              Metric: { Namespace: "Site", MetricName: "visits", Dimensions: DIMENSIONS },
              Period: 60,
              Stat: "Sum",
            },
          },
          { Id: "e1", Expression: "m1 / 3", Label: "a third & more" },
        ],
      }),
    ),
  (client) =>
    client.send(
      new PutMetricAlarmCommand({
        AlarmName: "busy",
        Namespace: "Site",
        MetricName: "visits",
        Dimensions: DIMENSIONS,
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 5,
        ComparisonOperator: "GreaterThanThreshold",
        ActionsEnabled: false,
        AlarmActions: [],
      }),
    ),
  (client) =>
    client.send(
      new SetAlarmStateCommand({ AlarmName: "busy", StateValue: "ALARM", StateReason: "by <hand>" }),
    ),
  (client) => client.send(new DescribeAlarmsCommand({ AlarmNames: ["busy"] })),
  (client) => client.send(new DescribeAlarmsCommand({ StateValue: "FINE" as "OK" })),
  (client) => client.send(new PutDashboardCommand({ DashboardName: "a", DashboardBody: "{" })),
  (client) =>
    client.send(new SetAlarmStateCommand({ AlarmName: "none", StateValue: "OK", StateReason: "why" })),
  (client) => client.send(new DeleteAlarmsCommand({ AlarmNames: ["busy"] })),
];

describe("a conversation", () => {
  test.each(Object.keys(CLOUDWATCH_PROTOCOLS) as readonly CloudWatchProtocol[])(
    "has the same answers in %s as in JSON",
    async (protocol) => {
      const spoken = await answers(system.clientIn("us-west-2", protocol));
      const other = await startCloudWatch(NOW);
      try {
        expect(spoken).toEqual(await answers(other.client));
      } finally {
        await other.stop();
      }
      expect(spoken[2]).toMatchObject({
        Datapoints: expect.arrayContaining([
          { Timestamp: minutes(-5), Sum: 7, Unit: "Count", ExtendedStatistics: { p50: 7 } },
        ]) as unknown,
      });
      expect(spoken[6]).toMatchObject({
        MetricAlarms: [
          {
            AlarmName: "busy",
            ActionsEnabled: false,
            AlarmActions: [],
            Threshold: 5,
            Dimensions: DIMENSIONS,
          },
        ],
      });
      expect(spoken[9]).toMatchObject({ status: 404 });
    },
  );
});

const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
  fetch(new URL(path, system.url), { method: "POST", headers, body });
const form = (fields: Record<string, string>) =>
  post("/", new URLSearchParams(fields).toString(), {
    "content-type": "application/x-www-form-urlencoded; charset=utf-8",
  });
const AT = { Namespace: "Site", MetricName: "visits", Period: "60", "Statistics.member.1": "Sum" };
const RANGE = { StartTime: "2026-11-23T11:50:00", EndTime: "1795435200" };

beforeEach(async () => {
  const MetricData = [{ MetricName: "visits", Timestamp: minutes(-5), Value: 7, Unit: "Count" as const }];
  await system.client.send(new PutMetricDataCommand({ Namespace: "Site", MetricData }));
});

test("a form without time zone and with epoch seconds is read as UTC, and a double has its point", async () => {
  const answer = await form({ Action: "GetMetricStatistics", Version: "2010-08-01", ...AT, ...RANGE });
  expect(answer.headers.get("content-type")).toBe("text/xml");
  const requestId = answer.headers.get("x-amzn-requestid");
  expect(await answer.text()).toBe(
    '<GetMetricStatisticsResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><GetMetricStatisticsResult>' +
      "<Label>visits</Label><Datapoints><member><Timestamp>2026-11-23T11:55:00Z</Timestamp><Sum>7.0</Sum><Unit>Count</Unit></member></Datapoints>" +
      `</GetMetricStatisticsResult><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></GetMetricStatisticsResponse>`,
  );
});

test("an operation that answers nothing has no result element", async () => {
  const answer = await form({ Action: "DeleteAlarms", Version: "2010-08-01", AlarmNames: "" });
  expect(await answer.text()).toMatch(/^<DeleteAlarmsResponse xmlns="[^"]+"><ResponseMetadata>/);
});

test.each([
  [{ ...AT, ...RANGE, Period: "often" }, "MalformedInput", "Period: often is not a integer"],
  [
    { ...AT, EndTime: RANGE.EndTime, StartTime: "noon" },
    "MalformedInput",
    "StartTime: noon is not a timestamp",
  ],
  [{ ...AT, ...RANGE, Period: "7" }, "InvalidParameterValue", "The value 7 for parameter Period is invalid"],
])("a form with %o is refused in XML", async (fields, code, message) => {
  const answer = await form({ Action: "GetMetricStatistics", Version: "2010-08-01", ...fields });
  expect(answer.status).toBe(400);
  const text = await answer.text();
  expect(text).toContain(`<Type>Sender</Type><Code>${code}</Code><Message>${message}`);
});

test.each([
  [{ Action: "ListMetricRivers", Version: "2010-08-01" }, "ListMetricRivers for version 2010-08-01"],
  [{ Action: "ListMetrics", Version: "2009-05-15" }, "ListMetrics for version 2009-05-15"],
])("a form with %o names no operation", async (fields, what) => {
  const answer = await form(fields);
  expect(await answer.text()).toContain(
    `<Code>InvalidAction</Code><Message>Could not find operation ${what}`,
  );
});

const CBOR = { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" };
const cborPath = (operation: string) => `/service/GraniteServiceVersion20100801/operation/${operation}`;

test("CBOR has a double of a whole value as a double, and a time with its tag", async () => {
  const input = {
    Namespace: "Site",
    MetricName: "visits",
    Period: 60,
    Statistics: ["Sum"],
    StartTime: NOW / 1000 - 600,
    EndTime: NOW / 1000,
  };
  const answer = await post(cborPath("GetMetricStatistics"), new Uint8Array(cbor.serialize(input)), CBOR);
  expect(answer.headers.get("smithy-protocol")).toBe("rpc-v2-cbor");
  const hex = Buffer.from(await answer.arrayBuffer()).toString("hex");
  const double = Buffer.alloc(8);
  double.writeDoubleBE(7);
  expect(hex).toContain(`63${Buffer.from("Sum").toString("hex")}fb${double.toString("hex")}`);
  double.writeDoubleBE(NOW / 1000 - 300);
  expect(hex).toContain(`69${Buffer.from("Timestamp").toString("hex")}c1fb${double.toString("hex")}`);
});

const CBOR_REFUSALS: readonly { path: string; sent: string; status: number; type: string }[] = [
  {
    path: cborPath("ListMetricRivers"),
    sent: "",
    status: 404,
    type: "com.amazon.coral.service#UnknownOperationException",
  },
  { path: "/service/Nobody/operation/ListMetrics", sent: "", status: 404, type: "UnknownOperationException" },
  {
    path: cborPath("ListMetrics"),
    sent: "ff00",
    status: 400,
    type: "com.amazon.coral.service#SerializationException",
  },
];

test.each(CBOR_REFUSALS)(
  "CBOR to $path is refused in CBOR as $type",
  async ({ path, sent, status, type }) => {
    const answer = await post(path, new Uint8Array(Buffer.from(sent, "hex")), CBOR);
    expect(answer.status).toBe(status);
    expect(cbor.deserialize(new Uint8Array(await answer.arrayBuffer()))).toMatchObject({ __type: type });
  },
);

test.skipIf(!isInstalled("aws"))(
  "the AWS CLI prints a double with its point (skipped without it)",
  async () => {
    const { stdout } = await promisify(execFile)(
      "aws",
      [
        "--endpoint-url",
        system.url,
        "--output",
        "text",
        "cloudwatch",
        "get-metric-statistics",
        "--namespace",
        "Site",
        "--metric-name",
        "visits",
        "--period",
        "60",
        "--statistics",
        "Sum",
        "--start-time",
        "2026-11-23T11:50:00Z",
        "--end-time",
        "2026-11-23T12:00:00Z",
      ],
      {
        env: {
          ...process.env,
          AWS_ACCESS_KEY_ID: "local",
          AWS_SECRET_ACCESS_KEY: "local",
          AWS_DEFAULT_REGION: "us-west-2",
        },
      },
    );
    expect(stdout).toMatch(/^visits\nDATAPOINTS\t7\.0\t(1795434900\.0|2026-11-23T11:55:00\+00:00)\tCount\n$/);
  },
);
