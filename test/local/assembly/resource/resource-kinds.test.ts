import { expect, test } from "vitest";
import { noticeOf } from "../../../../local/assembly/resource/resource-kinds.ts";

const PLACE = "App:Resources.X";

test.each([
  "AWS::Lambda::Function",
  "AWS::Scheduler::Schedule",
  "Custom::WristAgentToken",
  "AWS::CloudFormation::CustomResource",
  "AWS::SSM::Parameter",
  "AWS::KMS::Key",
  "AWS::CodeDeploy::Application",
  "AWS::EC2::VPC",
  "AWS::EC2::VPCEndpoint",
  "AWS::Bedrock::ApplicationInferenceProfile",
])("%s does here all that it should", (type) => {
  expect(noticeOf(type, PLACE)).toBeUndefined();
});

test.each([
  ["AWS::CodeDeploy::DeploymentGroup", "a new version serves every request at once, so "],
  [
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "environments are made as requests come, none is kept ready, so ",
  ],
  ["AWS::Budgets::Budget", "nothing is billed here and no budget is ever used up, so "],
  ["AWS::Logs::MetricFilter", "metrics come from EMF lines only, so "],
  ["AWS::SQS::Queue", ""],
])("%s is named", (type, why) => {
  expect(noticeOf(type, PLACE)).toBe(`${type} is not emulated: ${why}${PLACE} does nothing here`);
});
