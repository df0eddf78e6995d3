import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import type { Runtime } from "../../../local/runtime.ts";
import { subscriptionRequest } from "../../../local/web/inbox/open-mail.ts";
import type { AlarmDetail, AlarmStateSetting } from "../../../local/server/wire.ts";
import { localAws, startScriptedRuntime } from "../../support/scripted-runtime.ts";
import { TINY_ASSEMBLY } from "../../support/grown-assembly.ts";

const MINUTE = 60_000;
const NAME = "tiny-failing";

let directory: string;
let clock: ManualClock;
let runtime: Runtime;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "alarm-detail-"));
  clock = new ManualClock(Date.UTC(2026, 10, 23, 9, 0, 30));
  runtime = await startScriptedRuntime({
    assemblyDirectory: TINY_ASSEMBLY,
    dataDirectory: join(directory, "data"),
    clock,
    document: (path) => Promise.resolve(path === "alarms.md" ? "# Alarms" : undefined),
  });
});
afterEach(async () => {
  await runtime.stop();
  await rm(directory, { recursive: true });
});

async function ask(path: string): Promise<number> {
  const response = await fetch(new URL(path, runtime.addresses.functionUrl), { method: "POST" });
  await response.arrayBuffer();
  return response.status;
}

async function detail(query = "", name = NAME): Promise<AlarmDetail> {
  const response = await fetch(`${runtime.addresses.page}/api/alarm?name=${name}${query}`);
  return (await response.json()) as AlarmDetail;
}

function set(setting: AlarmStateSetting): Promise<Response> {
  return fetch(`${runtime.addresses.page}/api/alarm-state`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(setting),
  });
}

const stateOf = () => runtime.alarms().find(({ alarmName }) => alarmName === NAME)?.state;

async function raise(): Promise<void> {
  await ask("/fine");
  await clock.advance(2 * MINUTE);
  expect(stateOf()).toBe("OK");
  await ask("/fail");
  await clock.advance(2 * MINUTE);
  expect(stateOf()).toBe("ALARM");
}

describe("an alarm opened", () => {
  test("has what it saw, its threshold, and its states over the range", async () => {
    const bornMs = clock.now();
    await raise();
    const { charts, states, evaluated, lastSet, actions, startMs, endMs } = await detail();
    expect(endMs - startMs).toBe(3_600_000);
    const [chart] = charts;
    if (chart?.type !== "metric") throw new Error("no chart");
    expect(chart.series[0]?.values.filter((value) => value !== null)).toEqual([0, 1]);
    expect(chart.series.at(-1)).toMatchObject({ label: "seen by the last evaluation" });
    expect(chart.horizontal).toMatchObject([{ value: 1 }]);
    expect(states.map(({ state }) => state)).toEqual(["INSUFFICIENT_DATA", "OK", "ALARM"]);
    expect(states[0]?.fromMs).toBe(bornMs);
    expect(states.at(-1)?.toMs).toBe(clock.now());
    const breaching = evaluated.find(({ isBreaching }) => isBreaching);
    expect(breaching).toMatchObject({ value: 1, inputs: [{ value: 1, samples: 1 }] });
    expect(lastSet).toBeNull();
    expect(actions).toContainEqual({ state: "ALARM", targets: ["tiny-alarms"] });
  });

  test("is read over another range, and a name that nobody has is refused", async () => {
    const { startMs, endMs } = await detail("&range=900");
    expect(endMs - startMs).toBe(900_000);
    const response = await fetch(`${runtime.addresses.page}/api/alarm?name=none`);
    expect(response.status).toBe(404);
  });

  test("shows what it is computed from only where it computes something", async () => {
    const client = new CloudWatchClient(localAws(runtime));
    const metric = {
      Id: "m",
      MetricStat: { Metric: { Namespace: "Tiny", MetricName: "Failure" }, Period: 60, Stat: "Sum" },
    };
    const rule = {
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
    } as const;
    const half = [
      { ...metric, ReturnData: false },
      { Id: "half", Expression: "m / 2" },
    ];
    await client.send(new PutMetricAlarmCommand({ AlarmName: "plain", Metrics: [metric], ...rule }));
    await client.send(new PutMetricAlarmCommand({ AlarmName: "computed", Metrics: half, ...rule }));
    client.destroy();
    const titles = async (name: string) =>
      (await detail("", name)).charts.map((chart) => ("title" in chart ? chart.title : undefined));
    expect(await titles("plain")).toEqual(["plain"]);
    expect(await titles("computed")).toEqual(["computed", "Metrics that it is computed from"]);
  });

  test("before its first evaluation has seen nothing", async () => {
    expect(await detail()).toMatchObject({ evaluated: [], lastSet: null });
  });
});

describe("a drill", () => {
  test("sets the state, runs the actions, and is known as the last test", async () => {
    await ask("/fine");
    await clock.advance(2 * MINUTE);
    const nowMs = clock.now();
    expect((await set({ alarmName: NAME, state: "ALARM", reason: "Drill" })).status).toBe(200);
    expect(stateOf()).toBe("ALARM");
    expect(runtime.mails()[0]?.subject).toMatch(/^ALARM: "tiny-failing"/);
    expect(runtime.mails()[0]).not.toHaveProperty("firstFailedMs");
    const lastSet = { timeMs: nowMs, state: "ALARM", reason: "Drill" };
    expect(await detail()).toMatchObject({ lastSet });
    await clock.advance(2 * MINUTE);
    expect(stateOf()).toBe("OK");
    expect(await detail()).toMatchObject({ lastSet });
  });

  test("is refused for a name that nobody has, and for a reason that CloudWatch refuses", async () => {
    const refused = await set({ alarmName: "none", state: "OK", reason: "x" });
    expect([refused.status, await refused.json()]).toEqual([400, { error: "no alarm is called none" }]);
    const long = await set({ alarmName: NAME, state: "OK", reason: "x".repeat(1024) });
    expect(long.status).toBe(400);
    expect(await long.text()).toContain("length less than or equal to 1023");
  });
});

describe("the links of SNS's mails", () => {
  const change = async (body: object): Promise<string | undefined> => {
    const response = await fetch(`${runtime.addresses.page}/api/subscription`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return ((await response.json()) as { error?: string }).error;
  };
  const sns = (action: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(runtime.addresses.awsEndpoint, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ Version: "2010-03-31", ...action }),
    });
  const TopicArn = "arn:aws:sns:eu-west-1:123456789012:tiny-alarms";

  test("unsubscribe a mailbox: the next alarm sends it nothing", async () => {
    await ask("/fine");
    await clock.advance(2 * MINUTE);
    const request = subscriptionRequest(runtime.mails()[0] ?? { body: "" });
    expect(request?.action).toBe("unsubscribe");
    expect(await change({ ...request })).toBeUndefined();
    const before = runtime.mails().length;
    await set({ alarmName: NAME, state: "ALARM", reason: "Drill" });
    expect(runtime.mails()).toHaveLength(before);
    expect(await change({ ...request })).toMatch(/^nobody is subscribed as arn:aws:sns:.* any more$/);
  });

  test("confirm a subscription within 48 hours, once", async () => {
    const subscribe = { Action: "Subscribe", TopicArn, Protocol: "email", Endpoint: "new@example.com" };
    await sns(subscribe);
    const request = subscriptionRequest(runtime.mails()[0] ?? { body: "" });
    expect(request).toMatchObject({ action: "confirm", topicArn: TopicArn });
    expect(await change({ ...request })).toBeUndefined();
    await set({ alarmName: NAME, state: "ALARM", reason: "Drill" });
    expect(runtime.mails().map(({ to }) => to)).toContain("new@example.com");
    expect(await change({ ...request })).toMatch(/is used up, or 48 hours are over/);
  });

  test("confirm nothing after 48 hours, and a body that asks nothing is refused", async () => {
    await sns({ Action: "Subscribe", TopicArn, Protocol: "email", Endpoint: "late@example.com" });
    const request = subscriptionRequest(runtime.mails()[0] ?? { body: "" });
    await clock.advance(48 * 60 * MINUTE);
    expect(await change({ ...request })).toMatch(/48 hours are over/);
    expect(await change({ action: "subscribe" })).toMatch(/^body must be a JSON object like/);
  });
});

test("a mail of ALARM says when the first request of the fault failed", async () => {
  await ask("/fail");
  await clock.advance(10 * MINUTE);
  await raise();
  const [mail] = runtime.mails();
  // The first of two: this path was answered well by nobody in between.
  const failed = runtime.requests().findLast(({ path }) => path === "/fail");
  expect(runtime.requests().filter(({ status }) => status === 503)).toHaveLength(2);
  expect(mail?.subject).toMatch(/^ALARM/);
  expect(mail?.firstFailedMs).toBe(failed?.timeMs);
});

test("a document is read from where the start says", async () => {
  const read = async (path: string): Promise<unknown> =>
    (await fetch(`${runtime.addresses.page}/api/document?path=${path}`)).json();
  expect(await read("alarms.md")).toEqual({ markdown: "# Alarms" });
  expect(await read("other.md")).toEqual({ error: "there is no document docs/other.md" });
});
