import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { propertiesOf, templates } from "../../support/synthesise.ts";

describe("the topics of alarms", () => {
  const encrypted = templates({ context: { topicEncryption: "customer-managed" } });

  it("are not encrypted by stated choice, and cost no key", () => {
    const { monitoring, billing } = templates();
    for (const template of [monitoring, billing]) {
      template.resourceCountIs("AWS::KMS::Key", 0);
      template.allResourcesProperties("AWS::SNS::Topic", { KmsMasterKeyId: Match.absent() });
    }
  });

  it("share one key per stack where encryption is asked for", () => {
    for (const template of [encrypted.monitoring, encrypted.billing]) {
      template.resourceCountIs("AWS::KMS::Key", 1);
      template.hasResourceProperties("AWS::KMS::Key", { EnableKeyRotation: true });
      template.allResourcesProperties("AWS::SNS::Topic", {
        KmsMasterKeyId: { "Fn::GetAtt": [Match.stringLikeRegexp("TopicKey"), "Arn"] },
      });
    }
  });

  it("can still be published to by CloudWatch, for alarms of this account alone", () => {
    for (const template of [encrypted.monitoring, encrypted.billing]) {
      const [key] = propertiesOf(template, "AWS::KMS::Key");
      const { Statement } = key?.KeyPolicy as { Statement: readonly { Principal: { Service?: string } }[] };
      const ofServices = Statement.filter(({ Principal }) => Principal.Service !== undefined);
      expect(ofServices).toEqual([
        {
          Sid: "AlarmsOfThisAccount",
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
          Resource: "*",
          Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
        },
      ]);
    }
  });

  it("refuse a word that is no kind of encryption", () => {
    expect(() => templates({ context: { topicEncryption: "aws-managed" } })).toThrow(
      'TOPIC_ENCRYPTION is "aws-managed": expected one of none, customer-managed',
    );
  });
});
