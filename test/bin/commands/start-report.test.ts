import { execFileSync } from "node:child_process";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { describe, expect, test } from "vitest";
import {
  reportLines,
  startCurlLines,
  type StartReport,
  timedPhase,
} from "../../../bin/commands/start-report.ts";
import type { Overview } from "../../../local/server/wire.ts";
import { memoryTerminal } from "../../support/memory-terminal.ts";

const OVERVIEW: Overview = {
  stage: "development",
  region: "us-west-2",
  model: "scripted",
  fault: { kind: "off", rate: 1 },
  nowMs: 0,
  startedMs: 0,
  functionUrl: "http://127.0.0.1:7701/",
  tokenCommand: "cat '/data/token'",
  awsEndpoint: "http://127.0.0.1:7702",
  dashboards: [],
  functions: [],
  schedules: [],
  requestColumns: [],
  askModes: ["note"],
  notices: [],
};

const REPORT: StartReport = {
  overview: OVERVIEW,
  page: "http://127.0.0.1:7700",
  stackNames: ["WristAgent-development"],
  check: [],
  metricsSeen: {},
  alarms: [],
};

const text = (over: Partial<StartReport>): string =>
  reportLines(memoryTerminal(), { ...REPORT, ...over }).join("\n");

describe("the report of a start", () => {
  test("says that the answers come from a stand-in, and how to break it", () => {
    expect(text({})).toContain("The model is a stand-in");
    expect(text({})).toContain("npm run cli -- fault throttle");
  });

  test("says that the real model is billed, and offers no fault for it", () => {
    const real = text({ overview: { ...OVERVIEW, model: "bedrock" } });
    expect(real).toContain("are billed to your account");
    expect(real).not.toContain("fault");
  });

  test("of another project's assembly is a preview, without what only the agent has", () => {
    const overview = { ...OVERVIEW, stage: "Shop", askModes: [], functionUrl: "" };
    const preview = text({ overview, stackNames: ["Shop"], dataDirectory: "/tmp/shop data" });
    expect(preview).toContain("A preview of Shop runs on this machine");
    expect(preview).toContain("npm run cli -- feed metrics.json --data '/tmp/shop data'");
    for (const word of ["Function URL", "stand-in", "curl", "fault", "ask"])
      expect(preview).not.toContain(word);
  });

  test("names a fault that is still active after a restart", () => {
    const faulty = text({ overview: { ...OVERVIEW, fault: { kind: "slow", rate: 0.5, mode: "event" } } });
    expect(faulty).toContain('still shows the fault "slow" in 50 % of its calls for event:');
  });

  test("lists each checked mode with status, time, tokens, cost and title", () => {
    const row = {
      mode: "note",
      status: 200,
      milliseconds: 812,
      title: "Bike",
      inputTokens: 270,
      outputTokens: 80,
    };
    const lost = { mode: "event", status: 0, milliseconds: 0, title: "no answer", inputTokens: undefined };
    const lines = text({
      check: [
        { ...row, costUsd: 0.00067 },
        { ...lost, outputTokens: undefined, costUsd: undefined },
      ],
    });
    expect(lines).toMatch(/note +200 +812 +270 +80 +0\.00067 {2}Bike/);
    expect(lines).toMatch(/event +none +0 +- +- +- {2}no answer/);
  });

  test("lists metrics by namespace, addresses and what is not emulated", () => {
    const lines = text({
      metricsSeen: { WristAgent: ["Latency", "Failure"], "AWS/Lambda": ["Errors"] },
      overview: { ...OVERVIEW, notices: ["AWS::Budgets::Budget does nothing here"] },
    });
    expect(lines).toMatch(/AWS\/Lambda {2}Errors\n {2}WristAgent {2}Failure, Latency/);
    expect(lines).toMatch(/Page +http:\/\/127\.0\.0\.1:7700/);
    expect(lines).toContain("Not emulated here\n  AWS::Budgets::Budget");
  });

  test("fits 100 columns, and begins with the addresses", () => {
    const notices = [
      "the Function URL of arn:aws:lambda:us-west-2:123456789012:function:x is not served: only one is "
        .repeat(3)
        .trim(),
    ];
    const alarms = ["ALARM", "OK"].map((state, i) => ({
      alarmName: `wrist-agent-development-alarm-${i}`,
      description: "",
      stackName: "s",
      stateReason: "",
      sinceMs: 0,
      state: state as "ALARM" | "OK",
      condition: "Sum of Failure >= 3 ".repeat(10),
      topics: [],
      history: [],
    }));
    const metricsSeen = { WristAgent: Array.from({ length: 30 }, (_none, i) => `Metric${i}`) };
    const row = { mode: "deepthink", status: 200, milliseconds: 4523, inputTokens: 219, outputTokens: 480 };
    const check = [{ ...row, costUsd: 0.00288, title: "Should I lease or repair the old van ".repeat(4) }];
    const lines = text({ overview: { ...OVERVIEW, notices }, alarms, metricsSeen, check }).split("\n");
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(lines.findIndex((line) => line.includes("http://127.0.0.1:7700"))).toBeLessThan(8);
    expect(lines).toContain("  ALARM  wrist-agent-development-alarm-0");
  });

  test("names the data directory in what to try, when commands would look elsewhere", () => {
    const lines = text({ dataDirectory: "/tmp/my data" });
    expect(lines).toContain("npm run cli -- fault throttle --data '/tmp/my data'");
    expect(lines).toContain(`npm run cli -- ask "dentist friday at two" --mode event --data '/tmp/my data'`);
    expect(text({})).not.toContain("--data");
  });

  test("gives curl lines that fetch the token themselves, and are one command when copied with their indent", () => {
    expect(startCurlLines(OVERVIEW)).toEqual([
      "curl -sS http://127.0.0.1:7701/ -H 'content-type: application/json' \\",
      "  -H \"x-client-token: $(cat '/data/token')\" \\",
      `  -d '{"text":"dentist friday at two","mode":"event"}'`,
    ]);
    const copied = startCurlLines(OVERVIEW).map((line) => `  ${line}`);
    const command = copied.join("\n").replace("curl", "printf '%s|'").replace("cat '/data/token'", "echo t");
    expect(execFileSync("sh", ["-c", command], { encoding: "utf8" })).toBe(
      '-sS|http://127.0.0.1:7701/|-H|content-type: application/json|-H|x-client-token: t|-d|{"text":"dentist friday at two","mode":"event"}|',
    );
  });
});

interface PhaseAt {
  /** A terminal's width. */
  readonly columns?: number;
  readonly startMs?: number;
}

/** A phase of so many seconds, which has ended. */
async function phase(seconds: number, { columns, startMs = 0 }: PhaseAt = {}) {
  const terminal = { ...memoryTerminal(), ...(columns !== undefined && { columns }) };
  const clock = new ManualClock(startMs);
  let finish: (value: string) => void = () => undefined;
  const work = new Promise<string>((resolve) => (finish = resolve));
  const result = timedPhase({ terminal, clock }, "synthesising", work);
  await clock.advance(seconds * 1000);
  finish("done");
  expect(await result).toBe("done");
  return terminal.written.err;
}

test("a phase that lasts says so every two seconds", async () => {
  expect(await phase(9)).toEqual([
    "synthesising: 2 s so far",
    "synthesising: 4 s so far",
    "synthesising: 6 s so far",
    "synthesising: 8 s so far",
    "synthesising: 9.0 s",
  ]);
});

test("no two seconds go by without a line, wherever in the clock's second the phase began", async () => {
  for (const startMs of [100, 300, 499, 700, 999])
    expect(await phase(4.1, { startMs }), String(startMs)).toEqual([
      "synthesising: 2 s so far",
      "synthesising: 4 s so far",
      "synthesising: 4.1 s",
    ]);
  // On the clock's whole halves: at 2.0, not at 2.5.
  expect(await phase(1.9, { startMs: 250 })).toEqual(["synthesising: 2 s so far", "synthesising: 1.9 s"]);
});

test("a short phase is one line, and on a terminal the spinner speaks alone", async () => {
  expect(await phase(1)).toEqual(["synthesising: 1.0 s"]);
  expect(await phase(9, { columns: 80 })).toEqual(["synthesising: 9.0 s"]);
});

test("a phase that fails says nothing more", async () => {
  const terminal = memoryTerminal();
  const clock = new ManualClock(0);
  await expect(timedPhase({ terminal, clock }, "x", Promise.reject(new Error("no")))).rejects.toThrow("no");
  await clock.advance(60_000);
  expect(terminal.written.err).toEqual([]);
});
