import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { withTests } from "cw-alarm-test/commands/test-command";
import type { AlarmList } from "cw-alarm-test/list-alarms";
import { alarmTestProgram, exitCodeOf } from "cw-alarm-test/program";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
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
        EvaluationPeriods: 2,
        Threshold: 3,
        ComparisonOperator: "GreaterThanThreshold",
        AlarmActions: ["arn:aws:sns:us-east-1:123456789012:ops"],
      },
    },
    Low: {
      Type: "AWS::CloudWatch::Alarm",
      Properties: {
        Metrics: [
          { Id: "e", Expression: "100 * a / b" },
          {
            Id: "a",
            ReturnData: false,
            MetricStat: { Metric: { Namespace: "Shop", MetricName: "Good" }, Period: 300, Stat: "Sum" },
          },
          {
            Id: "b",
            ReturnData: false,
            MetricStat: { Metric: { Namespace: "Shop", MetricName: "All" }, Period: 300, Stat: "Sum" },
          },
        ],
        EvaluationPeriods: 1,
        Threshold: 95,
        ComparisonOperator: "LessThanThreshold",
      },
    },
  },
};

describe("cw-alarm-test", () => {
  let folder = "";
  let terminal = memoryTerminal();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "cw-alarm-test-"));
    await mkdir(join(folder, "deep"));
    await writeFile(join(folder, "t.json"), JSON.stringify(TEMPLATE));
    await writeFile(
      join(folder, "deep", "a.alarm-test.yaml"),
      fileWith("{ at: 2m, alarm: Errors, state: OK }"),
    );
  });

  afterEach(async () => {
    process.exitCode = undefined;
    await rm(folder, { recursive: true });
  });

  function fileWith(expectation: string): string {
    const series = "[{ namespace: Shop, metric: Errors, values: 0 0 5x5 }]";
    return `template: ../t.json\nseries: ${series}\nexpect: [${expectation}]\n`;
  }

  async function run(...words: readonly string[]): Promise<number | string> {
    terminal = memoryTerminal();
    process.exitCode = undefined;
    try {
      await alarmTestProgram(terminal).parseAsync([...words], { from: "user" });
    } catch (error) {
      return exitCodeOf(error, terminal);
    }
    return exitCode();
  }

  /** What a command left behind: the compiler cannot see that it does. */
  const exitCode = (): number | string => process.exitCode ?? 0;

  const out = (): string => terminal.written.out.join("\n").replaceAll(`${folder}/`, "");
  const err = (): string => terminal.written.err.join("\n").replaceAll(`${folder}/`, "");

  test("a folder, a file and a pattern stand for their tests; what is no test is left alone", async () => {
    await writeFile(join(folder, "deep", "other.yaml"), "no: test");
    for (const path of [
      folder,
      join(folder, "deep", "a.alarm-test.yaml"),
      `${folder}/**/*.alarm-test.yaml`,
    ]) {
      expect(await run(path)).toBe(0);
      expect(out()).toBe("ok deep/a.alarm-test.yaml: 1 of 1 expectations met");
    }
  });

  test("a folder without tests, and a pattern that matches nothing, are refused", async () => {
    await rm(join(folder, "deep", "a.alarm-test.yaml"));
    expect(await run(folder)).toBe(2);
    expect(err()).toMatch(/^error: no file in .* ends in \.alarm-test\.yaml: rename the tests/);
    expect(await run(`${folder}/*.yml`, "--json")).toBe(2);
    expect(JSON.parse(out())).toMatchObject({
      passed: false,
      error: expect.stringContaining("no file matches") as string,
    });
  });

  test("one unusable file hides no other, in every report", async () => {
    await writeFile(join(folder, "deep", "b.alarm-test.yaml"), "expect: [");
    expect(await run(folder)).toBe(2);
    expect(out().split("\n")).toEqual([
      "ok deep/a.alarm-test.yaml: 1 of 1 expectations met",
      expect.stringMatching(/^ERROR deep\/b\.alarm-test\.yaml:\d: /),
    ]);
    expect(await run(folder, "--json")).toBe(2);
    expect(JSON.parse(out())).toMatchObject({
      passed: false,
      files: [{ passed: true }, { passed: false, error: { line: expect.any(Number) as number } }],
    });
    for (const [reporter, start] of [
      ["junit", "<?xml"],
      ["tap", "TAP version 14"],
      ["github", "::error file="],
    ] as const) {
      expect(await run(folder, "--reporter", reporter)).toBe(2);
      expect(out().startsWith(start)).toBe(true);
    }
  });

  test("--filter picks expectations, and refuses a text that none contains", async () => {
    await writeFile(
      join(folder, "deep", "b.alarm-test.yaml"),
      fileWith("{ at: 2m, alarm: Low, state: ALARM }"),
    );
    expect(await run(folder)).toBe(1);
    expect(await run(folder, "--filter", "err")).toBe(0);
    expect(await run(folder, "--filter", "nobody")).toBe(2);
    expect(err()).toContain('no expectation contains "nobody"');
  });

  test("list shows condition, metrics, dimensions and actions", async () => {
    expect(await run("list", join(folder, "t.json"))).toBe(0);
    expect(out().split("\n").slice(0, 5)).toEqual([
      "errors",
      "  resource: Errors of t in us-east-1",
      "  condition: Sum of Errors > 3 for 2 of 2 periods of 60 s",
      "  metric: Shop Errors",
      "  on ALARM: arn:aws:sns:us-east-1:123456789012:ops",
    ]);
    expect(await run("list", join(folder, "t.json"), "--json", "--region", "eu-west-1")).toBe(0);
    expect(JSON.parse(out())).toMatchObject({
      alarms: [{ logicalId: "Low", region: "eu-west-1" }],
      refused: [],
      // Its topic is in the Region of before.
      invalid: [
        { logicalId: "Errors", reason: expect.stringContaining("Invalid region us-east-1") as string },
      ],
    });
  });

  test("list and init name an alarm that CloudWatch would refuse, and the composite that waits for it", async () => {
    const { Statistic: _statistic, ...Properties } = TEMPLATE.Resources.Errors.Properties;
    const Resources = {
      Bad: { Type: "AWS::CloudWatch::Alarm", Properties: { ...Properties, AlarmName: "bad" } },
      Any: {
        Type: "AWS::CloudWatch::CompositeAlarm",
        Properties: { AlarmName: "any", AlarmRule: "ALARM(bad)" },
      },
    };
    const template = join(folder, "bad.json");
    await writeFile(template, JSON.stringify({ Resources: { ...Resources, ...TEMPLATE.Resources } }));
    expect(await run("list", "--json", template)).toBe(0);
    const listed = JSON.parse(out()) as AlarmList;
    expect(listed.alarms.map(({ logicalId }) => logicalId)).toEqual(["Errors", "Low"]);
    expect(listed.invalid).toEqual([
      expect.objectContaining({
        logicalId: "Bad",
        reason: "PutMetricAlarm request should have a Statistic parameter",
      }),
      expect.objectContaining({
        logicalId: "Any",
        reason: "it names an alarm that would not be created either",
      }),
    ]);
    const tests = join(folder, "first");
    expect(await run("init", template, "--out", tests)).toBe(0);
    expect((await readdir(tests)).sort()).toEqual(["Errors.alarm-test.yaml", "Low.alarm-test.yaml"]);
    expect(err()).toContain("left out Bad of bad: PutMetricAlarm request should have a Statistic");
  });

  test("init writes a test for each alarm that passes, and overwrites none", async () => {
    const tests = join(folder, "tests");
    expect(await run("init", join(folder, "t.json"), "--out", tests)).toBe(0);
    expect((await readdir(tests)).sort()).toEqual(["Errors.alarm-test.yaml", "Low.alarm-test.yaml"]);
    expect(await run(tests)).toBe(0);
    expect(out().match(/2 of 2 expectations met/g)).toHaveLength(2);
    expect(await run("init", join(folder, "t.json"), "--out", tests)).toBe(0);
    expect(err()).toContain("kept tests/Errors.alarm-test.yaml: it is there already");
  });

  test.each<[string, readonly string[], RegExp]>([
    ["an unknown reporter", ["--reporter", "loud"], /Allowed choices are human, json, junit, tap, github/],
    ["an unknown option", ["--loud"], /unknown option '--loud'/],
    ["a template that is not there", ["list", "nowhere.json"], /cannot read template nowhere\.json/],
    ["a pair without =", ["list", "t.json", "--parameter", "x"], /write name=value/],
  ])("%s is refused with exit code 2", async (_name, words, message) => {
    expect(await run(...words)).toBe(2);
    expect(err()).toMatch(message);
  });

  test("--watch runs again when a test changes", async () => {
    let stop = (): void => undefined;
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    const command = withTests(new Command("test"), { output: terminal, untilStopped: () => stopped });
    const file = join(folder, "deep", "a.alarm-test.yaml");
    const running = command.parseAsync([file], { from: "user" });
    await running;
    terminal = memoryTerminal();
    let seen = (): void => undefined;
    const failed = new Promise<void>((resolve) => (seen = resolve));
    const output = {
      ...terminal,
      out: (line: string) => {
        terminal.out(line);
        if (line.includes("FAIL")) seen();
      },
    };
    let ready = (): void => undefined;
    const watching = new Promise<void>((resolve) => (ready = resolve));
    const again = withTests(new Command("test"), {
      output: { ...output, err: () => ready() },
      untilStopped: () => stopped,
    }).parseAsync(["--watch", file], { from: "user" });
    await watching;
    await writeFile(file, fileWith("{ at: 2m, alarm: Errors, state: ALARM }"));
    await failed;
    stop();
    await again;
    expect(out()).toContain("2m errors is OK, expected ALARM");
  });
});
