import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { templatesCommand } from "../../../bin/commands/templates.ts";
import { memoryTerminal } from "../../support/memory-terminal.ts";

describe("templates", () => {
  let folder = "";
  let terminal = memoryTerminal();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "templates-"));
    terminal = memoryTerminal();
  });

  afterEach(async () => {
    process.exitCode = undefined;
    await rm(folder, { recursive: true });
  });

  async function run(alarms: number, ...options: readonly string[]): Promise<readonly string[]> {
    const artifact = { type: "aws:cloudformation:stack", environment: "aws://1/us-west-2" };
    const names = Array.from({ length: alarms }, (_, at) => `A${at}`);
    const Resources = Object.fromEntries(names.map((name) => [name, { Type: "AWS::CloudWatch::Alarm" }]));
    await writeFile(join(folder, "manifest.json"), JSON.stringify({ artifacts: { Watch: artifact } }));
    await writeFile(join(folder, "Watch.template.json"), JSON.stringify({ Resources }));
    await templatesCommand(terminal).parseAsync(["--assembly", folder, ...options], { from: "user" });
    return terminal.written.out;
  }

  test("tells each stack's size, and what is over the free allowances", async () => {
    const lines = await run(11);
    expect(lines[1]).toMatch(/^Watch +11 of 500 +\d+ of 1,048,576$/);
    expect(lines).toContainEqual(expect.stringMatching(/^alarm metrics +11 of 10 +the rest is paid$/));
    expect(process.exitCode).toBeUndefined();
  });

  test("exits 1 for a stack that CloudFormation refuses", async () => {
    await run(501);
    expect(process.exitCode).toBe(1);
  });

  test("--json prints one line", async () => {
    const [line = "", ...more] = await run(2, "--json");
    expect(more).toEqual([]);
    expect(JSON.parse(line)).toMatchObject({
      stacks: [{ stackName: "Watch", resources: { used: 2, most: 500 } }],
      free: expect.arrayContaining([{ what: "alarm metrics", used: 2, most: 10 }]) as unknown,
    });
  });
});
