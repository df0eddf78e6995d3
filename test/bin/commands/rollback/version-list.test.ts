import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RollbackRun } from "../../../support/rollback-run.ts";

let aws: RollbackRun;

beforeEach(async () => {
  aws = await RollbackRun.start();
});

afterEach(() => aws.stop());

describe("rollback --list", () => {
  test("prints the versions newest first, which is live, and which share their code", async () => {
    expect(await aws.run("--list")).toBe(0);
    const [head, , titles, ...rows] = aws.terminal.written.out;
    expect(head).toBe("production in AWS: wrist-agent-production in eu-west-1 serves version 42");
    expect(titles).toBe("version  published            memory  timeout  code");
    expect(
      rows.map((row) =>
        row
          .trim()
          .split(/ {2,}/)
          .filter((_, at) => at !== 1),
      ),
    ).toEqual([
      ["42", "512 MB", "60 s", "bad++cod", "live"],
      ["41", "512 MB", "30 s", "good+cod"],
      ["40", "256 MB", "30 s", "old+code", "same code as 38"],
      ["39", "512 MB", "30 s", "next+cod"],
      ["38", "512 MB", "30 s", "old+code", "same code as 40"],
    ]);
    expect(rows[0]).toMatch(/42 {2}2026-11-2\d \d\d:00:00 {2}/);
    expect(aws.calls).not.toContain("UpdateAlias");
  });

  test("reads every page of versions and of deployments", async () => {
    aws.world.pageSize = 2;
    aws.world.deployments = {
      "d-OLD": { status: "Created", createTime: 3_600 },
      "d-NEW": { status: "InProgress", creator: "CloudFormation", createTime: 2 * 3_600 },
      "d-DONE": { status: "Succeeded" },
    };
    await aws.run("--list");
    expect(aws.calls.filter((call) => call === "ListVersionsByFunction")).toHaveLength(3);
    const underWay = aws.terminal.written.out.filter((line) => line.startsWith("under way"));
    expect(underWay[0]).toMatch(
      /^under way: deployment d-NEW \(InProgress\) since 1970-01-01 .* by CloudFormation$/,
    );
    expect(underWay[1]).toContain("d-OLD (Created)");
    expect(underWay).toHaveLength(2);
    expect(aws.terminal.written.out.at(-1)).toMatch(/^ +38 /);
  });

  test("names versions that Lambda cannot run, whichever answer tells it", async () => {
    aws.world.states = { 41: { State: "Failed", StateReason: "the image is gone" } };
    aws.world.versions = aws.world.versions.map((version) =>
      version.Version === "39" ? { ...version, State: "Inactive" } : version,
    );
    await aws.run("--list");
    expect(aws.said()).toMatch(/ 41 .*Failed \(the image is gone\)/);
    expect(aws.said()).toMatch(/ 39 .*Inactive/);
  });

  test("shows how requests are divided, and what is kept initialised", async () => {
    aws.world.alias = { FunctionVersion: "41", weights: { 42: 0.1 }, revision: 1 };
    aws.world.provisioned = 3;
    await aws.run("--list");
    expect(aws.terminal.written.out[0]).toContain(
      "serves version 41, and version 42 to 10 % of the requests",
    );
    expect(aws.said()).toMatch(/ 42 .*10 % of the requests/);
    expect(aws.said()).toMatch(/ 41 .*live/);
    expect(aws.said()).toContain("provisioned concurrency: 3");
  });

  test("--json prints one line, with no value of the environment", async () => {
    aws.world.versions = [{ Version: "42", Environment: { Variables: { SECRET: "hush" } } }];
    expect(await aws.run("--list", "--json")).toBe(0);
    expect(aws.terminal.written.out).toHaveLength(1);
    expect(aws.said()).not.toContain("hush");
    expect(JSON.parse(aws.said())).toMatchObject({
      stage: "production",
      region: "eu-west-1",
      live: { version: "42", weights: {} },
      deployments: [],
      provisionedConcurrency: null,
      versions: [{ version: "42", published: null, memoryMegabytes: 512, state: "Active" }],
    });
  });
});
