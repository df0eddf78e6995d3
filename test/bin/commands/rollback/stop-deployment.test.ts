import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FakeDeployment } from "../../../support/rollback-aws.ts";
import { RollbackRun } from "../../../support/rollback-run.ts";

const HOUR = 3_600;

let aws: RollbackRun;

beforeEach(async () => {
  aws = await RollbackRun.start();
});

afterEach(() => aws.stop());

describe("rollback with a deployment under way", () => {
  const shifting = (): void => {
    aws.world.alias = { FunctionVersion: "41", weights: { 42: 0.1 }, revision: 1 };
    aws.world.deployments = { "d-1": { status: "InProgress", creator: "CloudFormation", createTime: HOUR } };
  };
  const change = (id: string, now: Partial<FakeDeployment>) => (): void => {
    aws.world.deployments[id] = { status: "InProgress", ...aws.world.deployments[id], ...now };
  };
  const back = (): void => {
    aws.world.alias = { FunctionVersion: "41", weights: {}, revision: 5 };
  };

  test("stops it, aws.waits for its rollback, and says which version serves", async () => {
    shifting();
    aws.meanwhile = [
      () => undefined,
      change("d-1", { status: "Stopped" }),
      () => {
        change("d-2", { creator: "codeDeployRollback" })();
        change("d-1", { rollbackInfo: { rollbackDeploymentId: "d-2" } })();
      },
      () => undefined,
      () => {
        change("d-2", { status: "Succeeded" })();
        back();
      },
    ];
    expect(await aws.runFor("yes")).toBe(0);
    expect(aws.questions).toEqual(["Stop deployment d-1 and let CodeDeploy take it back? (y/n) "]);
    const stop = aws.fake.received.find(({ headers }) =>
      String(headers["x-amz-target"]).endsWith("StopDeployment"),
    );
    expect(JSON.parse(stop?.body ?? "")).toEqual({ deploymentId: "d-1", autoRollbackEnabled: true });
    expect(aws.said()).toContain("d-1 ended: Stopped\nd-2 ended: Succeeded");
    expect(aws.said()).toContain("production in AWS: version 41 serves every request now");
    expect(aws.said()).toContain("UPDATE_ROLLBACK_COMPLETE");
    expect(aws.calls).not.toContain("UpdateAlias");
  });

  test("is content with an alias that is back, where CodeDeploy names no rollback", async () => {
    shifting();
    aws.meanwhile = [
      () => {
        change("d-1", { status: "Stopped" })();
        back();
      },
    ];
    expect(await aws.run("--yes", "--json")).toBe(0);
    expect(JSON.parse(aws.said())).toMatchObject({ did: "stopped", from: "42", to: "41", deployment: "d-1" });
    expect(aws.waits).toBe(4);
  });

  test("aws.waits for one that goes back already, and does not stop it", async () => {
    shifting();
    aws.world.deployments["d-2"] = { status: "InProgress", creator: "codeDeployRollback", createTime: 0 };
    aws.meanwhile = [
      () => {
        change("d-2", { status: "Succeeded" })();
        back();
      },
    ];
    expect(await aws.run("--yes", "--json")).toBe(0);
    expect(JSON.parse(aws.said())).toMatchObject({ did: "waited", to: "41", deployment: "d-2" });
    expect(aws.calls).not.toContain("StopDeployment");
  });

  test("is content with the older version that a rollback in steps was bringing", async () => {
    aws.world.alias = { FunctionVersion: "42", weights: { 41: 0.5 }, revision: 1 };
    aws.world.deployments = { "d-9": { status: "InProgress", creator: "CloudFormationRollback" } };
    aws.meanwhile = [
      () => {
        change("d-9", { status: "Succeeded" })();
        back();
      },
    ];
    expect(await aws.run("--yes", "--json")).toBe(0);
    expect(JSON.parse(aws.said())).toMatchObject({ did: "waited", from: "42", to: "41" });
  });

  test("--dry-run stops nothing", async () => {
    shifting();
    expect(await aws.run("--dry-run", "--json")).toBe(0);
    expect(JSON.parse(aws.said())).toMatchObject({
      did: "nothing",
      would: "stop",
      from: "42",
      deployment: "d-1",
    });
    expect(aws.calls).not.toContain("StopDeployment");
  });

  test("a no leaves it to go on", async () => {
    shifting();
    expect(await aws.runFor("no")).toBe(1);
    expect(aws.calls).not.toContain("StopDeployment");
  });

  test("one that ended before it could be stopped is told with what serves", async () => {
    shifting();
    aws.world.after.GetDeployment = () => {
      change("d-1", { status: "Succeeded" })();
      aws.world.alias = { FunctionVersion: "42", weights: {}, revision: 3 };
    };
    expect(await aws.run("--yes")).toBe(1);
    expect(aws.complained()).toContain(
      "deployment d-1 ended before it could be stopped, and the alias serves version 42. If that is not the one you want: npm run cli -- rollback --aws",
    );
  });

  test.each<[string, () => void, string]>([
    [
      "succeeds all the same",
      () => change("d-1", { status: "Succeeded" })(),
      "d-1 succeeded before it was stopped",
    ],
    [
      "has a rollback that fails",
      () => {
        change("d-1", { status: "Stopped", rollbackInfo: { rollbackDeploymentId: "d-2" } })();
        aws.world.deployments["d-2"] = { status: "Failed", creator: "codeDeployRollback" };
      },
      "d-2 did not take it back",
    ],
    [
      "leaves requests divided",
      () => change("d-1", { status: "Stopped" })(),
      "d-1 is over, but requests are still divided; the alias serves version 41, and version 42 to 10 %",
    ],
    [
      "leaves the new version",
      () => {
        change("d-1", { status: "Stopped" })();
        aws.world.alias = { FunctionVersion: "42", weights: {}, revision: 4 };
      },
      "d-1 is over, but the version that it brought serves on; the alias serves version 42",
    ],
  ])("a stopped deployment that %s is exit 1", async (_name, step, words) => {
    shifting();
    aws.meanwhile = [step];
    expect(await aws.run("--yes")).toBe(1);
    expect(aws.complained()).toContain(words);
  });

  test("aws.waits no longer than five minutes", async () => {
    shifting();
    expect(await aws.run("--yes")).toBe(1);
    expect(aws.complained()).toContain("has not ended within 300 s");
    expect(aws.complained()).toContain("aws deploy get-deployment --region eu-west-1 --deployment-id d-1");
    expect(aws.waits).toBe(151);
  });

  test("Ctrl-C while it aws.waits says that CodeDeploy goes on by itself", async () => {
    shifting();
    aws.meanwhile = [() => undefined, aws.interrupt];
    expect(await aws.run("--yes")).toBe(1);
    expect(aws.complained()).toContain("interrupted: CodeDeploy goes on with d-1 by itself");
    expect(aws.interrupts.size).toBe(0);
  });
});
