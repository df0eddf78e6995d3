import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CheckLine } from "../../../../bin/cli/check-lines.ts";
import { exitCodeOf } from "../../../../bin/cli/failure.ts";
import { deployCommand } from "../../../../bin/commands/deploy.ts";
import { fakeDeployment, type FakeStack, type FakeWorld } from "../../../support/fake-deployment.ts";
import { memoryTerminal, type MemoryTerminal } from "../../../support/memory-terminal.ts";

const APP: FakeStack = {
  stackName: "WristAgent-production",
  region: "us-west-2",
  outputs: {
    FunctionUrl: { value: "https://a.example/" },
    TokenParameterName: { value: "/wrist-agent/client-token" },
  },
};
const MONITORING: FakeStack = { stackName: "WristAgentMonitoring-production", region: "us-west-2" };

const line = (state: CheckLine["state"], says: string, remedy?: string): CheckLine => ({
  id: "x",
  title: "the line",
  state,
  says: [says],
  remedies: remedy === undefined ? [] : [remedy],
});

const LINES: readonly CheckLine[] = [
  line("passes", "good"),
  line("fails", "ann@example.com is not confirmed", "confirm the mail"),
  line("not readable", "these credentials lack sns:ListSubscriptionsByTopic"),
];

let folder = "";
let terminal: MemoryTerminal;
let verified: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deploy-"));
  terminal = memoryTerminal();
  verified = [];
});

afterEach(() => rm(folder, { recursive: true }));

async function deploy(words: readonly string[], more: Partial<FakeWorld> = {}): Promise<number> {
  const verify: FakeWorld["verify"] = (stage, region) => {
    verified.push(`${stage} in ${region}`);
    return Promise.resolve(LINES);
  };
  const { ports } = fakeDeployment({ stacks: [APP, MONITORING], folder, verify, ...more });
  try {
    await deployCommand(terminal, ports)
      .exitOverride()
      .parseAsync(["--stage", "production", "--yes", ...words], { from: "user" });
    return 0;
  } catch (error) {
    return exitCodeOf(error, terminal);
  }
}

describe("a deploy ends with the checklist", () => {
  test("whose lines are told where they do not pass, and what was deployed stays deployed", async () => {
    expect(await deploy([])).toBe(0);
    expect(verified).toEqual(["production in us-west-2"]);
    const { out } = terminal.written;
    expect(out.slice(out.indexOf("Verified in us-west-2"))).toEqual(
      expect.arrayContaining([
        "  1 of 3 pass, 1 fail, 1 could not be read",
        "  FAILS     the line: ann@example.com is not confirmed",
        "            -> confirm the mail",
        "  unknown   the line: these credentials lack sns:ListSubscriptionsByTopic",
      ]),
    );
    expect(out.join("\n")).not.toContain("the line: good");
  });

  test("in JSON too", async () => {
    await deploy(["--json"]);
    const { checks } = JSON.parse(terminal.written.out.at(-1) ?? "") as { readonly checks: unknown };
    expect(checks).toEqual([{ region: "us-west-2", lines: LINES }]);
  });

  test("hides mail addresses in it with --mask", async () => {
    await deploy(["--mask"]);
    expect(terminal.written.out.join("\n")).not.toContain("ann@example.com");
  });

  test("says why where it could not be begun", async () => {
    const verify = () =>
      Promise.resolve({ unverified: "these credentials lack cloudformation:ListStackResources" });
    expect(await deploy([], { verify })).toBe(0);
    expect(terminal.written.out).toContain(
      "  not verified: these credentials lack cloudformation:ListStackResources",
    );
  });

  test.each<[string, readonly string[], Partial<FakeWorld>]>([
    ["with --no-verify", ["--no-verify"], {}],
    ["where the URL does not answer", [], { urlAnswer: { status: 500, milliseconds: 1, error: "no" } }],
    ["where a stack failed", [], { cdk: ([verb]) => ({ exitCode: verb === "deploy" ? 1 : 0 }) }],
    [
      "for somebody else's function",
      ["-c", "functionArn=arn:aws:lambda:us-west-2:111122223333:function:x"],
      {},
    ],
  ])("not %s", async (_where, words, more) => {
    await deploy(words, more);
    expect(verified).toEqual([]);
  });
});
