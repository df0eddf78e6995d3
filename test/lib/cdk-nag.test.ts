import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, it } from "vitest";
import { wristAgentApp } from "../../lib/app.ts";
import { STAGES } from "../../lib/config/stage.ts";
import { WIDE_RESOURCES } from "../support/wide-permissions.ts";
import { PROJECT } from "../support/synthesise.ts";

/** Findings of AwsSolutions that stay, and why; every other finding fails the test. */
const ACCEPTED: ReadonlyMap<string, string> = new Map([
  ...["deploy", "file-publishing", "lookup"].map(
    (role) =>
      [
        `AwsSolutions-IAM5[Resource::arn:aws:iam::<AWS::AccountId>:role/cdk-hnb659fds-${role}-role-<AWS::AccountId>-*]`,
        WIDE_RESOURCES.bootstrapRoles.why,
      ] as const,
  ),
  [
    "AwsSolutions-IAM5[Resource::*]",
    "X-Ray's actions know no resources, nor do most of EC2's that put a function into a VPC; and CloudWatch tells of alarms and metrics only to who may read all.",
  ],
  ["AwsSolutions-IAM5[Resource::<AgentFunctionB8994DEA.Arn>:*]", WIDE_RESOURCES.versions.why],
  [
    "AwsSolutions-VPC7",
    "Nothing but the agent's HTTPS calls is in the VPC: flow logs would cost more than they tell.",
  ],
  [
    "AwsSolutions-SNS3",
    "The topics let CloudWatch's service principal publish and nobody else, and it publishes over TLS.",
  ],
]);

/** Reads of this project's own stacks and stages in any Region, whose ARNs hold a star. */
const OWN_READS =
  /^AwsSolutions-IAM5\[Resource::arn:aws:(cloudformation|cloudwatch|ssm|sns|lambda):\*?:<AWS::AccountId>:(stack\/WristAgent\*\/\*|dashboard\/wrist-agent-\w+-\*|parameter\/wrist-agent\/\w+\/(settings\/\*|config\/model-id)|wrist-agent-[\w-]+|function:wrist-agent-\w+(\*|:live))\]$/;

function unexplained(rules: readonly string[]): readonly string[] {
  return rules.filter((rule) => !ACCEPTED.has(rule) && !OWN_READS.test(rule));
}

function findings(stage: string, options: Readonly<Record<string, string>> = {}): readonly string[] {
  const outdir = mkdtempSync(join(tmpdir(), "wrist-agent-nag-"));
  try {
    const context = {
      "aws:cdk:bundling-stacks": [],
      stage,
      monitoringProfile: "full",
      githubRepository: "ann/wrist-agent",
      ...options,
    };
    const app = wristAgentApp({ project: PROJECT, outdir, validation: "in the tests", context });
    app.synth();
    return new AwsSolutionsChecks().validateScope(app).violations.map(({ ruleName }) => ruleName);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

describe("cdk-nag's AwsSolutions", () => {
  it.each(STAGES)("finds nothing in %s but what is explained", (stage) => {
    expect(unexplained(findings(stage))).toEqual([]);
  });

  it.each([
    { vpc: "isolated", reservedConcurrency: "5" },
    { vpc: "nat", provisionedConcurrency: "1" },
  ])("finds nothing with %j but what is explained", (options) => {
    expect(unexplained(findings("staging", options))).toEqual([]);
  });

  it("still finds everything that is explained", () => {
    const found = findings("production", { vpc: "isolated" });
    expect(new Set(found.filter((rule) => !OWN_READS.test(rule)))).toEqual(new Set(ACCEPTED.keys()));
    expect(found.some((rule) => OWN_READS.test(rule))).toBe(true);
  });
});
