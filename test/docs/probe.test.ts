import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { expect, test } from "vitest";
import { chooseModel } from "../../lambda/agent/model/model-choice.ts";
import { costUsd } from "../../lambda/agent/model/price.ts";
import { MODEL_ROWS } from "../../lambda/contract/model-row.ts";
import { PROBE_FAILURE_MEANING, PROBE_FAILURES, PROBE_TOKENS } from "../../lambda/contract/probe.ts";
import { SETTINGS } from "../../lib/config/settings.ts";

const FILE = join(import.meta.dirname, "../../docs/probe.md");

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

const TABLES: Readonly<Record<string, readonly (readonly string[])[]>> = {
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

function tableText([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function withTables(text: string): string {
  return Object.entries(TABLES).reduce(
    (whole, [name, rows]) =>
      whole.replace(
        new RegExp(`(<!-- ${name}: begin -->)[^]*(<!-- ${name}: end -->)`),
        `$1\n\n${tableText(rows)}\n\n$2`,
      ),
    text,
  );
}

test("docs/probe.md has the failures and the price of today's tables (UPDATE_DOCS=1 with this test writes them)", async () => {
  const text = await readFile(FILE, "utf8");
  const expected = await format(withTables(text), { parser: "markdown", printWidth: 110 });
  if (process.env.UPDATE_DOCS === "1") await writeFile(FILE, expected);
  expect(await readFile(FILE, "utf8")).toBe(expected);
});

test("at the default interval the probe's tokens cost under 0.20 USD a month, whichever known model answers", () => {
  for (const id of MODELS) expect(dollars(id, Number(SETTINGS.probeMinutes.otherwise))).toBeLessThan(0.2);
});
