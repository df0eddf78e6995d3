import { expect, test } from "vitest";
import { converseInput } from "../../lambda/agent/bedrock-model.ts";
import { systemPrompt, userPrompt } from "../../lambda/agent/prompt.ts";
import { chooseModel, costUsd } from "../../lambda/agent/model.ts";
import { MODEL_ROWS } from "../../lambda/contract/model-row.ts";
import { MODES } from "../../lambda/contract/request.ts";
import {
  PROBE_FAILURE_MEANING,
  PROBE_FAILURES,
  PROBE_FULL_FORM,
  PROBE_FULL_TOKENS,
  PROBE_TOKENS,
  probeTokens,
} from "../../lambda/contract/probe.ts";
import { CHARACTERS_PER_TOKEN } from "../../local/bill/billed-function.ts";
import { SETTINGS } from "../../lib/config/stage-config.ts";
import { expectDocument, type Row, tableText } from "../support/written-document.ts";

const MINUTES_OF_MONTH = 30 * 24 * 60;
const INTERVALS = [1, 3, 5, 15, 60];

function runs(minutes: number): number {
  return MINUTES_OF_MONTH / minutes;
}

function dollars(modelId: string, minutes: number): number {
  return price(modelId, probeTokens(runs(minutes), 30));
}

function price(modelId: string, { input, output }: ReturnType<typeof probeTokens>): number {
  const usage = { inputTokens: input, outputTokens: output, cacheReadTokens: 0, cacheWriteTokens: 0 };
  return costUsd(usage, chooseModel(`us.${modelId}`, ""));
}

const MODELS = Object.keys(MODEL_ROWS);
const DEFAULT_MINUTES = Number(SETTINGS.probeMinutes.defaultText);

/**
 * The most expensive of the known models' prices in a month at the default interval, with so many full
 * questions.
 */
function highestPrice(fullRuns: number, digits: number): string {
  const shortRuns = runs(DEFAULT_MINUTES) - fullRuns;
  const tokens = {
    input: shortRuns * PROBE_TOKENS.input + fullRuns * PROBE_FULL_TOKENS.input,
    output: shortRuns * PROBE_TOKENS.output + fullRuns * PROBE_FULL_TOKENS.output,
  };
  return Math.max(...MODELS.map((id) => price(id, tokens))).toFixed(digits);
}

/** What a question in full costs, and for how long the probe may miss what only such a question finds. */
function fullFormText(): string {
  const { everyMinutes, modes } = PROBE_FULL_FORM;
  const spanHours = everyMinutes / 60;
  const fullRuns = runs(everyMinutes);
  const each = (Number(highestPrice(fullRuns, 6)) - Number(highestPrice(0, 6))) / fullRuns;
  return [
    `So a question in full goes out every ${spanHours} hours, one mode after the other: ${modes.join(", ")}. An outage that concerns the form alone, a refused schema for example, stays unseen by the probe for at most ${spanHours} hours, and one of a single mode for at most ${spanHours * modes.length}. Users' own \`Failure\` shows it at their first request, and the agent asks again without what was refused, so that they get an answer (\`degraded\`, \`form_refused\`).`,
    `At the default of ${DEFAULT_MINUTES} minutes the probe's tokens cost at most ${highestPrice(fullRuns, 3)} USD a month; without a full question ${highestPrice(0, 3)} USD, with one of each mode a day ${highestPrice(runs(24 * 60) * modes.length, 3)} USD: each costs ${each.toFixed(5)} USD more than a short one.`,
  ].join("\n\n");
}

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
  await expectDocument("docs/probe.md", { ...Object.fromEntries(blocks), "full form": fullFormText() });
});

test("at the default interval the probe's tokens cost under 0.25 USD a month, whichever known model answers", () => {
  for (const id of MODELS) expect(dollars(id, DEFAULT_MINUTES)).toBeLessThan(0.25);
});

test("every mode is asked in full within two days, and at most once in the time of one run at the default interval", () => {
  const { everyMinutes, withinMinutes, modes } = PROBE_FULL_FORM;
  expect([...modes].toSorted()).toEqual([...MODES].toSorted());
  expect(everyMinutes * modes.length).toBeLessThan(2 * 24 * 60);
  expect(withinMinutes).toBeLessThanOrEqual(DEFAULT_MINUTES);
  // The day divides into spans, so that each begins with the first run of an hour whatever the interval is.
  expect([everyMinutes % 60, (24 * 60) % everyMinutes]).toEqual([0, 0]);
});

test("the tokens of a question in full are what the agent's own questions are estimated to be, as the bill estimates a user's", () => {
  const moment = { nowMs: Date.UTC(2026, 10, 23, 17), timeZone: "America/Los_Angeles" };
  const model = chooseModel("us.anthropic.claude-haiku-4-5-20251001-v1:0", "");
  const tokens = PROBE_FULL_FORM.modes.map((mode) => {
    const [system, user] = [systemPrompt(mode, moment), userPrompt({ text: "ok" })];
    const asked = { model, system, user, mode, maxTokens: 1, thinkingTokens: 0, form: "reply" } as const;
    const schema = converseInput(asked).outputConfig?.textFormat?.structure?.jsonSchema?.schema ?? "";
    return (system + user + schema).length / CHARACTERS_PER_TOKEN;
  });
  const mean = tokens.reduce((sum, each) => sum + each, 0) / tokens.length;
  expect(Math.abs(mean - PROBE_FULL_TOKENS.input)).toBeLessThan(5);
});
