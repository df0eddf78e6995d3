import { expect, test } from "vitest";
import { chooseModel, costUsd } from "../../lambda/agent/model.ts";
import { MODEL_ROWS } from "../../lambda/contract/model-row.ts";
import { PROBE_FAILURE_MEANING, PROBE_FAILURES, PROBE_TOKENS } from "../../lambda/contract/probe.ts";
import { SETTINGS } from "../../lib/config/stage-config.ts";
import { expectDocument, type Row, tableText } from "../support/written-document.ts";

const MINUTES_OF_MONTH = 30 * 24 * 60;
const INTERVALS = [1, 4, 5, 15, 60];

function runs(minutes: number): number {
  return MINUTES_OF_MONTH / minutes;
}

function dollars(modelId: string, minutes: number): number {
  const count = runs(minutes);
  const usage = {
    inputTokens: count * PROBE_TOKENS.input,
    outputTokens: count * PROBE_TOKENS.output,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
  };
  return costUsd(usage, chooseModel(`us.${modelId}`, ""));
}

const MODELS = Object.keys(MODEL_ROWS);

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  failures: [
    ["`failureClass`", "Says"],
    ...PROBE_FAILURES.map((failure) => [`\`${failure}\``, PROBE_FAILURE_MEANING[failure]]),
  ],
  price: [
    ["`PROBE_MINUTES`", "Runs a month", "Tokens read", "Tokens written", ...MODELS.map((id) => `USD, ${id}`)],
    ...INTERVALS.map((minutes) => [
      String(minutes),
      runs(minutes).toLocaleString("en-US"),
      (runs(minutes) * PROBE_TOKENS.input).toLocaleString("en-US"),
      (runs(minutes) * PROBE_TOKENS.output).toLocaleString("en-US"),
      ...MODELS.map((id) => dollars(id, minutes).toFixed(3)),
    ]),
  ],
};

test("docs/probe.md has the failures and the price of today's tables", async () => {
  const blocks = Object.entries(TABLES).map(([table, rows]) => [table, tableText(rows)] as const);
  await expectDocument("docs/probe.md", Object.fromEntries(blocks));
});

test("at the default interval the probe's tokens cost under 0.20 USD a month, whichever known model answers", () => {
  for (const id of MODELS) expect(dollars(id, Number(SETTINGS.probeMinutes.defaultText))).toBeLessThan(0.2);
});
