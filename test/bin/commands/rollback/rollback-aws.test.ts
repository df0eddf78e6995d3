import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RollbackRun } from "../../../support/rollback-run.ts";

let aws: RollbackRun;

beforeEach(async () => {
  aws = await RollbackRun.start();
});

afterEach(() => aws.stop());

describe("what AWS refuses", () => {
  test("a stage that is not there names Region, stage and the command that makes it", async () => {
    aws.world.functionName = "wrist-agent-staging";
    expect(await aws.run("--yes")).toBe(1);
    expect(aws.complained()).toBe(
      "error: production in AWS has no function wrist-agent-production in eu-west-1: deploy the stage first (npm run deploy -- --stage production), or name the stage and Region where it is with --stage and --region; a function that -c functionArn= watches is no stage (docs/any-function.md)",
    );
  });

  test("a function without the alias says so", async () => {
    aws.world.alias = undefined;
    expect(await aws.run("--yes")).toBe(1);
    expect(aws.complained()).toContain(
      "has no alias live on wrist-agent-production in eu-west-1: deploy the stage first",
    );
  });

  test.each([
    ["ListVersionsByFunction", "lambda:ListVersionsByFunction"],
    ["GetAlias", "lambda:GetAlias"],
    ["UpdateAlias", "lambda:UpdateAlias"],
    ["ListDeployments", "codedeploy:ListDeployments"],
    ["GetDeployment", "codedeploy:GetDeployment"],
    ["StopDeployment", "codedeploy:StopDeployment"],
  ])("a denied %s names %s", async (operation, action) => {
    if (operation.endsWith("Deployment")) aws.world.deployments = { "d-1": { status: "InProgress" } };
    aws.world.refusals[operation] = { name: "AccessDeniedException", message: "not for ann", status: 403 };
    expect(await aws.run("--yes")).toBe(1);
    expect(aws.complained()).toBe(`error: production in AWS: these credentials lack ${action} (not for ann)`);
  });

  test("expired credentials are told with what to do", async () => {
    aws.world.refusals.ListVersionsByFunction = {
      name: "ExpiredTokenException",
      message: "expired",
      status: 403,
    };
    expect(await aws.run("--yes")).toBe(1);
    expect(aws.complained()).toContain("ExpiredTokenException: expired: sign in again with aws sso login");
  });

  test("anything else is passed on by its name", async () => {
    aws.world.refusals.UpdateAlias = { name: "ResourceConflictException", message: "busy", status: 409 };
    expect(await aws.run("--yes")).toBe(1);
    expect(aws.complained()).toBe("error: production in AWS: ResourceConflictException: busy");
  });

  test("Ctrl-C before the move changes nothing", async () => {
    aws.world.after.GetFunctionConfiguration = aws.interrupt;
    expect(await aws.run("--yes")).toBe(1);
    expect(aws.complained()).toBe("error: interrupted: nothing was changed");
    expect(aws.serving()).toMatchObject({ version: "42" });
  });

  test.each(["--to", "--yes", "--dry-run"])("--list with %s is wrong usage", async (option) => {
    expect(await aws.run("--list", option, ...(option === "--to" ? ["41"] : []))).toBe(2);
    expect(aws.complained()).toContain("cannot be used with option");
  });
});
