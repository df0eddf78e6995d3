import { readFile } from "node:fs/promises";
import { AlarmTestError } from "./alarm-test.ts";
import { readAlarmTest } from "./read-alarm-test.ts";
import { type ExpectationResult, runAlarmTest } from "./run-alarm-test.ts";
import { alarmsOfTest, type SynthesiseApp } from "./template-alarms.ts";

/** What became of one file of alarm tests. */
export interface AlarmTestResult {
  readonly file: string;
  readonly passed: boolean;
  readonly expectations: readonly ExpectationResult[];
}

/** Runs one file of alarm tests; a file that cannot be run is an {@link AlarmTestError}. */
export async function testAlarms(file: string, synthesise: SynthesiseApp): Promise<AlarmTestResult> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new AlarmTestError(
      { file, line: 1 },
      `cannot be read (${(cause as Error).message}): give the path of a test file`,
    );
  });
  const test = readAlarmTest(text, file);
  const expectations = runAlarmTest(test, await alarmsOfTest(test, synthesise));
  return { file, passed: expectations.every((result) => result.passed), expectations };
}

/** The results in lines of text: failures with what the alarm saw, then a count per file. */
export function alarmTestReport(results: readonly AlarmTestResult[]): string {
  return results.flatMap(resultLines).join("\n");
}

function resultLines({ file, passed, expectations }: AlarmTestResult): readonly string[] {
  const failures = expectations.filter((result) => !result.passed);
  return [
    ...failures.flatMap(({ line, text, details }) => [
      `FAIL ${file}:${line}: ${text}`,
      ...details.map((detail) => `  ${detail}`),
    ]),
    `${passed ? "ok" : "FAIL"} ${file}: ${expectations.length - failures.length} of ${expectations.length} expectations met`,
  ];
}
