import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { measurementDescription } from "../../../../bin/commands/tune-memory/tuned-function.ts";
import { RollbackRun } from "../../../support/rollback-run.ts";

let aws: RollbackRun;

beforeEach(async () => {
  aws = await RollbackRun.start();
});

afterEach(() => aws.stop());

describe("rollback without a deployment under way", () => {
  test("goes to the version before, and says what changed and what is left to do", async () => {
    aws.world.versions = aws.world.versions.map((version) =>
      version.Version === "42"
        ? { ...version, Environment: { Variables: { BEDROCK_MODEL_ID: "new" } } }
        : version,
    );
    expect(await aws.runFor("y")).toBe(0);
    expect(aws.questions).toEqual(["Send every request to version 41? (y/n) "]);
    expect(aws.serving()).toEqual({ version: "41", weights: {} });
    expect(aws.said()).toMatch(/code +bad\+\+cod +good\+cod/);
    expect(aws.said()).toMatch(/memory +512 MB +the same/);
    expect(aws.said()).toMatch(/timeout +60 s +30 s/);
    expect(aws.said()).toContain("the environment differs in BEDROCK_MODEL_ID");
    expect(aws.said()).toContain("whether version 41 was ever live, Lambda does not say");
    expect(aws.said()).toContain("production in AWS: version 41 serves every request now");
    expect(aws.said()).toContain("CloudFormation does not know of it");
    expect(aws.said()).toContain("npm run cli -- config get --aws --stage production --region eu-west-1");
    expect(aws.said()).toContain("wrist-agent-production-probe-failing is OK again");
  });

  test("a version that a killed tune-memory left behind is not taken for one that was good", async () => {
    aws.world.versions = aws.world.versions.map((version) =>
      version.Version === "41" ? { ...version, Description: measurementDescription(512) } : version,
    );
    expect(await aws.run("--yes", "--json")).toBe(0);
    expect(JSON.parse(aws.said())).toMatchObject({ from: "42", to: "40" });
  });

  test.each(["n", ""])("the answer %j changes nothing and is exit 1", async (answer) => {
    expect(await aws.runFor(answer)).toBe(1);
    expect(aws.complained()).toBe("error: nothing was changed");
    expect(aws.serving()).toMatchObject({ version: "42" });
  });

  test("a terminal that is none needs --yes, and is told so before AWS is asked", async () => {
    expect(await aws.run()).toBe(2);
    expect(aws.complained()).toContain("pass --yes, or --dry-run");
    expect(aws.calls).toEqual([]);
  });

  test("--dry-run tells the change and makes none", async () => {
    expect(await aws.run("--dry-run", "--json")).toBe(0);
    expect(JSON.parse(aws.said())).toEqual({
      stage: "production",
      region: "eu-west-1",
      function: "wrist-agent-production",
      did: "nothing",
      would: "move",
      from: "42",
      to: "41",
    });
    expect(aws.complained()).toContain("Nothing was changed: this was a dry run.");
    expect(aws.serving()).toMatchObject({ version: "42" });
  });

  test("--json prints one line with what was done", async () => {
    expect(await aws.run("--yes", "--json")).toBe(0);
    expect(aws.terminal.written.out).toHaveLength(1);
    expect(JSON.parse(aws.said())).toMatchObject({ did: "moved", from: "42", to: "41" });
  });

  test("takes a division by hand back to the older version, with no weight left", async () => {
    aws.world.alias = { FunctionVersion: "41", weights: { 42: 0.1 }, revision: 1 };
    expect(await aws.run("--yes")).toBe(0);
    expect(aws.serving()).toEqual({ version: "41", weights: {} });
  });

  test("passes a version over that Lambda cannot run, and says so", async () => {
    aws.world.states = { 41: { State: "Failed", StateReason: "gone" } };
    expect(await aws.run("--yes")).toBe(0);
    expect(aws.said()).toContain("version 41 is skipped: Failed (gone)");
    expect(aws.serving()).toMatchObject({ version: "40" });
  });

  test("takes an inactive version, and says that it has to wake", async () => {
    aws.world.states = { 41: { State: "Inactive", StateReason: "Idle" } };
    expect(await aws.run("--yes")).toBe(0);
    expect(aws.said()).toContain("version 41 is Inactive (Idle): the first requests fail");
  });

  test("goes on where the state of a version may not be asked", async () => {
    aws.world.refusals.GetFunctionConfiguration = {
      name: "AccessDeniedException",
      message: "no",
      status: 403,
    };
    expect(await aws.run("--yes")).toBe(0);
    expect(aws.serving()).toMatchObject({ version: "41" });
  });

  test("says what provisioned concurrency does, and when it may not be asked about", async () => {
    aws.world.provisioned = 2;
    await aws.run("--dry-run");
    expect(aws.said()).toContain("the alias keeps 2 environments initialised");
    aws.world.refusals.GetProvisionedConcurrencyConfig = {
      name: "AccessDeniedException",
      message: "no",
      status: 403,
    };
    await aws.run("--dry-run");
    expect(aws.complained()).toContain("these credentials lack lambda:GetProvisionedConcurrencyConfig");
  });

  test("without an older version names those that there are", async () => {
    aws.world.alias = { FunctionVersion: "38", weights: {}, revision: 1 };
    expect(await aws.run("--yes")).toBe(1);
    expect(aws.complained()).toContain(
      "has no version older than 38 to go back to: there are 42, 41, 40, 39, 38; deploy a tag that was good",
    );
  });

  test("an alias on $LATEST is left for the person to decide", async () => {
    aws.world.alias = { FunctionVersion: "$LATEST", weights: {}, revision: 1 };
    expect(await aws.run("--yes")).toBe(1);
    expect(aws.complained()).toContain("choose one with --to; there are 42, 41");
    expect(await aws.run("--yes", "--to", "41")).toBe(0);
    expect(aws.serving()).toMatchObject({ version: "41" });
  });

  test.each([
    "ApplicationDoesNotExistException",
    "DeploymentGroupDoesNotExistException",
    "UnknownOperationException",
  ])("goes on by the alias where CodeDeploy answers %s, and says so", async (name) => {
    aws.world.refusals.ListDeployments = { name, message: "not here" };
    expect(await aws.run("--yes")).toBe(0);
    expect(aws.complained()).toBe(`no deployment could be asked about: ${name}: not here`);
    expect(aws.serving()).toMatchObject({ version: "41" });
  });
});

describe("rollback --to", () => {
  test.each(["41", "38"])("goes to version %s", async (version) => {
    expect(await aws.run("--yes", "--to", version)).toBe(0);
    expect(aws.serving()).toMatchObject({ version: version });
  });

  test("goes forwards too", async () => {
    aws.world.alias = { FunctionVersion: "39", weights: {}, revision: 7 };
    expect(await aws.run("--yes", "--to", "42", "--json")).toBe(0);
    expect(JSON.parse(aws.said())).toMatchObject({ from: "39", to: "42" });
  });

  test("ends a division of requests in favour of the alias's own version", async () => {
    aws.world.alias = { FunctionVersion: "42", weights: { 41: 0.5 }, revision: 1 };
    expect(await aws.run("--yes", "--to", "42")).toBe(0);
    expect(aws.serving()).toEqual({ version: "42", weights: {} });
  });

  test.each([
    ["$LATEST", "$LATEST changes with every deploy"],
    ["latest", '"latest" is no version'],
    ["0", '"0" is no version'],
    ["4.5", '"4.5" is no version'],
  ])("%s is wrong usage", async (version, words) => {
    expect(await aws.run("--yes", "--to", version)).toBe(2);
    expect(aws.complained()).toContain(words);
    expect(aws.calls).toEqual([]);
  });

  test("a version that is not there is named with those that are", async () => {
    expect(await aws.run("--yes", "--to", "7")).toBe(1);
    expect(aws.complained()).toContain(
      "wrist-agent-production has no version 7: there are 42, 41, 40, 39, 38",
    );
  });

  test("of many versions ten are named", async () => {
    aws.world.versions = Array.from({ length: 30 }, (_, at) => ({ Version: String(at + 1) }));
    aws.world.alias = { FunctionVersion: "30", weights: {}, revision: 1 };
    await aws.run("--yes", "--to", "99");
    expect(aws.complained()).toMatch(/there are 30, 29, .*, 21 and 20 older$/);
  });

  test("the version that is live already is refused with the others", async () => {
    expect(await aws.run("--yes", "--to", "42")).toBe(1);
    expect(aws.complained()).toContain("version 42 is live already: there are 41, 40, 39, 38 beside it");
  });

  test("a version that Lambda cannot run is refused with its reason", async () => {
    aws.world.states = { 40: { State: "Failed", StateReason: "gone" } };
    expect(await aws.run("--yes", "--to", "40")).toBe(1);
    expect(aws.complained()).toContain("version 40 cannot run: Failed (gone)");
    expect(aws.serving()).toMatchObject({ version: "42" });
  });

  test("a deployment under way comes first", async () => {
    aws.world.deployments = { "d-1": { status: "InProgress" } };
    expect(await aws.run("--yes", "--to", "40")).toBe(1);
    expect(aws.complained()).toContain("stop it with rollback alone, then --to 40");
    aws.world.deployments = { "d-2": { status: "InProgress", creator: "codeDeployRollback" } };
    await aws.run("--yes", "--to", "40");
    expect(aws.complained()).toContain("it goes back already; wait for its end");
    expect(aws.serving()).toMatchObject({ version: "42" });
  });
});

describe("a move that somebody else makes at the same time", () => {
  test("is refused by the revision that was read", async () => {
    aws.world.after.GetAlias = () => {
      aws.world.after = {};
      aws.world.alias = { FunctionVersion: "40", weights: {}, revision: 2 };
    };
    expect(await aws.run("--yes")).toBe(1);
    expect(aws.complained()).toContain(
      "somebody else moved the alias after it was read, and it serves version 40 now; this move was refused. Look again with npm run cli -- rollback --list --aws --stage production --region eu-west-1",
    );
  });

  test("is noticed when it comes right after", async () => {
    aws.world.after.UpdateAlias = () => {
      aws.world.alias = { FunctionVersion: "41", weights: { 42: 0.1 }, revision: 9 };
    };
    expect(await aws.run("--yes")).toBe(1);
    expect(aws.complained()).toContain(
      "was moved to version 41, but serves version 41, and version 42 to 10 % of the requests now",
    );
  });
});

describe("rollback on the system that runs here", () => {
  beforeEach(() => {
    const message = "the local runtime does not emulate CodeDeploy";
    aws.world.refusals = {
      ListDeployments: { name: "ApplicationDoesNotExistException", message },
      GetFunctionConfiguration: { name: "UnknownOperationException", message: "", status: 404 },
      GetProvisionedConcurrencyConfig: { name: "UnknownOperationException", message: "", status: 404 },
    };
  });

  test("moves the alias, and says that no deployment could be asked about", async () => {
    expect(await aws.runHere("--yes")).toBe(0);
    expect(aws.serving()).toMatchObject({ version: "41" });
    expect(aws.complained()).toBe(
      "no deployment could be asked about: ApplicationDoesNotExistException: the local runtime does not emulate CodeDeploy",
    );
    expect(aws.said()).toContain("production on this machine: version 41 serves every request now");
    expect(aws.said()).toContain("npm run cli -- ask");
    expect(aws.said()).not.toContain("CloudFormation");
  });

  test("says how to start it again where it has no such function", async () => {
    aws.world.functionName = "wrist-agent-staging";
    expect(await aws.runHere("--yes")).toBe(1);
    expect(aws.complained()).toContain("start it again with npm start");
  });
});
