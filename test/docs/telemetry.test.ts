import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { expect, test } from "vitest";
import { isSeries, LINE, METRICS, PROBE_METRIC, type MetricEntry } from "../../lambda/contract/metrics.ts";
import { OUTCOME_CLASS, OUTCOME_MEANING, OUTCOMES } from "../../lambda/contract/outcome.ts";

const FILE = join(import.meta.dirname, "../../docs/telemetry.md");

const ENTRIES: readonly MetricEntry[] = Object.values(METRICS);

const SERIES_WORDS: Readonly<Record<MetricEntry["series"], string>> = {
  default: "metric",
  full: "metric in `full`",
  property: "property",
};

const TABLES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  metrics: [
    ["Metric", "Unit", "Says", "On", "People", "Probe"],
    ...ENTRIES.map((entry) => [
      `\`${entry.name}\``,
      entry.unit,
      entry.meaning,
      entry.emittedOn,
      SERIES_WORDS[entry.series],
      entry.name === PROBE_METRIC ? "metric" : entry.ofProbeToo === true ? SERIES_WORDS[entry.series] : "",
    ]),
  ],
  outcomes: [
    ["Outcome", "Class", "Says"],
    ...OUTCOMES.map((each) => [`\`${each}\``, OUTCOME_CLASS[each], OUTCOME_MEANING[each]]),
  ],
  properties: [["Property"], ...Object.values(LINE).map((name) => [`\`${name}\``])],
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

test("docs/telemetry.md has the tables of the catalogue (UPDATE_DOCS=1 with this test writes them)", async () => {
  const text = await readFile(FILE, "utf8");
  const expected = await format(withTables(text), { parser: "markdown", printWidth: 110 });
  if (process.env.UPDATE_DOCS === "1") await writeFile(FILE, expected);
  expect(await readFile(FILE, "utf8")).toBe(expected);
});

test("the default profile has at most ten series, the probe's one included", () => {
  const people = ENTRIES.filter((entry) => isSeries(entry, "default"));
  expect(people.length + 1).toBeLessThanOrEqual(10);
});
