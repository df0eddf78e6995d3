import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exitCodeOf } from "../../../../bin/cli/failure.ts";
import { deployCommand } from "../../../../bin/commands/deploy.ts";
import type { StageAccount } from "../../../../bin/commands/deploy/stage-account.ts";
import { fakeDeployment } from "../../../support/fake-deployment.ts";
import { memoryTerminal } from "../../../support/memory-terminal.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deploy-"));
});

afterEach(() => rm(folder, { recursive: true }));

async function deployAfterFailure(unprotect: StageAccount["unprotect"]) {
  const terminal = memoryTerminal();
  const stacks = [{ stackName: "WristAgent-production", region: "us-west-2" }];
  const fake = fakeDeployment({
    stacks,
    folder,
    stage: { stack: () => Promise.resolve("failed"), unprotect },
  });
  const command = deployCommand(terminal, fake.ports).exitOverride();
  let code = 0;
  try {
    await command.parseAsync(["--stage", "production", "--yes", "--only", "app"], { from: "user" });
  } catch (error) {
    code = exitCodeOf(error, terminal);
  }
  return { code, terminal, calls: fake.calls };
}

test("a stack whose creation failed loses the protection that would keep it for ever, and is made again", async () => {
  const unprotected: string[] = [];
  const { code, terminal, calls } = await deployAfterFailure((region, name) => {
    unprotected.push(`${region} ${name}`);
    return Promise.resolve("done");
  });
  expect(code).toBe(0);
  expect(unprotected).toEqual(["us-west-2 WristAgent-production"]);
  expect(terminal.written.out.join("\n")).toContain("The creation of WristAgent-production failed before");
  expect(calls.at(-1)).toMatch(/^deploy .* WristAgent-production$/);
});

test("credentials that may not take it off are told the command, and nothing is deployed", async () => {
  const unreadable = "these credentials lack cloudformation:UpdateTerminationProtection";
  const { code, terminal, calls } = await deployAfterFailure(() => Promise.resolve({ unreadable }));
  expect(code).toBe(1);
  expect(terminal.written.err.join("\n")).toContain("--no-enable-termination-protection --region us-west-2");
  expect(calls.filter((call) => call.startsWith("deploy"))).toEqual([]);
});
