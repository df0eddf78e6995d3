import { Match, Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { STAGES } from "../../lib/config/stage.ts";
import { propertiesOf, synthesise, type Properties, type Synthesis } from "../support/synthesise.ts";

const REPOSITORY = "ann/wrist-agent";

const ISSUER = "token.actions.githubusercontent.com";

function delivery(context: Synthesis["context"] = {}): Template {
  const files = synthesise({ context: { githubRepository: REPOSITORY, ...context } });
  return Template.fromString(files.get("WristAgentDelivery") ?? "{}");
}

interface Statement {
  readonly Action: string | readonly string[];
  readonly Effect: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly Resource?: unknown;
  readonly Sid?: string;
}

function statementsOf(document: unknown): readonly Statement[] {
  return (document as { Statement: readonly Statement[] }).Statement;
}

/** Subjects that may take any role, as GitHub writes them into its token. */
function subjects(template: Template): readonly string[] {
  return propertiesOf(template, "AWS::IAM::Role")
    .flatMap(({ AssumeRolePolicyDocument }) => statementsOf(AssumeRolePolicyDocument))
    .map(({ Condition }) => Condition?.StringEquals?.[`${ISSUER}:sub`] ?? "anybody");
}

/** ARNs that a statement names, with the account's number as a word. */
function arns({ Resource }: Statement): readonly string[] {
  const all = Array.isArray(Resource) ? (Resource as readonly unknown[]) : [Resource];
  return all.map((each) =>
    typeof each === "string"
      ? each
      : (each as { "Fn::Join": [string, readonly unknown[]] })["Fn::Join"][1]
          .map((part) => (typeof part === "string" ? part : "ACCOUNT"))
          .join(""),
  );
}

function policies(template: Template): readonly Statement[] {
  return propertiesOf(template, "AWS::IAM::Policy").flatMap(({ PolicyDocument }: Properties) =>
    statementsOf(PolicyDocument),
  );
}

describe("the delivery stack", () => {
  const template = delivery();

  it("is there only when a repository is named, and not because a job of GitHub runs", () => {
    expect([...synthesise().keys()]).not.toContain("WristAgentDelivery");
    const environment = { GITHUB_REPOSITORY: REPOSITORY };
    expect([...synthesise({ environment }).keys()]).not.toContain("WristAgentDelivery");
  });

  it("trusts each stage's environment of that repository, the environment for diffs, and nothing else", () => {
    const environments = [...STAGES, "diff"];
    expect(subjects(template)).toEqual(environments.map((name) => `repo:${REPOSITORY}:environment:${name}`));
  });

  it("trusts tokens that were made for AWS, by exact match alone", () => {
    for (const { AssumeRolePolicyDocument } of propertiesOf(template, "AWS::IAM::Role")) {
      const [statement, ...more] = statementsOf(AssumeRolePolicyDocument);
      expect(more).toEqual([]);
      expect(statement?.Action).toBe("sts:AssumeRoleWithWebIdentity");
      expect(Object.keys(statement?.Condition ?? {})).toEqual(["StringEquals"]);
      expect(statement?.Condition?.StringEquals?.[`${ISSUER}:aud`]).toBe("sts.amazonaws.com");
      expect(JSON.stringify(statement?.Condition)).not.toContain("*");
    }
  });

  it("trusts a repository by its ids where they are given, and then by nothing else", () => {
    const pinned = delivery({ githubRepository: "ann@7/wrist-agent@42" });
    expect(subjects(pinned)).toEqual(
      [...STAGES, "diff"].map((name) => `repo:ann@7/wrist-agent@42:environment:${name}`),
    );
  });

  it("lets each stage's role assume bootstrap roles, and by itself only read its own stage", () => {
    const bootstrap = (role: string): string =>
      `arn:aws:iam::ACCOUNT:role/cdk-hnb659fds-${role}-role-ACCOUNT-*`;
    const assuming = policies(template).filter(({ Action }) => Action === "sts:AssumeRole");
    expect(assuming.map(arns)).toEqual(
      STAGES.map(() => ["deploy", "file-publishing", "lookup"].map(bootstrap)),
    );
    for (const statement of policies(template).filter((each) => !assuming.includes(each))) {
      expect(statement.Effect).toBe("Allow");
      for (const action of [statement.Action].flat())
        expect(action).toMatch(/^\w+:(Get|List|Describe)\w+$|^lambda:DeleteProvisionedConcurrencyConfig$/);
      // Readings that know no resources, and no other, are of everything.
      if (statement.Sid === "ReadMonitoring") expect(arns(statement)).toEqual(["*"]);
      else for (const arn of arns(statement)) expect(arn).toMatch(/[:/]\/?(WristAgent|wrist-agent)/);
    }
    for (const role of propertiesOf(template, "AWS::IAM::Role")) {
      expect(role.ManagedPolicyArns).toBeUndefined();
      expect(role.MaxSessionDuration).toBe(3600);
    }
  });

  it("lets the role for diffs read the templates of this project's stacks and nothing else", () => {
    const [diff] = propertiesOf(template, "AWS::IAM::Policy").slice(-1);
    expect(statementsOf(diff?.PolicyDocument)).toHaveLength(1);
    const [statement] = statementsOf(diff?.PolicyDocument);
    expect(statement?.Action).toEqual([
      "cloudformation:DescribeStackResources",
      "cloudformation:DescribeStacks",
      "cloudformation:GetTemplate",
    ]);
    expect(statement && arns(statement)).toEqual(["arn:aws:cloudformation:*:ACCOUNT:stack/WristAgent*/*"]);
  });

  it("follows the qualifier that the account was bootstrapped with", () => {
    const own = delivery({ "@aws-cdk/core:bootstrapQualifier": "own" });
    expect(policies(own).flatMap(arns)).toContain("arn:aws:iam::ACCOUNT:role/cdk-own-deploy-role-ACCOUNT-*");
    expect(JSON.stringify(own.toJSON())).not.toContain("hnb659fds-deploy");
  });

  it("keeps a stage with a qualifier of its own from the roles of the others", () => {
    const own = delivery({ bootstrapQualifier: "wadev" });
    const assuming = policies(own).filter(({ Action }) => Action === "sts:AssumeRole");
    expect(assuming.map((each) => /cdk-(\w+)-/.exec(arns(each)[0] ?? "")?.[1])).toEqual([
      "wadev",
      "hnb659fds",
      "hnb659fds",
    ]);
  });

  it("makes GitHub's provider without a thumbprint", () => {
    template.hasResourceProperties("AWS::IAM::OIDCProvider", {
      Url: `https://${ISSUER}`,
      ClientIdList: ["sts.amazonaws.com"],
      ThumbprintList: Match.absent(),
    });
  });

  it("takes the account's provider where there is one", () => {
    const parts = ["arn:aws:iam::", { Ref: "AWS::AccountId" }];
    const arn = { "Fn::Join": ["", [...parts, `:oidc-provider/${ISSUER}`]] };
    const taking = delivery({ "wrist-agent:github-provider": "existing" });
    taking.resourceCountIs("AWS::IAM::OIDCProvider", 0);
    taking.allResourcesProperties("AWS::IAM::Role", {
      AssumeRolePolicyDocument: Match.objectLike({
        Statement: [Match.objectLike({ Principal: { Federated: arn } })],
      }),
    });
  });

  it("says which variable of which environment each role belongs to", () => {
    const outputs = Object.values(template.findOutputs("*"));
    expect(outputs.map(({ Description }) => Description as unknown)).toEqual(
      [...STAGES, "diff"].map((name) => `Variable AWS_ROLE_ARN of the GitHub environment ${name}`),
    );
  });

  it.each([
    [{ githubRepository: "wrist-agent" }, "expected a repository as owner@ID/name@ID, or as owner/name"],
    [{ githubRepository: "ann@7/wrist-agent" }, "expected a repository as owner@ID/name@ID"],
    [{ githubRepository: "ann@*/wrist-agent@*" }, "expected a repository as owner@ID/name@ID"],
    [{ bootstrapQualifier: "Has-Dash" }, "expected up to ten lower-case letters and digits"],
    [{ githubRepository: "ann/*" }, "expected a repository as owner@ID/name@ID, or as owner/name"],
  ])("%j is refused", (context, message) => {
    expect(() => delivery(context)).toThrow(message);
  });
});
