import { readdirSync } from "node:fs";
import { join } from "node:path";
import { alarmTestReport, testAlarms } from "cw-alarm-test/test-alarms";
import { describe, expect, it } from "vitest";
import { ALARMS, COMPOSITES } from "../../lib/monitoring/alarm-table.ts";
import { CHARGES_ALARM } from "../../lib/monitoring/usage-alarms.ts";
import { synthesisingOnce } from "../support/synthesised-app.ts";

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".alarm-test.yaml"));
const synthesise = synthesisingOnce();

/** As `npm run cli -- test-alarms test/alarms`. */
describe("the alarm tests", () => {
  it.each(files)("%s", async (name) => {
    const result = await testAlarms(join(import.meta.dirname, name), { synthesise });
    expect(result.passed, alarmTestReport([result])).toBe(true);
  });

  it("there is a file for every alarm; a window of a burn alarm is in the file of its composite", () => {
    const isWindow = (key: string): boolean => /-burn-(long|short)$/.test(key);
    const rows = [...ALARMS.filter(({ key }) => !isWindow(key)), CHARGES_ALARM, ...COMPOSITES];
    const tested = new Set(
      files.map((name) => name.replace(/(-dense|-without-probe)?\.alarm-test\.yaml$/, "")),
    );
    expect([...tested].sort()).toEqual(rows.map(({ key }) => key).sort());
  });
});
