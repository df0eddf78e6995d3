import { expect, test } from "vitest";
import { converseInput } from "../../lambda/agent/bedrock-model.ts";
import { systemPrompt, userPrompt } from "../../lambda/agent/prompt.ts";
import { chooseModel, costUsd, estimatedTokens } from "../../lambda/agent/model.ts";
import { MODEL_ROWS } from "../../lambda/contract/model-row.ts";
import { PROBE_FAILURE_MEANING, PROBE_FAILURES, PROBE_FULL_TOKENS, probeTokens } from "../../lambda/contract/probe.ts";
import { SETTINGS } from "../../lib/config/stage-config.ts";
import { expectDocument, type Row, tableText } from "../support/written-document.ts";

const MINUTES_OF_MONTH = 30 * 24 * 60;
const INTERVALS = [1, 4, 5, 15, 60];

function runs(minutes: number): number {
  return MINUTES_OF_MONTH / minutes;
}

function dollars(modelId: string, minutes: number): number {
  const { input, output } = probeTokens(runs(minutes), 30);
  const usage = { inputTokens: input, outputTokens: output, cacheReadTokens: 0, cacheWriteTokens: 0 };
  return costUsd(usage, chooseModel(`us.${modelId}`, ""));
}

const MODELS = Object.keys(MODEL_ROWS);

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  failures: [
    ["`failureClass`", "Says"],
    ...PROBE_FAILURES.map((failure) => [`\`${failure}\``, PROBE_FAILURE_MEANING[failure]]),
  ],
  price: [
    ["`PROBE_MINUTES`", "Runs a month", "Input tokens", "Output tokens", ...MODELS.map((id) => `USD, ${id}`)],
    ...INTERVALS.map((minutes) => [
      String(minutes),
      runs(minutes).toLocaleString("en-US"),
      probeTokens(runs(minutes), 30).input.toLocaleString("en-US"),
      probeTokens(runs(minutes), 30).output.toLocaleString("en-US"),
      ...MODELS.map((id) => dollars(id, minutes).toFixed(3)),
    ]),
  ],
};

test("docs/probe.md has the failures and the price of today's tables", async () => {
  const blocks = Object.entries(TABLES).map(([table, rows]) => [table, tableText(rows)] as const);
  await expectDocument("docs/probe.md", Object.fromEntries(blocks));
});

test("at the default interval the probe's tokens cost under 0.23 USD a month, whichever known model answers", () => {
  for (const id of MODELS) expect(dollars(id, Number(SETTINGS.probeMinutes.defaultText))).toBeLessThan(0.23);
});

test("the tokens of a question in full are what the agent's own question is estimated to be", () => {
  const moment = { nowMs: Date.UTC(2026, 10, 23, 17), timeZone: "America/Los_Angeles" };
  const model = chooseModel("us.anthropic.claude-haiku-4-5-20251001-v1:0", "");
  const [system, user] = [systemPrompt("reminder", moment), userPrompt({ text: "ok" })];
  const asked = { model, system, user, mode: "reminder", maxTokens: 1, thinkingTokens: 0, form: "reply" } as const;
  const schema = converseInput(asked).outputConfig?.textFormat?.structure?.jsonSchema?.schema ?? "";
  expect(Math.abs(estimatedTokens(system, user, schema) - PROBE_FULL_TOKENS.input)).toBeLessThan(10);
});
