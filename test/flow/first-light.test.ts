import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SELF_CHECK_QUESTIONS } from "../../bin/commands/self-check.ts";
import { MODES } from "../../lambda/contract/request.ts";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import type { Runtime } from "../../local/runtime.ts";
import type { AlarmRow, Fault, RequestRow } from "../../local/server/wire.ts";
import { buildAssembly } from "../support/built-assembly.ts";
import { dictate } from "../support/dictation.ts";
import { localAws, startScriptedRuntime } from "../support/scripted-runtime.ts";

const MINUTE = 60_000;
const FAILING = "wrist-agent-development-failing-now";
const ON_CALL = "wrist-agent-development-us-west-2-on-call";
const TEN_FIELDS = [
  "action",
  "dueISO",
  "endISO",
  "location",
  "markdown",
  "notes",
  "startISO",
  "tags",
  "title",
  "url",
];

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "wrist-agent-"));
  buildAssembly(join(directory, "cdk.out"), {
    stage: "development",
    // The probe has a story of its own: a failing run pauses between its tries in real time.
    context: { alarmEmail: "on-call@example.com", probeMinutes: "0" },
  });
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

function start(clock: ManualClock, data: string): Promise<Runtime> {
  return startScriptedRuntime({
    assemblyDirectory: join(directory, "cdk.out"),
    dataDirectory: join(directory, data),
    clock,
  });
}

/** Times of an answered request agree with each other and with the function's minute. */
function expectSoundTimes(line: RequestRow["line"]): void {
  const [first, model, latency] = ["TimeToFirstToken", "ModelLatency", "Latency"].map((name) =>
    Number(line[name]),
  );
  expect(first).toBeGreaterThan(0);
  expect(model).toBeGreaterThanOrEqual(first ?? NaN);
  expect(latency).toBeGreaterThanOrEqual(model ?? NaN);
  expect(line.durationMs).toBe(latency);
  const sum = Number(line.durationMs) + Number(line.deadlineMarginMs);
  expect(sum).toBeGreaterThan(59_000);
  expect(sum).toBeLessThanOrEqual(60_001);
}

async function putTimeout(system: Runtime, seconds: number): Promise<void> {
  const client = new SSMClient(localAws(system));
  const Name = "/wrist-agent/development/config/timeout";
  await client.send(new PutParameterCommand({ Name, Value: String(seconds), Type: "String" }));
  client.destroy();
}

function alarmOf(system: Runtime, name: string): AlarmRow {
  const alarm = system.alarms().find(({ alarmName }) => alarmName === name);
  if (alarm === undefined) throw new Error(`no alarm ${name} among the synthesised ones`);
  return alarm;
}

/** Minutes until the alarm takes the state, at most `most`. */
async function minutesUntil(system: Runtime, clock: ManualClock, state: AlarmRow["state"]): Promise<number> {
  const most = 30;
  for (let minute = 0; minute <= most; minute += 1) {
    if (alarmOf(system, FAILING).state === state) return minute;
    await clock.advance(MINUTE);
  }
  throw new Error(`${FAILING} is ${alarmOf(system, FAILING).state} after ${most} minutes, not ${state}`);
}

/** How many rows each log widget of the synthesised dashboards shows. */
async function logWidgetRows(system: Runtime): Promise<readonly number[]> {
  const views = system.overview().dashboards.map((name) => system.dashboard({ name, rangeSeconds: 3600 }));
  return (await Promise.all(views)).flatMap((view) =>
    (view?.widgets ?? []).flatMap((widget) => (widget.type === "log" ? [widget.rows.length] : [])),
  );
}

describe("one dictated sentence, from the Shortcut's POST to the alarm mail", () => {
  test("answers in every mode, alarms on throttling, mails, recovers on evidence, and remembers it all", async () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 23, 17, 0, 20));
    const system = await start(clock, "story");
    const { functionUrl } = system.addresses;
    const ask = (text: string) => dictate(functionUrl, system.token, { text });

    for (const mode of MODES) {
      const { status, body } = await dictate(functionUrl, system.token, {
        ...SELF_CHECK_QUESTIONS[mode],
        mode,
      });
      expect({ mode, status, fields: Object.keys(body).toSorted() }).toEqual({
        mode,
        status: 200,
        fields: TEN_FIELDS,
      });
    }
    for (const { line } of system.requests()) expectSoundTimes(line);
    expect(system.metricsSeen().WristAgent).toContain("Failure");
    expect(system.metricsSeen()["AWS/Lambda"]).toContain("Url4xxCount");
    await clock.advance(6 * MINUTE);
    expect(alarmOf(system, FAILING).state).toBe("OK");

    system.setFault({ kind: "throttle", rate: 1 });
    for (let n = 0; n < 3; n += 1) {
      const { status, body, headers } = await ask("water the fern tonight");
      expect({ status, error: typeof body.error }).toEqual({ status: 429, error: "string" });
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect(await minutesUntil(system, clock, "ALARM")).toBeLessThanOrEqual(6);
    const onCall = JSON.stringify(await system.dashboard({ name: ON_CALL, rangeSeconds: 3600 }));
    expect(onCall).toContain(functionUrl);
    expect(onCall).not.toContain(".lambda-url.");
    const rows = await logWidgetRows(system);
    expect(rows).toHaveLength(8);
    expect(Math.min(...rows)).toBeGreaterThan(0);
    const alarmMail = system.mails().find(({ subject }) => subject.includes(FAILING));
    expect(alarmMail).toMatchObject({ to: "on-call@example.com", alarmName: FAILING });
    expect(alarmMail?.subject).toBe(`ALARM: "${FAILING}" in US West (Oregon)`);
    expect(alarmMail?.body).toMatch(/has entered the ALARM state, because "Threshold Crossed: /);
    expect(alarmMail?.body).toContain(alarmOf(system, FAILING).description.slice(0, 60));

    await clock.advance(20 * MINUTE);
    expect(alarmOf(system, FAILING).state).toBe("ALARM");

    system.setFault({ kind: "off", rate: 1 });
    for (let n = 0; n < 3; n += 1) expect((await ask("water the fern tonight")).status).toBe(200);
    expect(await minutesUntil(system, clock, "OK")).toBeLessThanOrEqual(6);
    expect(system.mails()[0]?.subject).toBe(`OK: "${FAILING}" in US West (Oregon)`);

    const before = { requests: system.requests(), mails: system.mails(), alarms: system.alarms() };
    expect(before.requests).toHaveLength(MODES.length + 6);
    await system.stop();
    const again = await start(clock, "story");
    expect(again.requests()).toEqual(before.requests);
    expect(again.mails()).toEqual(before.mails);
    expect(again.alarms()).toEqual(before.alarms);
    await again.stop();
  });

  test("refuses what is wrong, in the contract's words and statuses", async () => {
    const system = await start(new ManualClock(Date.UTC(2026, 10, 24)), "refusals");
    const url = system.addresses.functionUrl;
    const cases: readonly [string | undefined, unknown, number][] = [
      [undefined, { text: "x" }, 401],
      ["wrong", { text: "x" }, 401],
      [system.token, "{", 400],
      [system.token, { text: "   " }, 400],
      [system.token, { text: "x", mode: "todo" }, 400],
      [system.token, { text: "x", maxTokens: 4097 }, 400],
      [system.token, { text: "x", thinkingTokens: -1 }, 400],
    ];
    for (const [token, body, expected] of cases) {
      const answer = await dictate(url, token, body);
      expect({ body, status: answer.status, error: typeof answer.body.error }).toEqual({
        body,
        status: expected,
        error: "string",
      });
    }
    const put = await fetch(url, { method: "PUT", headers: { "x-client-token": system.token }, body: "{}" });
    expect(put.status).toBe(405);
    await system.stop();
  });

  test("every fault that can be tried becomes the answer that it should", async () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 23, 17, 0, 20));
    const system = await start(clock, "faults");
    const outcomes: Record<string, string> = {};
    for (const kind of [
      "quota",
      "overloaded",
      "cut-before",
      "cut",
      "cut-after",
      "no-usage",
      "bad-times",
      "refusal",
      "form",
    ] as const) {
      system.setFault({ kind, rate: 1 });
      const { status, headers } = await dictate(system.addresses.functionUrl, system.token, {
        text: "water the fern tomorrow at seven in the evening",
        mode: "reminder",
      });
      outcomes[kind] = `${status} ${headers.get("retry-after") ?? "-"}`;
    }
    await system.stop();
    expect(outcomes).toMatchObject({
      overloaded: "503 10",
      "cut-before": "503 10",
      cut: "503 10",
      "cut-after": "200 -",
      "no-usage": "200 -",
      "bad-times": "200 -",
      refusal: "200 -",
      form: "200 -",
    });
    expect(outcomes.quota).toMatch(/^429 \d{1,5}$/);
  });

  test.each(["hang", "trickle"] as const)(
    "a stream that shows the fault %s ends with the time for the model",
    async (kind) => {
      const system = await start(new ManualClock(Date.UTC(2026, 10, 23, 17, 0, 20)), kind);
      await putTimeout(system, 2);
      system.setFault({ kind, rate: 1 });
      const startedMs = performance.now();
      const { status } = await dictate(system.addresses.functionUrl, system.token, {
        text: "water the fern",
      });
      expect(status).toBe(504);
      expect(performance.now() - startedMs).toBeGreaterThan(900);
      expect(system.requests()[0]?.line).toMatchObject({ outcome: "timeout", Failure: 1 });
      await system.stop();
    },
    60_000,
  );

  test("a fault of SSM hits whoever does not know the token yet, and a missing parameter everybody", async () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 23, 17, 0, 20));
    const system = await start(clock, "parameters");
    const ask = async (kind: Fault["kind"]): Promise<string> => {
      system.setFault({ kind, rate: 1 });
      const { status, headers } = await dictate(system.addresses.functionUrl, system.token, {
        text: "water the fern",
      });
      const { outcome = "", reason = "" } = system.requests()[0]?.line ?? {};
      // Beyond the token's cache, and the time in which nothing is read again.
      await clock.advance(6 * MINUTE);
      return `${status} ${headers.get("retry-after") ?? "-"} ${outcome} ${reason}`.trim();
    };
    expect(await ask("parameter-throttled")).toBe("503 10 upstream token_unavailable");
    expect(await ask("parameter-slow")).toBe("503 10 upstream token_unavailable");
    expect(await ask("parameter-missing")).toBe("500 - config token_missing");
    expect(await ask("off")).toBe("200 - ok");
    expect(await ask("parameter-throttled")).toBe("200 - ok");
    // During an outage of SSM the token is read in the background: a later request meets what that found.
    let answer = await ask("parameter-missing");
    for (let n = 0; n < 5 && answer === "200 - ok"; n += 1) answer = await ask("parameter-missing");
    expect(answer).toBe("500 - config token_missing");
    await system.stop();
  });
});
