import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askWithRetries, RefusedForms } from "../../lambda/agent/model-attempts.ts";
import { converseInput } from "../../lambda/agent/bedrock-model.ts";
import {
  type AskModel,
  AttemptError,
  chooseModel,
  costUsd,
  estimatedTokens,
  NO_USAGE,
  type Question,
} from "../../lambda/agent/model.ts";
import { systemPrompt, userPrompt } from "../../lambda/agent/prompt.ts";
import { agentSettings } from "../../lambda/agent/settings.ts";
import { PROBE_REQUESTS_PER_MINUTE } from "../../lambda/contract/probe.ts";
import { REQUEST_LIMITS } from "../../lambda/contract/request.ts";
import { BREAKER_WATCH } from "../../lib/constructs/spend-breaker.ts";
import { MODE_TRAFFIC } from "../../lambda/contract/usual-traffic.ts";
import { LINE_DELAYS } from "../../local/rehearsal/conditions.ts";
import { configOf } from "../support/config-of.ts";
import { PROJECT } from "../support/synthesise.ts";
import { expectDocument, type Row, tableText } from "../support/written-document.ts";

const REQUESTS_PER_MINUTE = 10;
const MODEL = chooseModel("us.anthropic.claude-haiku-4-5-20251001-v1:0", "");
const { timeoutSeconds } = configOf({ stage: "production" });

/**
 * What passes between the request that reaches the limit and the first one that is blocked, in seconds at
 * most.
 */
const WAYS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "opened by the alarm": waiting(60),
  "opened by the schedule": waiting(BREAKER_WATCH.everyMinutes * 60),
};

function waiting(untilLooked: number): Readonly<Record<string, number>> {
  return {
    "a request is under way, and counted when it ends": timeoutSeconds,
    "CloudWatch has its line (99 % of lines)": LINE_DELAYS.usual.p99Ms / 1_000,
    "the alarm is evaluated, or the schedule comes": untilLooked,
    "the breaker's function writes the parameter": BREAKER_WATCH.timeoutSeconds,
    "the agent reads it again": agentSettings({}).parameterTtlMs / 1_000,
  };
}

function secondsOf(parts: Readonly<Record<string, number>>): number {
  return Object.values(parts).reduce((sum, seconds) => sum + seconds, 0);
}

/**
 * The request that notices that the parameter is old still passes: the new value is read in the background.
 */
function requestsIn(seconds: number): number {
  return Math.ceil((seconds / 60) * REQUESTS_PER_MINUTE) + 1;
}

function priceOf(inputTokens: number, outputTokens: number): number {
  return costUsd({ ...NO_USAGE, inputTokens, outputTokens }, MODEL);
}

/**
 * The most expensive question that the agent accepts: the longest text, in letters of three bytes, and the
 * longest answer.
 */
const DEAREST: Question = {
  model: MODEL,
  system: systemPrompt("event", { nowMs: 0, timeZone: "America/Los_Angeles" }),
  user: userPrompt({ text: "水".repeat(REQUEST_LIMITS.textCharactersDefault) }),
  mode: "event",
  maxTokens: REQUEST_LIMITS.maxTokensLimit,
  thinkingTokens: 0,
  form: "reply",
};

function highestPriceUsd(): number {
  const schema = converseInput(DEAREST).outputConfig?.textFormat?.structure?.jsonSchema?.schema ?? "";
  return priceOf(estimatedTokens(DEAREST.system ?? "", DEAREST.user, schema), DEAREST.maxTokens);
}

/**
 * How many attempts of one request cost when every one breaks at its very end, and the form is refused before
 * attempt `refusedAt`.
 */
async function paidAttempts(refusedAt: number): Promise<number> {
  const one = { ...NO_USAGE, outputTokens: 1 };
  let asked = 0;
  const ask: AskModel = ({ form }) => {
    asked += 1;
    if (form === "reply" && asked === refusedAt)
      return Promise.reject(
        Object.assign(new Error("output_config.format: Extra inputs are not permitted"), {
          name: "ValidationException",
        }),
      );
    const broken = Object.assign(new Error("reset"), { code: "ECONNRESET" });
    return Promise.reject(new AttemptError(broken, { usage: one, estimated: one }));
  };
  const ports = { ask, elapsed: () => 0, wait: () => Promise.resolve(), random: () => 0 };
  const { spent } = await askWithRetries(timeoutSeconds * 1_000, DEAREST, {
    ...ports,
    refusedForms: new RefusedForms(),
  });
  return spent.usage.outputTokens;
}

async function mostPaidAttempts(): Promise<number> {
  return Math.max(...(await Promise.all([0, 1, 2, 3, 4].map(paidAttempts))));
}

function usd(dollars: number): string {
  return `${dollars.toFixed(2)} USD`;
}

async function overspentTable(): Promise<readonly Row[]> {
  const { inputTokens, outputTokens } = MODE_TRAFFIC.reminder;
  const reminder = priceOf(inputTokens, outputTokens);
  const highest = highestPriceUsd();
  const attempts = await mostPaidAttempts();
  const head = [
    "",
    "Seconds",
    "Requests",
    `Reminders (${reminder.toFixed(4)} USD)`,
    `Most expensive requests (${highest.toFixed(3)} USD)`,
    `Most expensive, each of ${attempts} attempts breaks at its end`,
  ];
  const rows = Object.entries(WAYS).map(([way, parts]) => {
    const requests = requestsIn(secondsOf(parts));
    const sums = [reminder, highest, highest * attempts].map((price) => usd(price * requests));
    return [way, String(secondsOf(parts)), String(requests), ...sums];
  });
  return [head, ...rows];
}

function explanation(attempts: number): string {
  const { textCharactersDefault, maxTokensLimit } = REQUEST_LIMITS;
  const parts = Object.entries(WAYS["opened by the alarm"] ?? {}).map(
    ([what, seconds]) => `${what}: ${seconds} s`,
  );
  return [
    `With the alarm: ${parts.join("; ")}. With the schedule the third is ${BREAKER_WATCH.everyMinutes * 60} s.`,
    `The most expensive request is ${textCharactersDefault.toLocaleString("en-US")} characters of three bytes in and ${maxTokensLimit.toLocaleString("en-US")} tokens out, by the agent's own estimate, with the \`us.\` profile of Haiku 4.5.`,
    `The last column is the bound with retries: ${attempts} attempts of a request can cost, and a refused form, which brings one more, costs nothing. Attempts that hang or break are counted too, by an estimate that errs upwards, so they bring the limit nearer; only what a request takes after the limit costs more. ${attempts} such attempts would have to write ${(attempts * maxTokensLimit).toLocaleString("en-US")} tokens within the timeout of ${timeoutSeconds} s, and Haiku 4.5 was measured at 53 to 88 a second.`,
  ].join("\n\n");
}

test("docs/spend-breaker.md says what is overspent at most, with retries, by the agent's own limits", async () => {
  const attempts = await mostPaidAttempts();
  expect(attempts).toBe(3);
  await expectDocument("docs/spend-breaker.md", {
    overspent: `${tableText(await overspentTable())}\n\n${explanation(attempts)}`,
  });
});

test("docs/spend-breaker.md says how many requests of the probe pass", async () => {
  const text = await readFile(join(PROJECT, "docs/spend-breaker.md"), "utf8");
  expect(text).toContain(
    `the probe, with up to ${PROBE_REQUESTS_PER_MINUTE} requests a minute in each environment`,
  );
});
