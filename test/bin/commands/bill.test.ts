import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { billCommand } from "../../../bin/commands/bill.ts";
import { exitCodeOf } from "../../../bin/cli/failure.ts";
import { buildAssembly } from "../../support/built-assembly.ts";
import { memoryTerminal } from "../../support/memory-terminal.ts";

const MANIFEST = {
  artifacts: {
    Watch: {
      type: "aws:cloudformation:stack",
      environment: "aws://unknown-account/us-west-2",
      properties: { templateFile: "Watch.template.json" },
    },
  },
};

const TEMPLATE = {
  Resources: {
    Slow: { Type: "AWS::CloudWatch::Alarm", Properties: { MetricName: "Duration", Period: 60 } },
    Down: { Type: "AWS::CloudWatch::CompositeAlarm" },
    Table: { Type: "AWS::DynamoDB::Table" },
  },
};

describe("bill", () => {
  let folder = "";
  let terminal = memoryTerminal();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bill-"));
    await writeFile(join(folder, "manifest.json"), JSON.stringify(MANIFEST));
    await writeFile(join(folder, "Watch.template.json"), JSON.stringify(TEMPLATE));
  });

  afterAll(() => rm(folder, { recursive: true }));

  beforeEach(() => (terminal = memoryTerminal()));

  async function run(...options: readonly string[]): Promise<unknown> {
    const command = billCommand(terminal)
      .exitOverride()
      .configureOutput({ writeErr: (text) => terminal.err(text) });
    try {
      await command.parseAsync(options, { from: "user" });
    } catch (error) {
      return exitCodeOf(error, terminal);
    }
    return 0;
  }

  test("shows quantity, price, gross, free tier and what is left to pay, in columns", async () => {
    expect(await run("--assembly", folder)).toBe(0);
    const { out } = terminal.written;
    expect(out[0]).toMatch(/^One month of Wrist Agent, the templates of .+, at 30 requests a day$/);
    expect(out.find((line) => line.includes("alarm metrics"))).toMatch(
      /1 +0\.10 per metric +0\.10 +0\.10 +0\.00$/,
    );
    expect(out.find((line) => line.includes("composite"))).toMatch(/1 +0\.50 per alarm +0\.50 +0\.50$/);
    expect(out.find((line) => line.startsWith("Monitoring, together"))).toMatch(/0\.60 +0\.10 +0\.50$/);
    const head = out[3] ?? "";
    expect(head.trim().split(/ {2,}/)).toEqual(["quantity", "price in USD", "gross", "free tier", "to pay"]);
  });

  test("names what it has no price for", async () => {
    await run("--assembly", folder);
    const at = terminal.written.out.indexOf("No price is known for");
    expect(terminal.written.out[at + 1]).toBe("  AWS::DynamoDB::Table");
  });

  test("charges the monitoring of somebody else's function what its templates show, and nothing of ours", async () => {
    const assembly = join(folder, "theirs");
    buildAssembly(assembly, {
      stage: "production",
      context: {
        functionArn: "arn:aws:lambda:us-west-2:111122223333:function:theirs",
        lambdaTimeout: "10",
        alarmEmail: "a@example.com",
      },
    });
    expect(await run("--assembly", assembly, "--json")).toBe(0);
    const { lines, sums, unpriced } = JSON.parse(terminal.written.out[0] ?? "") as {
      readonly lines: readonly { readonly item: string }[];
      readonly sums: object;
      readonly unpriced: readonly string[];
    };
    // No custom metric, no log line, no question to a model: whoever runs that function pays for those.
    expect(lines.map(({ item }) => item)).toEqual([
      "alarm metrics",
      "dashboards",
      "SNS publications",
      "SNS e-mails",
    ]);
    expect(sums).toMatchObject({
      agent: { grossUsd: 0 },
      monitoring: { grossUsd: expect.closeTo(6.5, 1) as number },
    });
    expect(unpriced).toEqual([]);
  });

  test("--json prints one line with everything", async () => {
    expect(await run("--assembly", folder, "--json", "--requests-per-day", "12.5")).toBe(0);
    const [text = "", ...more] = terminal.written.out;
    expect(more).toEqual([]);
    expect(JSON.parse(text)).toMatchObject({
      requestsPerDay: 12.5,
      sums: { monitoring: { netUsd: 0.5 }, agent: { netUsd: 0 } },
      unpriced: ["AWS::DynamoDB::Table"],
    });
  });

  test.each([
    [["--requests-per-day", "many"], "give a number above 0, such as 30."],
    [["--requests-per-day", "0"], "give a number above 0"],
    [["--profile", "rich"], "Allowed choices are default, full."],
    [["-c", "region"], "give name=value"],
    [["--assembly", "/nowhere"], "cannot read /nowhere/manifest.json: synthesise the app first"],
  ])("%j is wrong usage", async (options, said) => {
    expect(await run(...options)).toBe(2);
    expect(terminal.written.err.join("\n")).toContain(said);
  });

  test("what the settings refuse is told in their words", async () => {
    expect(await run("--stage", "nowhere")).toBe(1);
    expect(terminal.written.err.join("\n")).toContain('unknown stage "nowhere": use one of development');
  });
});
