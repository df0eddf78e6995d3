import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exitCodeOf } from "../../../../bin/cli/failure.ts";
import { deployCommand } from "../../../../bin/commands/deploy.ts";
import type { Account, StageAccount } from "../../../../bin/commands/deploy/stage-account.ts";
import { fakeDeployment } from "../../../support/fake-deployment.ts";
import { memoryTerminal } from "../../../support/memory-terminal.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deploy-"));
});

afterEach(() => rm(folder, { recursive: true }));

interface Given {
  readonly provider: Awaited<ReturnType<Account["githubProvider"]>>;
  /** The delivery stack as it is deployed. */
  readonly before: Awaited<ReturnType<StageAccount["stack"]>>;
  readonly only: string;
}

async function deployed({ provider, before, only }: Given) {
  const terminal = memoryTerminal();
  const asked: string[] = [];
  const fake = fakeDeployment({
    stacks: [
      { stackName: "WristAgent-production", region: "us-west-2" },
      { stackName: "WristAgentDelivery", region: "us-west-2" },
    ],
    folder,
    account: {
      githubProvider: (region) => {
        asked.push(region);
        return Promise.resolve(provider);
      },
    },
    stage: { stack: (_region, name) => Promise.resolve(name === "WristAgentDelivery" ? before : "missing") },
  });
  const command = deployCommand(terminal, fake.ports).exitOverride();
  const args = ["--stage", "production", "--yes", "--only", only, "-c", "githubRepository=ann@7/agent@42"];
  let code = 0;
  try {
    await command.parseAsync(args, { from: "user" });
  } catch (error) {
    code = exitCodeOf(error, terminal);
  }
  const context = fake.contexts.at(-1)?.["wrist-agent:github-provider"];
  return { code, asked, context, said: terminal.written.out.join("\n") };
}

const withResource = (Type: string): Given["before"] => ({
  status: "UPDATE_COMPLETE",
  template: { Resources: { GitHub: { Type } } },
  resources: {},
});
const OWN = withResource("AWS::IAM::OIDCProvider");
const ROLES = withResource("AWS::IAM::Role");

test.each<Pick<Given, "provider" | "before"> & { readonly which: string; readonly context?: string }>([
  {
    which: "the account has and another stack made is used",
    provider: "there",
    before: "missing",
    context: "existing",
  },
  {
    which: "the account has is used by a later deploy too",
    provider: "there",
    before: ROLES,
    context: "existing",
  },
  { which: "the account has not is made", provider: "missing", before: "missing" },
  { which: "was deleted since is made", provider: "missing", before: ROLES },
])("a provider that $which", async ({ provider, before, context }) => {
  expect(await deployed({ provider, before, only: "delivery" })).toMatchObject({
    code: 0,
    asked: ["us-west-2"],
    context,
  });
});

test.each<[string, Given["before"]]>([
  ["made itself stays in the stack", OWN],
  ["may have made itself stays as the stack has it", { unreadable: "WristAgentDelivery could not be read" }],
])("a provider that the stack %s, whatever the account has", async (_which, before) => {
  expect(await deployed({ provider: "there", before, only: "delivery" })).toMatchObject({
    asked: [],
    context: undefined,
  });
});

test("credentials that may not look say so, and the stack makes the provider", async () => {
  const unreadable = "these credentials lack iam:ListOpenIDConnectProviders";
  const { code, context, said } = await deployed({
    provider: { unreadable },
    before: "missing",
    only: "delivery",
  });
  expect([code, context]).toEqual([0, undefined]);
  expect(said).toContain(`${unreadable}: the stack makes GitHub's provider`);
});

test("a deploy without the delivery stack does not look", async () => {
  expect((await deployed({ provider: "there", before: ROLES, only: "app" })).asked).toEqual([]);
});
