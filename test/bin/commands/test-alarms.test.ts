import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exitCodeOf } from "../../../bin/cli/failure.ts";
import { testAlarmsCommand } from "../../../bin/commands/test-alarms.ts";
import { memoryTerminal } from "../../support/memory-terminal.ts";

const TEMPLATE = {
  Resources: {
    Errors: {
      Type: "AWS::CloudWatch::Alarm",
      Properties: {
        AlarmName: "errors",
        Namespace: "Shop",
        MetricName: "Errors",
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
      },
    },
  },
};

describe("test-alarms", () => {
  let folder = "";
  let terminal = memoryTerminal();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "test-alarms-"));
    await writeFile(join(folder, "t.json"), JSON.stringify(TEMPLATE));
    terminal = memoryTerminal();
  });

  afterEach(async () => {
    process.exitCode = undefined;
    await rm(folder, { recursive: true });
  });

  /** Runs the command as bin/cli.ts does, and gives the exit code. */
  async function run(expectation: string, ...options: readonly string[]): Promise<unknown> {
    const file = join(folder, "a.yaml");
    const series = `[{ namespace: Shop, metric: Errors, values: "0 5" }]`;
    await writeFile(file, `template: t.json\nseries: ${series}\nexpect: [${expectation}]\n`);
    try {
      await testAlarmsCommand(terminal).parseAsync([file, ...options], { from: "user" });
    } catch (error) {
      return exitCodeOf(error, terminal);
    }
    return process.exitCode ?? 0;
  }

  test("exits 0 when everything is as expected", async () => {
    expect(await run("{ at: 2m, alarm: errors, state: ALARM }")).toBe(0);
    expect(terminal.written.out).toEqual([expect.stringMatching(/^ok .*a\.yaml: 1 of 1 expectations met$/)]);
  });

  test("exits 1 and shows what the alarm saw when it is not", async () => {
    expect(await run("{ at: 1m, alarm: errors, state: ALARM }")).toBe(1);
    const text = terminal.written.out.join("\n");
    expect(text).toContain("1m errors is OK, expected ALARM");
    expect(text).toContain("StateReason: ");
  });

  test("exits 2 on a bad file and says where", async () => {
    expect(await run("{ at: 1m, alarm: errors, state: RED }")).toBe(2);
    expect(terminal.written).toEqual({
      out: [expect.stringMatching(/^ERROR .*a\.yaml:3: state is "RED"/)],
      err: [],
    });
  });

  test("--json prints one line", async () => {
    expect(await run("{ at: 2m, alarm: errors, state: ALARM }", "--json")).toBe(0);
    const [line = "", ...more] = terminal.written.out;
    expect(more).toEqual([]);
    expect(JSON.parse(line)).toMatchObject({
      passed: true,
      files: [{ expectations: [{ line: 3, passed: true }] }],
    });
  });
});
