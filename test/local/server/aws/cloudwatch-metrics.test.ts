import { gzipSync } from "node:zlib";
import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  type MetricDataQuery,
  type MetricDatum,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MAX_METRICS, startCloudWatch, type CloudWatchSystem } from "../../../support/cloudwatch-system.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;
const minutesAgo = (minutes: number): Date => new Date(NOW - minutes * MINUTE);

let system: CloudWatchSystem;
let client: CloudWatchClient;

beforeEach(async () => {
  system = await startCloudWatch(NOW);
  client = system.client;
});

afterEach(async () => {
  await system.stop();
  expect(system.bugs).toEqual([]);
});

const put = (MetricData: MetricDatum[], Namespace = "Shop") =>
  client.send(new PutMetricDataCommand({ Namespace, MetricData }));

/** One datum a minute, the last one minute ago. */
const series = (MetricName: string, values: readonly number[]): MetricDatum[] =>
  values.map((Value, index) => ({ MetricName, Value, Timestamp: minutesAgo(values.length - index) }));

const stat = (Id: string, MetricName: string, rest: Partial<MetricDataQuery> = {}): MetricDataQuery => ({
  Id,
  MetricStat: { Metric: { Namespace: "Shop", MetricName }, Period: 60, Stat: "Sum" },
  ...rest,
});

const get = (MetricDataQueries: MetricDataQuery[], rest: Partial<GetMetricDataCommandInput> = {}) =>
  client.send(
    new GetMetricDataCommand({
      MetricDataQueries,
      StartTime: minutesAgo(60),
      EndTime: minutesAgo(0),
      ...rest,
    }),
  );

describe("PutMetricData", () => {
  test("stores values that are read back, and is written down as one entry", async () => {
    await put([
      { MetricName: "Sales", Value: 3, Timestamp: minutesAgo(2) },
      { MetricName: "Sales", Values: [1, 2], Counts: [1, 5], Timestamp: minutesAgo(1) },
      {
        MetricName: "Sales",
        StatisticValues: { SampleCount: 2, Sum: 10, Minimum: 4, Maximum: 6 },
        Timestamp: minutesAgo(1),
      },
    ]);
    const { MetricDataResults } = await get([stat("m", "Sales")]);
    expect(MetricDataResults).toEqual([
      {
        Id: "m",
        Label: "Sales",
        Timestamps: [minutesAgo(1), minutesAgo(2)],
        Values: [21, 3],
        StatusCode: "Complete",
      },
    ]);
    expect(system.entries.map(({ kind }) => kind)).toEqual(["metrics"]);
  });

  test("takes the gzipped bodies that the client sends when they are large", async () => {
    const values = Array.from({ length: 150 }, (_, index) => index + 0.5);
    await put(
      Array.from({ length: 30 }, (_, index) => ({
        MetricName: `Large${index}`,
        Values: values,
        Timestamp: minutesAgo(1),
      })),
    );
    const { MetricDataResults } = await get([stat("m", "Large29")]);
    expect(MetricDataResults?.[0]?.Values).toEqual([11_250]);
  });

  test.each<[string, MetricDatum[], string, string, RegExp]>([
    [
      "a value and values",
      [{ MetricName: "a", Value: 1, Values: [1] }],
      "Shop",
      "InvalidParameterCombination",
      /MetricData\.member\.1\.Value and MetricData\.member\.1\.Values are mutually exclusive/,
    ],
    ["no value", [{ MetricName: "a" }], "Shop", "MissingRequiredParameter|MissingParameter", /required/],
    [
      "a unit that is none",
      [{ MetricName: "a", Value: 1, Unit: "Eggs" as never }],
      "Shop",
      "InvalidParameterValue",
      /Eggs/,
    ],
    [
      "an old timestamp",
      [{ MetricName: "a", Value: 1, Timestamp: minutesAgo(15 * 1440) }],
      "Shop",
      "InvalidParameterValue",
      /two weeks/,
    ],
    [
      "AWS's own namespace",
      [{ MetricName: "a", Value: 1 }],
      "AWS/Lambda",
      "InvalidParameterValue",
      /reserved/,
    ],
  ])("refuses %s, and stores nothing", async (...[, data, namespace, name, message]) => {
    const refused = put(data, namespace);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ name: expect.stringMatching(name) as string });
    expect(system.entries).toEqual([]);
  });

  const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    fetch(system.url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": "GraniteServiceVersion20100801.PutMetricData",
        // As the SDK for JavaScript asks.
        "x-amzn-query-mode": "true",
        ...headers,
      },
      body,
    });

  const sent = async (...request: Parameters<typeof post>) => {
    const response = await post(...request);
    return [response.status, await response.text()] as const;
  };

  test("takes a body of 1 MB, as it is sent, and refuses one of a byte more in AWS's words", async () => {
    const most = 1_048_576;
    const text = JSON.stringify({ Namespace: "Shop", MetricData: [{ MetricName: "a", Value: 1 }] });
    expect(await sent(text.padEnd(most))).toEqual([200, "{}"]);
    const [status, refusal] = await sent(text.padEnd(most + 1));
    expect(status).toBe(413);
    expect(refusal).toContain("Request size 1048577 exceeded 1048576 bytes");
    expect(
      await sent(new Uint8Array(gzipSync(text.padEnd(2 * most))), { "content-encoding": "gzip" }),
    ).toEqual([200, "{}"]);
  });

  test("refuses more metrics than the runtime keeps before it stores any, and takes data of those that there are", async () => {
    const named = (from: number, count: number): MetricDatum[] =>
      Array.from({ length: count }, (_, at) => ({ MetricName: `m${from + at}`, Value: 1 }));
    await put(named(0, 1000));
    await put(named(1000, 999));
    await expect(put(named(1999, 2))).rejects.toMatchObject({
      name: "LimitExceededFault",
      message: `the local runtime keeps at most ${MAX_METRICS} metrics in a Region: send fewer values of dimensions`,
    });
    expect(system.home.metrics()).toHaveLength(1999);
    await put(named(1000, 1000));
    await put(named(0, 1000));
    expect(system.home.metrics()).toHaveLength(MAX_METRICS);
  });

  test("is refused with 500 while the disk is full, and then its data are not there", async () => {
    system.disk.isFull = true;
    await expect(put([{ MetricName: "a", Value: 1 }])).rejects.toMatchObject({
      message: "the local runtime could not write this down: its terminal says why",
      $metadata: { httpStatusCode: 500 },
    });
    expect(system.home.metrics()).toEqual([]);
  });

  test("gives the old error code in a header to clients in query mode", async () => {
    const values = [{ MetricName: "a", Value: 1, Values: [1] }];
    const response = await post(JSON.stringify({ Namespace: "Shop", MetricData: values }));
    expect(response.status).toBe(400);
    expect(response.headers.get("x-amzn-query-error")).toBe("InvalidParameterCombination;Sender");
    expect(await response.json()).toMatchObject({
      __type: "com.amazon.coral.service#InvalidParameterCombinationException",
    });
  });
});

describe("GetMetricData", () => {
  test("computes expressions, hides what is not to be returned, and fills labels", async () => {
    await put([...series("Errors", [1, 2, 3]), ...series("Requests", [10, 10, 10])]);
    const { MetricDataResults, Messages } = await get(
      [
        stat("errors", "Errors", { ReturnData: false }),
        stat("requests", "Requests", { ReturnData: false }),
        { Id: "ratio", Expression: "100 * errors / requests", Label: "worst ${MAX}" },
      ],
      { ScanBy: "TimestampAscending" },
    );
    expect(MetricDataResults).toEqual([
      {
        Id: "ratio",
        Label: "worst 30",
        Timestamps: [minutesAgo(3), minutesAgo(2), minutesAgo(1)],
        Values: [10, 20, 30],
        StatusCode: "Complete",
      },
    ]);
    expect(Messages).toEqual([]);
  });

  test("reads each query with its own period, an expression with the longest of what it reads", async () => {
    await put(series("Errors", [1, 1, 1, 1, 1, 1]));
    const long: MetricDataQuery = {
      Id: "long",
      MetricStat: { Metric: { Namespace: "Shop", MetricName: "Errors" }, Period: 300, Stat: "Sum" },
    };
    const { MetricDataResults } = await get([
      stat("short", "Errors"),
      long,
      { Id: "both", Expression: "short + long" },
    ]);
    const points = MetricDataResults?.map(({ Id, Values }) => [Id, Values?.length, Values?.[0]]);
    expect(points).toEqual([
      ["short", 6, 1],
      ["long", 2, 5],
      ["both", 2, 10],
    ]);
  });

  test("comes in pages, a series that goes on in the next being partial", async () => {
    await put([...series("A", [1, 2, 3]), ...series("B", [4, 5])]);
    const queries = [stat("a", "A"), stat("none", "Missing"), stat("b", "B")];
    const pages: unknown[] = [];
    let NextToken: string | undefined;
    do {
      const answer = await get(queries, { MaxDatapoints: 2, NextToken });
      pages.push(answer.MetricDataResults?.map(({ Id, Values, StatusCode }) => [Id, Values, StatusCode]));
      ({ NextToken } = answer);
    } while (NextToken !== undefined);
    expect(pages).toEqual([
      [["a", [3, 2], "PartialData"]],
      [
        ["a", [1], "Complete"],
        ["none", [], "Complete"],
        ["b", [5], "PartialData"],
      ],
      [["b", [4], "Complete"]],
    ]);
  });

  test("names the stand-in of the anomaly band, and the units when there are several", async () => {
    await put(series("A", [1, 2, 3, 4]));
    await put([{ MetricName: "A", Value: 1, Unit: "Bytes", Timestamp: minutesAgo(1) }]);
    const { MetricDataResults } = await get([
      stat("a", "A"),
      { Id: "band", Expression: "ANOMALY_DETECTION_BAND(a)" },
    ]);
    expect(MetricDataResults?.[0]?.Messages).toMatchObject([{ Code: "MultipleUnits" }]);
    expect(MetricDataResults?.slice(1).map(({ Label }) => Label)).toEqual([
      expect.stringContaining("stand-in"),
      expect.stringContaining("stand-in"),
    ]);
  });

  test.each<[string, MetricDataQuery[], Partial<GetMetricDataCommandInput>, RegExp]>([
    ["an expression that cannot be read", [{ Id: "e", Expression: "1 +" }], {}, /character/],
    ["an id in capitals", [stat("Sum", "A")], {}, /not matching the expected pattern/],
    ["an id that is there twice", [stat("a", "A"), stat("a", "B")], {}, /unique/],
    ["a query of nothing", [{ Id: "a" }], {}, /exactly one of MetricStat and Expression/],
    ["a range that ends before it starts", [stat("a", "A")], { EndTime: minutesAgo(90) }, /StartTime/],
    ["too many points asked for", [stat("a", "A")], { MaxDatapoints: 100_801 }, /100800/],
    ["a strange token", [stat("a", "A")], { NextToken: "x" }, /NextToken/],
    [
      "Metrics Insights",
      [{ Id: "q", Expression: 'SELECT AVG(A) FROM "Shop"' }],
      {},
      /Metrics Insights query/,
    ],
  ])("refuses %s", async (...[, queries, rest, message]) => {
    await expect(get(queries, rest)).rejects.toThrow(message);
  });
});

describe("GetMetricData since 1970", () => {
  test.each([1, 60])("by %i s answers from what CloudWatch keeps", async (Period) => {
    await put([{ MetricName: "A", Value: 7, Timestamp: minutesAgo(2), StorageResolution: 1 }]);
    const Metric = { Namespace: "Shop", MetricName: "A" };
    const queries = [{ Id: "a", MetricStat: { Metric, Period, Stat: "Sum" } }];
    const { MetricDataResults } = await get(queries, { StartTime: new Date(0) });
    expect(MetricDataResults).toMatchObject([{ Values: [7], StatusCode: "Complete" }]);
  });

  test.each([-60, 0, 0.5])("by a period of %d s is refused", async (Period) => {
    const queries = [{ Id: "e", Expression: "TIME_SERIES(1)", Period }];
    await expect(get(queries)).rejects.toThrow(/Period of e must be at least 1/);
  });

  test("to the year 9999 is refused", async () => {
    const queries = [{ Id: "e", Expression: "TIME_SERIES(1)", Period: 1 }];
    await expect(get(queries, { EndTime: new Date("9999-01-01T00:00:00Z") })).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining("which is more than 10000000") as string,
    });
  });
});

describe("GetMetricStatistics", () => {
  const read = (input: object) =>
    client.send(
      new GetMetricStatisticsCommand({
        Namespace: "Shop",
        MetricName: "A",
        Period: 60,
        StartTime: minutesAgo(10),
        EndTime: minutesAgo(0),
        ...input,
      }),
    );

  test("gives statistics and percentiles of every unit", async () => {
    await put([
      { MetricName: "A", Values: [1, 3], Timestamp: minutesAgo(2) },
      { MetricName: "A", Value: 5, Unit: "Bytes", Timestamp: minutesAgo(2) },
    ]);
    const { Datapoints, Label } = await read({
      Statistics: ["Sum", "SampleCount"],
      ExtendedStatistics: ["p100"],
    });
    expect(Label).toBe("A");
    const Timestamp = minutesAgo(2);
    expect(Datapoints).toEqual([
      { Timestamp, Unit: "Bytes", Sum: 5, SampleCount: 1, ExtendedStatistics: { p100: 5 } },
      { Timestamp, Unit: "None", Sum: 4, SampleCount: 2, ExtendedStatistics: { p100: 3 } },
    ]);
    expect((await read({ Statistics: ["Sum"], Unit: "Bytes" })).Datapoints).toHaveLength(1);
  });

  test("begins its buckets at the start, which is rounded down to the minute", async () => {
    const at = (iso: string) => new Date(`2026-11-${iso}Z`);
    const Timestamp = at("22T11:30:00");
    await put([{ MetricName: "A", Value: 1, Timestamp }]);
    const day = { StartTime: at("22T11:18:20"), EndTime: at("23T11:18:20"), Statistics: ["Sum"] as const };
    const { Datapoints } = await read({ ...day, Period: 3600, Statistics: ["Sum"] });
    expect(Datapoints).toEqual([{ Timestamp: at("22T11:18:00"), Unit: "None", Sum: 1 }]);
    expect((await read({ ...day, Period: 60, Statistics: ["Sum"] })).Datapoints).toHaveLength(1);
  });

  test("refuses more than 1,440 points in AWS's words, and a request without statistics", async () => {
    await expect(read({ Statistics: ["Sum"], StartTime: minutesAgo(2880) })).rejects.toThrow(
      "You have requested up to 2880 datapoints, which exceeds the limit of 1440.",
    );
    await expect(read({})).rejects.toThrow(/Statistics or ExtendedStatistics is required/);
  });
});

describe("ListMetrics", () => {
  const list = async (input: object = {}): Promise<unknown> => {
    const { Metrics } = await client.send(new ListMetricsCommand(input));
    return Metrics?.map(({ MetricName }) => MetricName);
  };

  test("finds metrics by namespace, name, dimension and recent data", async () => {
    const Dimensions = [{ Name: "Shop", Value: "north" }];
    await put([{ MetricName: "A", Value: 1, Dimensions, Timestamp: minutesAgo(240) }]);
    await put([{ MetricName: "B", Value: 1 }], "Other");
    expect(await list()).toEqual(["A", "B"]);
    expect(await list({ Namespace: "Other" })).toEqual(["B"]);
    expect(await list({ MetricName: "A" })).toEqual(["A"]);
    expect(await list({ Dimensions: [{ Name: "Shop" }] })).toEqual(["A"]);
    expect(await list({ Dimensions: [{ Name: "Shop", Value: "south" }] })).toEqual([]);
    expect(await list({ RecentlyActive: "PT3H" })).toEqual(["B"]);
    await system.clock.advance(15 * 1440 * MINUTE);
    expect(await list()).toEqual([]);
  });

  test("comes in pages of 500", async () => {
    await put(Array.from({ length: 600 }, (_, index) => ({ MetricName: `M${index}`, Value: 1 })));
    const first = await client.send(new ListMetricsCommand({}));
    expect(first.Metrics).toHaveLength(500);
    const second = await client.send(new ListMetricsCommand({ NextToken: first.NextToken }));
    expect(second.Metrics).toHaveLength(100);
    expect(second.NextToken).toBeUndefined();
  });
});
