import { expect, test } from "vitest";
import {
  isMetricInProfile,
  REQUEST_LINE,
  METRICS,
  PROBE_METRIC,
  type MetricEntry,
} from "../../lambda/contract/metrics.ts";
import { OUTCOME_CLASS, OUTCOME_MEANING, OUTCOMES } from "../../lambda/contract/outcome.ts";
import { expectDocument, tableText, type Row } from "../support/written-document.ts";

const ENTRIES: readonly MetricEntry[] = Object.values(METRICS);

const SERIES_WORDS: Readonly<Record<MetricEntry["series"], string>> = {
  default: "metric",
  full: "metric in `full`",
  property: "property",
};

const TABLES: Readonly<Record<string, readonly Row[]>> = {
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
  properties: [["Property"], ...Object.values(REQUEST_LINE).map((name) => [`\`${name}\``])],
};

test("docs/telemetry.md has the tables of the catalogue", async () => {
  const blocks = Object.entries(TABLES).map(([table, rows]) => [table, tableText(rows)] as const);
  await expectDocument("docs/telemetry.md", Object.fromEntries(blocks));
});

test("the default profile has at most ten series, the probe's one included", () => {
  const people = ENTRIES.filter((entry) => isMetricInProfile(entry, "default"));
  expect(people.length + 1).toBeLessThanOrEqual(10);
});
