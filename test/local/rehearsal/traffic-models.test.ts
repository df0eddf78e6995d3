import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { METRICS_FORMAT, type RecordedSeries } from "cw-alarm-test/backtest/recorded-metrics";
import { readRecording } from "../../../local/rehearsal/recorded-traffic.ts";
import { SIMULATION_START_MS } from "../../../local/rehearsal/synthetic-traffic.ts";
import { type Traffic, trafficSource, USUAL_PER_DAY } from "../../../local/rehearsal/traffic-models.ts";
import { IDEAL_CONDITIONS } from "../../../local/rehearsal/conditions.ts";
import { scenarioFrom } from "../../../local/rehearsal/fault-definition.ts";
import { simulate } from "../../../local/rehearsal/simulation.ts";
import { seededRandom } from "../../../local/random.ts";
import {
  agentUnderTest,
  MODEL_MS,
  modelAnswer,
  NOW_MS,
  postEvent,
  SOUND_REPLY,
  TOKEN,
  TOKEN_READ_MS,
} from "../../support/agent-under-test.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function times(traffic: Traffic, days: number): readonly number[] {
  const { requestTimes } = trafficSource(traffic);
  return requestTimes({
    random: seededRandom(1),
    perDay: traffic.perDay,
    days,
    startMs: SIMULATION_START_MS,
  });
}

describe("traffic", () => {
  test("of a person is about as much as told, and in the waking hours", () => {
    const all = times({ name: "personal", perDay: 100 }, 28);
    expect(all.length / 28).toBeGreaterThan(75);
    expect(all.length / 28).toBeLessThan(105);
    const night = all.filter((ms) => ((ms - SIMULATION_START_MS) % DAY) / HOUR < 6);
    expect(night.length / all.length).toBeLessThan(0.03);
  });

  test("of an office is on weekdays from 8 to 18 h", () => {
    const all = times({ name: "office", perDay: 1000 }, 28);
    expect(all.length / 20).toBeGreaterThan(950);
    expect(all.length / 20).toBeLessThan(1050);
    const hours = all.map((ms) => ((ms - SIMULATION_START_MS) % DAY) / HOUR);
    expect([Math.min(...hours) >= 8, Math.max(...hours) < 18]).toEqual([true, true]);
    const weekend = all.filter((ms) => Math.floor((ms - SIMULATION_START_MS) / DAY) % 7 >= 5);
    expect(weekend.length / all.length).toBeLessThan(0.01);
  });

  test("that is busy is ten a second, each simulated request standing for twenty", () => {
    const traffic: Traffic = { name: "busy", perDay: USUAL_PER_DAY.busy };
    const { published, requests } = simulate({
      scenario: scenarioFrom({ fault: "healthy" }),
      perDay: traffic.perDay,
      days: 1,
      seed: 1,
      deadlineMs: 29_000,
      conditions: IDEAL_CONDITIONS,
      ...trafficSource(traffic),
    });
    const asked = requests.reduce((sum, { count = 1 }) => sum + count, 0);
    // Tries after a failure come on top.
    expect(asked / 864_000).toBeGreaterThan(1);
    expect(asked / 864_000).toBeLessThan(1.02);
    const lambda = published.filter(({ publisher }) => publisher === "lambda");
    expect(new Set(lambda.map(({ count }) => count))).toEqual(new Set([20]));
  });

  test("that is silent holds no request", () => {
    expect(times({ name: "silent", perDay: 0 }, 7)).toEqual([]);
  });
});

describe("recorded traffic", () => {
  let folder = "";
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "wrist-agent-recorded-"))));
  afterAll(() => rm(folder, { recursive: true }));

  async function recording(text: string) {
    const file = join(folder, "recorded");
    await writeFile(file, text);
    return readRecording(file);
  }

  const line = (requestId: string, members: object): string =>
    JSON.stringify({
      kind: "log",
      atMs: 0,
      event: {
        message: JSON.stringify({
          _aws: { Timestamp: DAY + 5000 },
          requestId,
          Failure: 0,
          Degraded: 0,
          Rejected: 0,
          durationMs: 1500.4,
          ...members,
        }),
      },
    });
  const invocation = (requestId: string, status: string): string =>
    JSON.stringify({
      kind: "invocation",
      atMs: 0,
      record: { functionName: "agent", requestId, status, startMs: DAY + 9000, durationMs: 70 },
    });

  test("of a journal has people's requests with what became of them, and neither the probe's nor torn lines", async () => {
    const url = JSON.stringify({ kind: "url", atMs: 0, record: { functionName: "agent" } });
    const { requests, startMs, days } = await recording(
      [
        url,
        line("a", { CostUsd: 0.002 }),
        line("b", { Failure: 1 }),
        line("c", { Rejected: 1, httpStatus: 401 }),
        line("d", { Rejected: 1, httpStatus: 400 }),
        line("e", { Degraded: 1 }),
        line("f", { probe: 1 }),
        invocation("a", "success"),
        invocation("g", "timeout"),
        invocation("h", "throttled"),
        '{"kind":"log","atMs":1,"eve',
      ].join("\n"),
    );
    expect(requests.map(({ outcome }) => outcome)).toEqual([
      "served",
      "failed",
      "unauthorized",
      "rejected",
      "degraded",
      "crashed",
      "throttled",
    ]);
    expect(requests[0]).toEqual({ atMs: DAY + 3499, durationMs: 1500.4, costUsd: 0.002, outcome: "served" });
    expect(requests[5]).toEqual({ atMs: DAY + 9000, durationMs: 70, costUsd: 0, outcome: "crashed" });
    expect({ startMs, days }).toEqual({ startMs: DAY, days: 1 });
  });

  test("of the agent's own lines has each with its time, its mode and what became of it", async () => {
    let isFailing = false;
    const agent = agentUnderTest({
      ask: () =>
        isFailing
          ? Promise.reject(new Error("no"))
          : Promise.resolve(modelAnswer(JSON.stringify(SOUND_REPLY))),
    });
    const ask = { text: "two eggs", mode: "research" };
    await agent.post(ask);
    agent.pass(60_000);
    isFailing = true;
    await agent.post(ask);
    await agent.post(ask, { "x-client-token": "wrong" });
    await agent.post(ask, {});
    await agent.post(ask, { "x-client-token": TOKEN, "x-wrist-agent-probe": "1" });
    await agent.call({ ...postEvent(ask, { "x-client-token": TOKEN }), wristAgentVerification: true });
    const get = { http: { method: "GET" } };
    await agent.call({ rawPath: "/", headers: { "x-client-token": TOKEN }, requestContext: get });
    const logged = agent.lines.map((message, at) =>
      JSON.stringify({
        kind: "log",
        atMs: 0,
        event: { message: message.replace(/"requestId":"[^"]*"/, `"requestId":"${at}"`) },
      }),
    );
    const { requests } = await recording(logged.join("\n"));
    expect(requests).toMatchObject([
      { atMs: NOW_MS, outcome: "served", mode: "research" },
      { atMs: NOW_MS + 60_000 + TOKEN_READ_MS + MODEL_MS, outcome: "failed", mode: "research" },
      { outcome: "unauthorized" },
      { outcome: "anonymous" },
    ]);
    expect(requests.every(({ atMs, durationMs }) => atMs >= NOW_MS && durationMs >= 0)).toBe(true);
  });

  test("is read from the data directory that holds one journal, and asks which where it holds several", async () => {
    const data = await mkdtemp(join(folder, "data-"));
    await expect(readRecording(data)).rejects.toThrow(
      "holds no journal: give the data directory of npm start",
    );
    for (const stage of ["development", "staging"]) {
      await mkdir(join(data, stage));
      await writeFile(join(data, stage, "journal.jsonl"), line("a", {}));
      if (stage === "development") expect((await readRecording(data)).requests).toHaveLength(1);
    }
    await expect(readRecording(data)).rejects.toThrow(
      /holds several journals: give one of .*development.*staging/,
    );
  });

  type Saved = readonly [metricName: string, statistic: string, value: number];

  const lambda = (series: readonly Saved[], FunctionName = "agent"): readonly RecordedSeries[] =>
    series.map((each) => recordedSeries(each, "AWS/Lambda", { FunctionName }));

  const agent = (series: readonly Saved[], service = "agent"): readonly RecordedSeries[] =>
    series.map((each) => recordedSeries(each, "WristAgent", { service }));

  function recordedSeries(
    [metricName, statistic, value]: Saved,
    namespace: string,
    dimensions: RecordedSeries["dimensions"],
  ): RecordedSeries {
    const place = { region: "us-west-2", periodSeconds: 60, stepSeconds: 60, startMs: DAY };
    return { ...place, namespace, metricName, dimensions, statistic, values: [null, value] };
  }

  const metrics = (series: readonly RecordedSeries[]): string =>
    JSON.stringify({ format: METRICS_FORMAT, fromMs: DAY, toMs: DAY + 120_000, series, history: [] });

  const OUTCOMES = ["crashed", "throttled", "failed", "rejected", "served"];

  test("of the metrics that a backtest saved has as many requests of each outcome as Lambda counted", async () => {
    const series = lambda([
      ["Invocations", "Sum", 10],
      ["Errors", "Sum", 1],
      ["Throttles", "Sum", 2],
      ["Url5xxCount", "Sum", 4],
      ["Url4xxCount", "Sum", 5],
      ["Duration", "Sum", 8000],
      ["Duration", "SampleCount", 10],
    ]);
    const { requests } = await recording(metrics(series));
    const count = (outcome: string) => requests.filter((request) => request.outcome === outcome).length;
    expect(OUTCOMES.map(count)).toEqual([1, 2, 3, 3, 3]);
    expect(
      requests.every(
        ({ atMs, durationMs }) => atMs > DAY + 60_000 && atMs < DAY + 120_000 && durationMs === 800,
      ),
    ).toBe(true);
  });

  test("of what this project's alarms read counts the agent's lines, and not the probe's", async () => {
    const series = [
      ...lambda([
        ["Errors", "Sum", 1],
        ["Throttles", "Sum", 0],
        ["Duration", "Maximum", 900],
      ]),
      ...agent([["Failure", "SampleCount", 40]], "agent-probe"),
      ...agent([
        ["Failure", "SampleCount", 10],
        ["Failure", "Sum", 2],
        ["Rejected", "Sum", 3],
        ["CostUsd", "Sum", 0.05],
      ]),
    ];
    const { requests } = await recording(metrics(series));
    const count = (outcome: string) => requests.filter((request) => request.outcome === outcome).length;
    expect(OUTCOMES.map(count)).toEqual([1, 0, 2, 3, 5]);
    const served = requests.filter(({ outcome }) => outcome === "served");
    expect(served.map(({ costUsd, durationMs }) => [costUsd, durationMs])).toEqual(
      Array.from({ length: 5 }, () => [0.01, 900]),
    );
  });

  test.each([
    ["", /holds no request: give journal\.jsonl of a data directory of npm start, or metrics/],
    ['{"format": "another", "series": []}', /holds no recorded metrics .*give a file that --save wrote/],
    ['{"format": "cw-alarm-test metrics 1", "series": [', /is not JSON: give a file that --save wrote/],
  ])("that holds %j is refused", async (text, message) => {
    await expect(recording(text)).rejects.toThrow(message);
  });

  test("of two functions is refused by their names", async () => {
    const series = [...lambda([["Invocations", "Sum", 1]]), ...lambda([["Invocations", "Sum", 1]], "other")];
    await expect(recording(metrics(series))).rejects.toThrow("holds metrics of agent, other");
    await expect(readRecording(join(folder, "nowhere"))).rejects.toThrow(/cannot read .*nowhere/);
  });

  test("is repeated over the simulated days; a week of it keeps its weekdays", () => {
    const request = { durationMs: 1, costUsd: 0, outcome: "degraded" } as const;
    const day = { name: "recorded", perDay: 1 } as const;
    const one = { requests: [{ ...request, atMs: 3 * DAY + 5 }], startMs: 3 * DAY, days: 1 };
    expect(times({ ...day, recording: one }, 3)).toEqual(
      [0, 1, 2].map((n) => SIMULATION_START_MS + n * DAY + 5),
    );
    // 1970-01-01 was a Thursday: its requests come on Thursdays, the fourth day of the simulation.
    const week = { requests: [{ ...request, atMs: 7 }], startMs: 0, days: 7 };
    const traffic: Traffic = { ...day, recording: week };
    expect(times(traffic, 14)).toEqual([3, 10].map((n) => SIMULATION_START_MS + n * DAY + 7));
    const { requestTimes, request: at } = trafficSource(traffic);
    const [first = 0] = requestTimes({ random: seededRandom(1), perDay: 1, days: 7 });
    expect(at(seededRandom(1), first)).toEqual({ ...request, atMs: first });
  });
});
