import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { STAGES } from "../../lib/config/stage.ts";
import { PROJECT, synthesise } from "./synthesise.ts";

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
