import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runLogsInsights } from "@wrist-agent/cloudwatch/logs/logs-insights";
import { describe, expect, test } from "vitest";
import { modelTimeBudgetMs, thinkingTokenBudget } from "../../lambda/agent/model.ts";
import { MODEL_ROWS } from "../../lambda/contract/model-row.ts";
import { REQUEST_LIMITS } from "../../lambda/contract/request.ts";
import { STAGES } from "../../lib/config/stage.ts";
import { slowAverageMs } from "../../lib/monitoring/function-alarms.ts";
import { latencySloMs } from "../../lib/monitoring/metrics.ts";
import { configOf } from "../support/config-of.ts";
import { PROJECT } from "../support/synthesise.ts";
import { expectDocument, type Row, tableText } from "../support/written-document.ts";

/** The bench that gives each figure of the README, by the begin of the figure's name. */
const BENCH_OF: Readonly<Record<string, string>> = {
  "`npm start`": "start-ready",
  "telemetry per warm request": "agent-telemetry",
  "telemetry in the bundle": "agent-telemetry",
  "telemetry at a cold start": "agent-telemetry",
  "20 alarms over 30 days": "cloudwatch-alarms",
  "EMF lines made into metrics": "cloudwatch-metrics",
  "a dashboard of 30 widgets": "cloudwatch-metrics",
  "serving CloudWatch's API": "aws-protocols",
};

function textOf(path: string): string {
  return readFileSync(join(PROJECT, path), "utf8");
}

/** Rows of the table under the README's heading *Measured*. */
function measured(): readonly Row[] {
  const section = /^## Measured$([^]*?)^## /m.exec(textOf("README.md"))?.[1] ?? "";
  return [...section.matchAll(/^\| (.+?) \| (.+?) \|$/gm)]
    .map(([, what = "", figure = ""]) => [what, figure])
    .filter(([what = ""]) => what !== "What" && !/^-+$/.test(what));
}

function benchOf(what: string): string | undefined {
  return Object.entries(BENCH_OF).find(([begin]) => what.startsWith(begin))?.[1];
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`;
}

/** What each stage's timeout makes of time, as it is deployed. */
function timeRows(): readonly Row[] {
  return STAGES.map((stage) => {
    const config = configOf({ stage });
    const { timeoutSeconds, memoryMegabytes } = config;
    return [
      stage,
      `${timeoutSeconds} s`,
      seconds(modelTimeBudgetMs(timeoutSeconds * 1000)),
      seconds(latencySloMs(config)),
      seconds(slowAverageMs(config)),
      `${memoryMegabytes} MB`,
    ];
  });
}

const TIMEOUTS = [30, 60, 120] as const;
const ANSWERS = [400, REQUEST_LIMITS.maxTokensDefault, 2000, REQUEST_LIMITS.maxTokensLimit];

/** The largest thinking budget that the time leaves, by timeout and room for the answer. */
function thinkingRows(): readonly Row[] {
  const [row] = Object.values(MODEL_ROWS).filter(({ thinking }) => thinking === "budget");
  if (row === undefined) throw new Error("no model takes a budget");
  return ANSWERS.map((maxTokens) => [
    maxTokens.toLocaleString("en-US"),
    ...TIMEOUTS.map((timeout) => {
      const budgetMs = modelTimeBudgetMs(timeout * 1000);
      const granted = thinkingTokenBudget(row, {
        wanted: REQUEST_LIMITS.maxThinkingTokens,
        maxTokens,
        budgetMs,
      });
      return granted === 0 ? "none" : granted.toLocaleString("en-US");
    }),
  ]);
}

test("docs/performance.md says what README measured and the code computes", async () => {
  await expectDocument("docs/performance.md", {
    figures: tableText([
      ["What", "Figure", "Measured again by"],
      ...measured().map(([what = "", figure = ""]) => [
        what,
        figure,
        `\`npm run bench -- ${benchOf(what) ?? ""}\``,
      ]),
    ]),
    times: tableText([
      ["Stage", "`LAMBDA_TIMEOUT`", "The model has", "`LATENCY_SLO_MS`", "`duration` counts from", "Memory"],
      ...timeRows(),
    ]),
    thinking: tableText([
      ["`maxTokens`", ...TIMEOUTS.map((timeout) => `Timeout ${timeout} s`)],
      ...thinkingRows(),
    ]),
  });
});

test("every figure of the README comes from a bench that there is, and each bench is named", () => {
  const rows = measured();
  expect(rows.length).toBeGreaterThan(5);
  for (const [what = ""] of rows)
    expect(existsSync(join(PROJECT, "bench", `${benchOf(what) ?? what}.ts`)), what).toBe(true);
  const used = Object.keys(BENCH_OF).filter((begin) => rows.some(([what = ""]) => what.startsWith(begin)));
  expect(used).toEqual(Object.keys(BENCH_OF));
});

describe("the query of docs/performance.md", () => {
  const [, query = ""] = /```\n(filter [^]*?)\n```/.exec(textOf("docs/performance.md")) ?? [];

  test("takes a request's time apart, by mode", () => {
    const line = {
      mode: "note",
      Latency: 2000,
      ModelLatency: 1900,
      TimeToFirstToken: 700,
      OutputTokens: 120,
    };
    const event = { logGroupName: "/aws/lambda/f", logStreamName: "1", timestampMs: 60_000 };
    const events = [line, { ...line, Latency: 2200 }].map((each) => ({
      ...event,
      message: JSON.stringify({ ...each, httpStatus: 200 }),
    }));
    const probe = { ...event, message: JSON.stringify({ ...line, Latency: 1, httpStatus: 200, probe: 1 }) };
    const { rows } = runLogsInsights(query, { events: [...events, probe], startMs: 0, endMs: 120_000 });
    expect(rows).toEqual([
      expect.objectContaining({
        mode: "note",
        requests: "2",
        ownMs: "200",
        firstMs: "700",
        writingMs: "1200",
      }),
    ]);
  });
});
