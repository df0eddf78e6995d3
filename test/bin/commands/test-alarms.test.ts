import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { testAlarmsCommand } from "../../../bin/commands/test-alarms.ts";

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
  let out = "";
  let err = "";

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "test-alarms-"));
    await writeFile(join(folder, "t.json"), JSON.stringify(TEMPLATE));
    [out, err] = ["", ""];
    vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
    vi.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true));
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
    await rm(folder, { recursive: true });
  });

  async function run(expectation: string, ...options: readonly string[]): Promise<unknown> {
    const file = join(folder, "a.yaml");
    const series = `[{ namespace: Shop, metric: Errors, values: "0 5" }]`;
    await writeFile(file, `template: t.json\nseries: ${series}\nexpect: [${expectation}]\n`);
    await testAlarmsCommand().parseAsync([file, ...options], { from: "user" });
    return process.exitCode;
  }

  test("exits 0 when everything is as expected", async () => {
    expect(await run("{ at: 2m, alarm: errors, state: ALARM }")).toBe(0);
    expect(out).toMatch(/^ok .*a\.yaml: 1 of 1 expectations met\n$/);
  });

  test("exits 1 and shows what the alarm saw when it is not", async () => {
    expect(await run("{ at: 1m, alarm: errors, state: ALARM }")).toBe(1);
    expect(out).toContain("1m errors is OK, expected ALARM");
    expect(out).toContain("StateReason: ");
  });

  test("exits 2 on a bad file and says where", async () => {
    expect(await run("{ at: 1m, alarm: errors, state: RED }")).toBe(2);
    expect(err).toMatch(/a\.yaml:3: state is "RED"/);
    expect(out).toBe("");
  });

  test("--json prints one line", async () => {
    expect(await run("{ at: 2m, alarm: errors, state: ALARM }", "--json")).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      passed: true,
      files: [{ expectations: [{ line: 3, passed: true }] }],
    });
    expect(out.trim().split("\n")).toHaveLength(1);
  });
});
