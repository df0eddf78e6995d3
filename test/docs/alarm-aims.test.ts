import { expect, test } from "vitest";
import { fingerprints, isCurrent, readResults } from "../../bench/aims/results.ts";
import { measuredLine, otherTable, outageTable, partialTable, quietTable } from "../../bench/aims/tables.ts";
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

test("the figures are of today's alarms and of the days that are simulated today", async () => {
  const results = await readResults();
  const now = await fingerprints();
  const stale = results.aims.filter((aim) => !isCurrent(aim, results, now)).map(({ measurement }) => measurement);
  expect([...new Set(stale)], "these figures are stale: npm run measure:aims, then npm run docs").toEqual([]);
});
