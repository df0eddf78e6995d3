import { describe, expect, it } from "vitest";
import type { Stage } from "../../../lib/config/stage.ts";
import { allPairs } from "../../support/all-pairs.ts";
import { registryFindings } from "../../support/registry-schemas.ts";
import { synthesisedStacks } from "../../support/synthesise.ts";
import { AGENT_OPTIONS, ATTACHED_OPTIONS, REFUSED_PAIRS, statedSettings } from "./stage-options.ts";

const CASES = [
  ...allPairs(
    AGENT_OPTIONS,
    REFUSED_PAIRS.map(({ pair }) => pair),
  ).cases,
  ...allPairs(ATTACHED_OPTIONS, []).cases,
];

/** The templates of every case; equal ones once. */
function templates(): readonly string[] {
  const texts = CASES.flatMap(({ stage, ...choice }) => {
    return synthesisedStacks({ stage: stage as Stage, context: statedSettings(choice) }).map(
      ({ text }) => text,
    );
  });
  return [...new Set(texts)];
}

describe("CloudFormation's registry", () => {
  it("knows every type, property and value of every resource, whatever a stage is set to", async () => {
    const texts = templates();
    const { wrong, resources, values } = await registryFindings(texts);
    expect(wrong).toEqual([]);
    expect(texts.length).toBeGreaterThan(50);
    expect(resources).toBeGreaterThan(1_000);
    expect(values).toBeGreaterThan(10_000);
  });

  it.each([
    ["AWS::SNS::Topics", {}, "T AWS::SNS::Topics: the registry knows no such type"],
    ["AWS::SNS::Topic", { DisplayNames: "x" }, "T AWS::SNS::Topic: DisplayNames is not known"],
    ["AWS::SNS::Topic", { DisplayName: 7 }, "T AWS::SNS::Topic.DisplayName: 7 is no string"],
    ["AWS::SNS::Subscription", { Protocol: "email" }, "T AWS::SNS::Subscription: TopicArn is required"],
    [
      "AWS::CloudWatch::Alarm",
      { ComparisonOperator: "x", EvaluationPeriods: 1, Metrics: [{ Id: "a", ReturnData: "yes" }] },
      'T AWS::CloudWatch::Alarm.Metrics[0].ReturnData: "yes" is no boolean',
    ],
  ])("would refuse %s %j", async (Type, Properties, finding) => {
    const { wrong } = await registryFindings([JSON.stringify({ Resources: { T: { Type, Properties } } })]);
    expect(wrong).toEqual([finding]);
  });
});
