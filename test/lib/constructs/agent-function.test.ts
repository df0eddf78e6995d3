import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { agentSettings } from "../../../lambda/agent/settings.ts";
import { propertiesOf, templates } from "../../support/synthesise.ts";

const HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
const PROFILE = "AWS::Bedrock::ApplicationInferenceProfile";
const ARN = "arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/abc123";

describe("a stage's own inference profile", () => {
  const context = { extraTags: "team=home", monitoringProfile: "full" };
  const { application, monitoring } = templates({ context });

  it("is a copy of the model's profile, with the tags that the bill is grouped by", () => {
    application.hasResourceProperties(PROFILE, {
      InferenceProfileName: Match.stringLikeRegexp("^wrist-agent-development-[0-9a-f]{6}$"),
      ModelSource: {
        CopyFrom: { "Fn::Join": ["", Match.arrayWith([`:inference-profile/${HAIKU}`])] },
      },
      Tags: Match.arrayWith([
        { Key: "project", Value: "wrist-agent" },
        { Key: "stage", Value: "development" },
        { Key: "team", Value: "home" },
      ]),
    });
  });

  it("is what the agent asks, and may ask beside the profile and the models behind it", () => {
    const arn = { "Fn::GetAtt": [Match.anyValue(), "InferenceProfileArn"] };
    application.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "wrist-agent-development",
      Environment: { Variables: { BEDROCK_INFERENCE_PROFILE_ARN: arn, BEDROCK_MODEL_ID: HAIKU } },
    });
    application.hasResourceProperties("AWS::IAM::Policy", {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Sid: "AskModel", Resource: Match.arrayWith([arn]) })]),
      },
    });
    const policies = JSON.stringify(propertiesOf(application, "AWS::IAM::Policy"));
    expect(policies).toContain(`:inference-profile/${HAIKU}`);
    expect(policies).toContain("::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0");
  });

  it("leaves out what reads Bedrock's figures of the profile that is no longer called", () => {
    expect(JSON.stringify(monitoring.toJSON())).not.toContain("AWS/Bedrock");
    const without = templates({ context: { monitoringProfile: "full" } });
    expect(JSON.stringify(without.monitoring.toJSON())).toContain("AWS/Bedrock");
    without.application.resourceCountIs(PROFILE, 0);
  });

  it("changes what is called and neither the model's name nor its price", () => {
    const own = agentSettings({
      BEDROCK_MODEL_ID: HAIKU,
      BEDROCK_INFERENCE_PROFILE_ARN: ARN,
      STAGE: "production",
    });
    const plain = agentSettings({ BEDROCK_MODEL_ID: HAIKU, STAGE: "production" });
    expect(own.model).toEqual({ ...plain.model, calledAs: ARN });
    expect(own.choices.get(HAIKU)?.calledAs).toBe(ARN);
    expect(own.faults).toEqual([]);
  });

  it("is not that of another model, chosen at run time", () => {
    const other = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    const { choices } = agentSettings({
      BEDROCK_MODEL_ID: HAIKU,
      BEDROCK_MODEL_CHOICES: other,
      BEDROCK_INFERENCE_PROFILE_ARN: ARN,
      STAGE: "production",
      MODEL_ROWS: JSON.stringify({ [other]: plainRow() }),
    });
    expect(choices.get(other)).toBeDefined();
    expect(choices.get(other)).not.toHaveProperty("calledAs");
  });
});

function plainRow() {
  const { model } = agentSettings({ BEDROCK_MODEL_ID: HAIKU, STAGE: "production" });
  return model?.row;
}
