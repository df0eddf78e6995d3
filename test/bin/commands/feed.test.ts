import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exitCodeOf } from "../../../bin/cli/failure.ts";
import { feedCommand } from "../../../bin/commands/feed.ts";
import { ownIdentity } from "../../../local/journal/data-directory.ts";
import { type PageServer, startPageServer } from "../../../local/server/page-server.ts";
import { type FakePage, fakePage, quietState } from "../../support/fake-page.ts";
import { memoryTerminal, type MemoryTerminal } from "../../support/memory-terminal.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;

let directory: string;
let page: FakePage;
let server: PageServer;
let terminal: MemoryTerminal;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "feed-"));
  page = fakePage(quietState(NOW));
  const { api, subscribe, setFault, setAlarmState, changeSubscription, feedMetrics } = page;
  const parts = { api, subscribe, setFault, setAlarmState, changeSubscription, feedMetrics };
  server = await startPageServer({ port: 0, ...parts, log: (message) => void expect.fail(message) });
  const addresses = { page: server.url, functionUrl: "", awsEndpoint: server.url };
  await write("running.json", JSON.stringify({ ...ownIdentity(), ...addresses, stage: "Shop" }));
  terminal = memoryTerminal();
});
afterEach(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

async function write(name: string, text: string): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, text);
  return file;
}

async function feed(...args: string[]): Promise<number> {
  const command = feedCommand(terminal).exitOverride().configureOutput({ writeErr: terminal.err });
  try {
    await command.parseAsync([...args, "--data", directory], { from: "user" });
    return 0;
  } catch (error) {
    return exitCodeOf(error, terminal);
  }
}

const SERIES = `
interval: 1m
series:
  - { namespace: AWS/EC2, metric: CPUUtilization, dimensions: { InstanceId: i-1 }, values: 20 _ 95*3 }
  - { namespace: Shop, metric: Sales, region: us-west-2, values: 1+1x2 }
`;

describe("feed", () => {
  test("puts the series of an alarm test so that they end now, in their Region", async () => {
    expect(await feed(await write("busy.yaml", SERIES))).toBe(0);
    expect(terminal.written.out).toEqual(["5 data of 2 metrics in us-west-2, us-west-2"]);
    const cpu = { namespace: "AWS/EC2", metricName: "CPUUtilization", dimensions: { InstanceId: "i-1" } };
    expect(page.feeds[0]).toEqual({
      region: "us-west-2",
      data: [
        { ...cpu, unit: "Percent", timestampMs: NOW - 3 * MINUTE, values: [20] },
        { ...cpu, unit: "Percent", timestampMs: NOW - MINUTE, values: [95], counts: [3] },
      ],
    });
    expect(page.feeds[1]?.data.map(({ values, timestampMs }) => [values, NOW - timestampMs])).toEqual([
      [[1], 3 * MINUTE],
      [[2], 2 * MINUTE],
      [[3], MINUTE],
    ]);
  });

  const startMs = Date.UTC(2026, 9, 1);
  const sqs = {
    region: "us-west-2",
    namespace: "AWS/SQS",
    metricName: "Age",
    dimensions: {},
    periodSeconds: 60,
    stepSeconds: 60,
    startMs,
  };
  const saved = (series: readonly object[]) =>
    JSON.stringify({
      format: "cw-alarm-test metrics 1",
      fromMs: startMs,
      toMs: startMs + 3 * MINUTE,
      series,
      history: [],
    });

  test("puts metrics that a backtest saved at their own times, and names what cannot be put", async () => {
    const file = await write(
      "metrics.json",
      saved([
        { ...sqs, statistic: "Sum", values: [6, null, 5] },
        { ...sqs, statistic: "SampleCount", values: [3, null, 1] },
        { ...sqs, statistic: "Maximum", values: [4, null, 5] },
        { ...sqs, metricName: "Depth", unit: "Count", statistic: "Average", values: [7] },
        { ...sqs, statistic: "p99", values: [4, null, 5] },
      ]),
    );
    expect(await feed(file, "--as-recorded", "--json")).toBe(0);
    const note = "p99 of AWS/SQS Age is not fed: it says nothing of the values";
    expect(JSON.parse(terminal.written.out[0] ?? "")).toEqual({
      data: 3,
      metrics: 2,
      regions: ["us-west-2"],
      notes: [note],
    });
    expect(terminal.written.err).toEqual([note]);
    const age = { namespace: "AWS/SQS", metricName: "Age", dimensions: {} };
    expect(page.feeds[0]?.data).toEqual([
      { ...age, timestampMs: startMs, values: { sampleCount: 3, sum: 6, minimum: 2, maximum: 4 } },
      {
        ...age,
        timestampMs: startMs + 2 * MINUTE,
        values: { sampleCount: 1, sum: 5, minimum: 5, maximum: 5 },
      },
      {
        ...age,
        metricName: "Depth",
        unit: "Count",
        timestampMs: startMs,
        values: { sampleCount: 1, sum: 7, minimum: 7, maximum: 7 },
      },
    ]);
  });

  test("sends much in several calls", async () => {
    expect(await feed(await write("long.yaml", SERIES.replace("20 _ 95*3", "20x999")))).toBe(0);
    expect(page.feeds.map(({ data }) => data.length)).toEqual([150, 150, 150, 150, 150, 150, 100, 3]);
  });

  test.each([
    [
      "a metric that only a template names",
      SERIES.replace("metric: Sales", "metric: { Ref: X }"),
      /is a reference/,
    ],
    ["a value that is none", SERIES.replace("95*3", "much"), /"much" is no item of values/],
    ["no series", "interval: 1m\n", /holds no values/],
    ["metrics of another format", '{"format":"other"}', /holds no recorded metrics/],
  ])("refuses a file with %s", async (_name, text, message) => {
    expect(await feed(await write("bad", text))).toBe(2);
    expect(terminal.written.err.join("\n")).toMatch(message);
    expect(page.feeds).toEqual([]);
  });

  test("refuses a file that is not there, and says what the system refuses", async () => {
    expect(await feed(join(directory, "none.yaml"))).toBe(2);
    expect(terminal.written.err.join("\n")).toMatch(/cannot read .*none\.yaml/);
    const elsewhere = SERIES.replace("region: us-west-2", "region: moon-1");
    expect(await feed(await write("moon.yaml", elsewhere))).toBe(1);
    expect(terminal.written.err.join("\n")).toMatch(/Region moon-1 is none that runs here/);
  });
});
