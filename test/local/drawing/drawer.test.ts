import { readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Drawer } from "../../../local/drawing/drawer.ts";
import type { DrawRequest } from "../../../local/drawing/protocol.ts";
import { JOURNAL_RETENTION, openJournal } from "../../../local/journal/journal.ts";
import type { JournalEntry } from "../../../local/journal/journal-entry.ts";
import type { MetricsCall, MetricsOperation } from "../../../local/server/aws/cloudwatch-ports.ts";

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 22, 18);

const drawers: Drawer[] = [];
afterEach(async () => {
  await Promise.all(drawers.splice(0).map((drawer) => drawer.stop()));
});

function drawer(): Drawer {
  const made = new Drawer("us-west-2");
  drawers.push(made);
  return made;
}

const widgets = [
  {
    type: "metric",
    width: 6,
    height: 3,
    properties: {
      metrics: [["Shop", "Sales"]],
      stat: "Sum",
      period: 60,
      region: "us-west-2",
      view: "timeSeries",
    },
  },
  {
    type: "log",
    width: 6,
    height: 3,
    properties: { query: "SOURCE 'g' | fields mode | filter ispresent(mode)", region: "us-west-2" },
  },
];
const request = (over: Partial<DrawRequest> = {}): DrawRequest => ({
  name: "shop",
  body: JSON.stringify({ widgets }),
  startMs: NOW - 3 * MINUTE,
  endMs: NOW,
  region: "us-west-2",
  alarms: [],
  ...over,
});
const sale = (minutesAgo: number, value: number, region = "us-west-2"): JournalEntry => ({
  kind: "metrics",
  atMs: NOW,
  region,
  data: [
    {
      namespace: "Shop",
      metricName: "Sales",
      dimensions: {},
      timestampMs: NOW - minutesAgo * MINUTE,
      values: [value],
    },
  ],
});
const line = (requestId: string, mode: string): JournalEntry => ({
  kind: "log",
  atMs: NOW,
  event: {
    logGroupName: "g",
    logStreamName: "s",
    timestampMs: NOW - MINUTE,
    message: JSON.stringify({
      requestId,
      mode,
    }),
  },
});

async function values(from: Drawer, over: Partial<DrawRequest> = {}): Promise<unknown> {
  const { widgets: texts } = await from.draw(request(over));
  return (JSON.parse(texts[0] ?? "{}") as { series: { values: unknown }[] }).series[0]?.values;
}

/** How far each thread of this process gives way to others. */
function nicenessOfThreads(): readonly number[] {
  return readdirSync("/proc/self/task").flatMap((thread) => {
    try {
      const stat = readFileSync(`/proc/self/task/${thread}/stat`, "utf8");
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
    } catch {
      // It ended since it was listed.
      return [];
    }
  });
}

describe("the worker that draws dashboards", () => {
  test.runIf(process.platform === "linux" && getPriority() < 5)(
    "gives way to the thread that serves requests, which stays as it was",
    async () => {
      const before = getPriority();
      const one = drawer();
      await one.draw(request());
      expect(nicenessOfThreads()).toContain(5);
      expect(getPriority()).toBe(before);
    },
  );

  test("reads what a journal held when it was opened, and not again what came behind it since", async () => {
    const directory = await mkdtemp(join(tmpdir(), "wrist-agent-drawer-"));
    const file = join(directory, "journal.jsonl");
    const old = { ...sale(1, 100), atMs: NOW - 20 * 86_400_000 };
    const held = [old, sale(2, 5), line("r-1", "note"), { kind: "log" }];
    await writeFile(file, held.map((entry) => `${JSON.stringify(entry)}\n`).join("") + '{"torn');
    const replayed: JournalEntry[] = [];
    const { journal, past } = openJournal({
      file,
      nowMs: NOW,
      retention: JOURNAL_RETENTION,
      apply: (entry) => void replayed.push(entry),
      failed: (cause) => expect.unreachable(String(cause)),
    });
    journal.append(sale(1, 7));
    const one = drawer();
    one.replay(past);
    one.put(sale(1, 7));
    expect(await values(one)).toEqual([null, 5, 7]);
    expect(await one.linesOf("r-1")).toHaveLength(1);
    expect(replayed).toEqual([sale(2, 5), line("r-1", "note")]);
    journal.close();
    await rm(directory, { recursive: true });
  });

  test("draws what it was told, in the order in which it was told", async () => {
    const one = drawer();
    one.put(sale(2, 5));
    one.put(line("r-1", "note"));
    const { frame, widgets: texts } = await one.draw(request());
    expect(JSON.parse(frame)).toMatchObject({
      name: "shop",
      startMs: NOW - 3 * MINUTE,
      endMs: NOW,
      notices: [],
    });
    expect(JSON.parse(texts[1] ?? "{}")).toMatchObject({ type: "log", rows: [{ mode: "note" }] });
    expect(await values(one)).toEqual([null, 5, null]);
    one.put(sale(1, 7));
    expect(await values(one)).toEqual([null, 5, 7]);
  });

  test("keeps the metrics of Regions apart", async () => {
    const one = drawer();
    one.put(sale(1, 3, "us-east-1"));
    expect(await values(one)).toEqual([null, null, null]);
    const body = JSON.stringify({ widgets }).replace('"region":"us-west-2",', "");
    expect(await values(one, { body, region: "us-east-1" })).toEqual([null, null, 3]);
  });

  test("reads the Region that a widget or a row names, and adds Regions up", async () => {
    const one = drawer();
    one.put(sale(1, 3, "us-east-1"));
    one.put(sale(1, 4, "eu-west-1"));
    const metrics = [
      ["Shop", "Sales", { id: "m1" }],
      ["Shop", "Sales", { id: "m2", region: "eu-west-1" }],
      [{ id: "e1", expression: "m1 + m2" }],
      [{ id: "e2", expression: "SEARCH('{Shop} Sales', 'Sum', 60)", region: "eu-west-1" }],
      ["Shop", "Sales", { id: "m3", region: "ap-south-1" }],
    ];
    const properties = { region: "us-east-1", period: 60, stat: "Sum", metrics };
    const body = JSON.stringify({ widgets: [{ type: "metric", width: 6, height: 6, properties }] });
    const { widgets } = await one.draw(request({ body }));
    const { series } = JSON.parse(widgets[0] ?? "{}") as { series: { id: string; values: unknown[] }[] };
    expect(series.map(({ id, values }) => [id, values.at(-1)])).toEqual([
      ["m1", 3],
      ["m2", 4],
      ["e1", 7],
      ["e2", 4],
      ["m3", null],
    ]);
  });

  test("gives the same drawing while nothing has changed, and asks once for equal questions", async () => {
    const one = drawer();
    one.put(sale(1, 3));
    const [first, second] = await Promise.all([one.draw(request()), one.draw(request())]);
    expect(second).toBe(first);
    expect(await one.draw(request())).toBe(first);
    expect(await one.draw(request({ endMs: NOW + MINUTE, startMs: NOW - 2 * MINUTE }))).not.toBe(first);
    one.put(sale(1, 4));
    expect(await one.draw(request())).not.toEqual(first);
  });

  test("a bug in one drawing is its error alone", async () => {
    const one = drawer();
    one.put(sale(1, 3));
    const status = { type: "alarm", width: 6, height: 3, properties: { alarms: ["arn"] } };
    const broken = {
      ...request(),
      body: JSON.stringify({ widgets: [status] }),
      alarms: null,
    } as unknown as DrawRequest;
    await expect(one.draw(broken)).rejects.toThrow();
    expect(await values(one)).toEqual([null, null, 3]);
  });

  test("finds the lines of a request", async () => {
    const one = drawer();
    one.put(line("r-1", "note"));
    one.put(line("r-2", "event"));
    expect((await one.linesOf("r-2")).map(({ message }) => message)).toEqual([
      '{"requestId":"r-2","mode":"event"}',
    ]);
  });

  test("answers CloudWatch Logs from the same lines, and refuses as AWS does", async () => {
    const one = drawer();
    one.put(line("r-1", "note"));
    const home = { account: { accountId: "111122223333", region: "us-west-2" }, groups: [], createdMs: NOW };
    const call = { home, operation: "FilterLogEvents", requestId: "q-1" };
    expect(await one.logsAnswer({ ...call, input: { logGroupName: "g" } })).toMatchObject({
      events: [{ message: '{"requestId":"r-1","mode":"note"}' }],
    });
    const refused = one.logsAnswer({ ...call, input: { logGroupName: "none" } });
    await expect(refused).rejects.toMatchObject({
      code: "ResourceNotFoundException",
      message: "The specified log group does not exist.",
    });
  });

  const metricsCall = (operation: MetricsOperation, input: object): MetricsCall => ({
    operation,
    region: "us-west-2",
    input: input as MetricsCall["input"],
    nowMs: NOW,
  });

  test("answers what CloudWatch reads of metrics while this thread does other things", async () => {
    const one = drawer();
    one.put(sale(1, 3));
    const order: string[] = [];
    const MetricDataQueries = [{ Id: "e", Expression: "TIME_SERIES(1)", Period: 60 }];
    const input = { MetricDataQueries, StartTime: NOW / 1000 - 7 * 86_400, EndTime: NOW / 1000 };
    const answer = one.metricsAnswer(metricsCall("GetMetricData", input)).then((output) => {
      order.push("answer");
      return output as { MetricDataResults: { Values: number[] }[] };
    });
    await new Promise((resolve) => setImmediate(resolve));
    order.push("others");
    expect((await answer).MetricDataResults[0]?.Values).toHaveLength(7 * 1440);
    expect(order).toEqual(["others", "answer"]);
    expect(await one.metricsAnswer(metricsCall("ListMetrics", {}))).toEqual({
      Metrics: [{ Namespace: "Shop", MetricName: "Sales", Dimensions: [] }],
    });
  });

  test("refuses queries as AWS does", async () => {
    const one = drawer();
    const MetricDataQueries = [{ Id: "e", Expression: "nonsense(" }];
    const input = { MetricDataQueries, StartTime: NOW / 1000 - 60, EndTime: NOW / 1000 };
    await expect(one.metricsAnswer(metricsCall("GetMetricData", input))).rejects.toMatchObject({
      code: "ValidationError",
      status: 400,
      message: expect.stringContaining('"nonsense("') as string,
    });
  });

  test("a stopped one refuses, also what it is asked at the time", async () => {
    const one = drawer();
    const asked = one.draw(request());
    await one.stop();
    await expect(asked).rejects.toThrow("the local runtime stops");
    await expect(one.draw(request())).rejects.toThrow("the local runtime stops");
  });
});
