import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib/core";
import { describe, expect, it } from "vitest";
import { addSynthesisNotes } from "../../lib/app.ts";
import { loadConfig } from "../../lib/config/load-config.ts";
import { STAGES } from "../../lib/config/stage.ts";
import { PROJECT, synthesise } from "../support/synthesise.ts";

describe("the app", () => {
  it.each(STAGES)("writes the three stacks of %s", (stage) => {
    expect([...synthesise({ stage }).keys()].sort()).toEqual([
      `WristAgent-${stage}`,
      "WristAgentBilling",
      `WristAgentMonitoring-${stage}`,
    ]);
  });

  it.each(STAGES)("gives byte-identical templates twice for %s", (stage) => {
    expect(synthesise({ stage })).toEqual(synthesise({ stage }));
  });

  it.each(STAGES)("passes CDK's own check of the templates of %s", (stage) => {
    const context = { monitoringProfile: "full", alarmEmail: "ann@example.com" };
    expect(() => synthesise({ stage, context, validation: "here" })).not.toThrow();
  });

  it("writes nothing of this machine into a template", () => {
    for (const text of synthesise().values()) expect(text).not.toContain(PROJECT);
  });

  it("hands no resource of one stack to another: names alone cross the border", () => {
    const files = synthesise();
    const monitoring = files.get("WristAgentMonitoring-development");
    const imports = [...(monitoring ?? "").matchAll(/"Fn::ImportValue":\s*"([^"]+)"/g)].map(
      ([, name]) => name,
    );
    expect(new Set(imports)).toEqual(
      new Set(["WristAgent-development-FunctionArn", "WristAgent-development-FunctionUrl"]),
    );
    expect(files.get("WristAgentBilling")).not.toContain("Fn::ImportValue");
    expect(files.get("WristAgent-development")).not.toContain("Fn::ImportValue");
  });

  it("takes its feature flags from cdk.json, so that the CLI is not needed for the same templates", () => {
    const { context } = JSON.parse(readFileSync(join(PROJECT, "cdk.json"), "utf8")) as { context: object };
    expect(Object.keys(context).length).toBeGreaterThan(50);
    expect(synthesise({ context: { ...context } })).toEqual(synthesise());
  });

  it("lists the stages when the stage is unknown", () => {
    expect(() => synthesise({ context: { stage: "prod" } })).toThrow(
      'unknown stage "prod": use one of development, staging, production',
    );
  });
});

function notes(
  environment: Readonly<Record<string, string>>,
  context: Readonly<Record<string, string>> = {},
) {
  const stack = new Stack(new App(), "Stack");
  addSynthesisNotes([stack], loadConfig(PROJECT, { context, environment }));
  const told = stack.node.metadata.filter(({ type }) => /:(warning|info)$/.test(type));
  return told.map(({ data }) => data as string).sort();
}

describe("a synthesis tells", () => {
  it("which settings the environment decides, and warns when that moves the stacks", () => {
    const [warning, info] = notes(
      { AWS_REGION: "us-east-1", LAMBDA_MEMORY: "1024" },
      { alarmEmail: "a@b.co" },
    );
    expect(warning).toMatch(
      /^AWS_REGION of this shell moves the stacks to us-east-1, instead of "us-west-2"/,
    );
    expect(info).toBe(
      'decided by environment variables: AWS_REGION is "us-east-1" instead of "us-west-2" (.env.development:2); ' +
        'LAMBDA_MEMORY is "1024" instead of "512" (.env.development:5)' +
        " [ack: wrist-agent:from-environment]",
    );
  });

  it("that a repository without ids trusts names alone, and what is no setting any more", () => {
    const context = { alarmEmail: "a@b.co", githubRepository: "ann/wrist-agent", configTtlSeconds: "60" };
    expect(notes({}, context)).toEqual([
      expect.stringContaining("-c configTtlSeconds: configTtlSeconds is no setting any more"),
      expect.stringContaining("GITHUB_REPOSITORY names no ids"),
    ]);
    expect(notes({}, { alarmEmail: "a@b.co", githubRepository: "ann@7/wrist-agent@42" })).toEqual([]);
  });

  it("that nobody is told, and nothing else of a quiet shell", () => {
    expect(notes({ AWS_REGION: "us-west-2", AWS_PROFILE: "dev" })).toEqual([
      expect.stringContaining("alarms of development reach nobody"),
    ]);
  });
});
