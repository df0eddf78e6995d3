import { expect, test } from "vitest";
import { fingerprints, isCurrent, readResults } from "../../bench/aims/results.ts";
import {
  measuredLine,
  otherTable,
  outageTable,
  partialTable,
  quietTable,
  variantTable,
} from "../../bench/aims/tables.ts";
import { bench as alarmCounts } from "../../bench/alarm-counts.ts";
import { bench as probeTries } from "../../bench/probe-tries.ts";
import { expectDocument, tableText } from "../support/written-document.ts";

test("docs/alarm-design.md says what was measured of the alarms as they are", async () => {
  const results = await readResults();
  await expectDocument("docs/alarm-design.md", {
    measured: measuredLine(results),
    outages: tableText(outageTable(results)),
    partial: tableText(partialTable(results)),
    quiet: tableText(quietTable(results)),
    others: tableText(otherTable(results)),
  });
});

test("docs/alarm-design.md says what other rules and other tries would give", async () => {
  const rules = [
    "Rule",
    "30 % fail, found in 24 h",
    "research fails, found in 48 h",
    "False tickets in 30 days",
  ];
  const tries = [
    "A run of the probe",
    "Pages in 30 days, an interruption of 20 s a day",
    "The same, of 60 s",
    "Failed runs in two days of 30 % failing",
  ];
  await expectDocument("docs/alarm-design.md", {
    rules: tableText(variantTable(rules, await alarmCounts.run())),
    tries: tableText(variantTable(tries, await probeTries.run())),
  });
});

test("the figures are of today's alarms and of the days that are simulated today", async () => {
  const results = await readResults();
  const now = await fingerprints();
  const stale = results.aims
    .filter((aim) => !isCurrent(aim, results, now))
    .map(({ measurement }) => measurement);
  expect([...new Set(stale)], "these figures are stale: npm run measure:aims, then npm run docs").toEqual([]);
});
