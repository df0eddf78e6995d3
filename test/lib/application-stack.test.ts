import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { AGENT_ENVIRONMENT } from "../../lambda/contract/environment.ts";
import { RUNTIME_PARAMETERS } from "../../lambda/contract/runtime-parameters.ts";
import { ROTATION_ENVIRONMENT } from "../../lambda/contract/token.ts";
import { propertiesOf, templates } from "../support/synthesise.ts";

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

function statements(synthesis?: Parameters<typeof templates>[0]): readonly Statement[] {
  return propertiesOf(templates(synthesis).application, "AWS::IAM::Policy")
    .filter(({ PolicyName }) => String(PolicyName).startsWith("AgentRole"))
    .flatMap((policy) => (policy.PolicyDocument as { Statement: readonly Statement[] }).Statement);
}

/** What each role whose id begins so may do, and on what. */
function allowedTo(idPrefix: string, synthesis?: Parameters<typeof templates>[0]): Record<string, string> {
  const policies = templates(synthesis).application.findResources("AWS::IAM::Policy");
  const own = Object.entries(policies).filter(([id]) => id.startsWith(idPrefix));
  const all = own.flatMap(
    ([, policy]) =>
      (policy.Properties as { PolicyDocument: { Statement: readonly Statement[] } }).PolicyDocument.Statement,
  );
  return Object.fromEntries(
    all.map(({ Action, Resource }) => [[Action].flat().join(" "), JSON.stringify(Resource)]),
  );
}

describe("the application stack", () => {
  const { application } = templates();

  it("runs the bundled handler on Node.js 24 and arm64, within the configured limits", () => {
    application.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "wrist-agent-development",
      Handler: "index.handler",
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Timeout: 60,
      MemorySize: 512,
      LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "INFO" },
    });
  });

  it("keeps the request's line, which has no level and counts as INFO", () => {
    const fn = propertiesOf(templates().application, "AWS::Lambda::Function").find(
      ({ FunctionName }) => FunctionName === "wrist-agent-development",
    );
    expect(fn).toMatchObject({ LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "INFO" } });
    expect(JSON.stringify(fn)).not.toContain("LOG_LEVEL");
  });

  it("sets every variable of the environment contract that has no default of its own", () => {
    const { bedrockRegion, modelRows, inferenceProfileArn } = AGENT_ENVIRONMENT;
    const defaulted: readonly string[] = [bedrockRegion, modelRows, inferenceProfileArn];
    const required = Object.values(AGENT_ENVIRONMENT).filter((name) => !defaulted.includes(name));
    const fn = propertiesOf(application, "AWS::Lambda::Function").find(
      ({ FunctionName }) => FunctionName === "wrist-agent-development",
    );
    const variables = (fn?.Environment as { Variables: object }).Variables;
    expect(Object.keys(variables).sort()).toEqual(required.sort());
    expect(variables).toMatchObject({
      STAGE: "development",
      CLIENT_TOKEN_PARAM_NAME: "/wrist-agent/dev/client-token",
      BEDROCK_MODEL_ID: "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    });
  });

  it("puts the URL on the alias, which points at a published version that outlives a deploy", () => {
    application.hasResourceProperties("AWS::Lambda::Alias", {
      Name: "live",
      FunctionVersion: { "Fn::GetAtt": [Match.stringLikeRegexp("CurrentVersion"), "Version"] },
    });
    application.hasResource("AWS::Lambda::Version", { DeletionPolicy: "RetainExceptOnCreate" });
    application.hasResourceProperties("AWS::Lambda::Url", { AuthType: "NONE", Qualifier: "live" });
  });

  it("answers preflight requests in one place, for POST alone", () => {
    application.hasResourceProperties("AWS::Lambda::Url", {
      Cors: { AllowMethods: ["POST"], AllowHeaders: Match.arrayWith(["content-type", "x-client-token"]) },
    });
  });

  it("grants both permissions that a public URL needs since October 2025", () => {
    application.hasResourceProperties("AWS::Lambda::Permission", {
      Action: "lambda:InvokeFunctionUrl",
      FunctionUrlAuthType: "NONE",
      Principal: "*",
    });
    application.hasResourceProperties("AWS::Lambda::Permission", {
      Action: "lambda:InvokeFunction",
      InvokedViaFunctionUrl: true,
      Principal: "*",
    });
    application.resourceCountIs("AWS::Lambda::Permission", 2);
  });

  it("may read its token and its parameters, ask one model and write one log group", () => {
    const byAction = allowedTo("AgentRole");
    expect(Object.keys(byAction)).toEqual([
      "ssm:GetParameter",
      "ssm:GetParameters",
      "bedrock:InvokeModel bedrock:InvokeModelWithResponseStream",
      "logs:CreateLogStream logs:PutLogEvents",
    ]);
    expect(byAction["ssm:GetParameter"]).toContain(":parameter/wrist-agent/dev/client-token");
    for (const name of Object.values(RUNTIME_PARAMETERS))
      expect(byAction["ssm:GetParameters"]).toContain(`:parameter/wrist-agent/development/config/${name}"`);
    expect(Object.values(byAction).join()).not.toContain("*");
  });

  it("may ask the model in each Region that the profile can send a request to", () => {
    const [model] = statements().filter(({ Action }) => Action[0] === "bedrock:InvokeModel");
    const text = JSON.stringify(model?.Resource);
    for (const region of ["us-east-1", "us-east-2", "us-west-2"])
      expect(text).toContain(
        `arn:aws:bedrock:${region}::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0`,
      );
    expect(text).toContain(":inference-profile/us.anthropic.claude-haiku-4-5-20251001-v1:0");
  });

  it("may ask every model that can be chosen at run time, and no other", () => {
    const modelChoices = "us.anthropic.claude-haiku-5-5, global.anthropic.claude-haiku-4-5-20251001-v1:0";
    const [model] = statements({ context: { modelChoices } }).filter(
      ({ Action }) => Action[0] === "bedrock:InvokeModel",
    );
    const profiles = JSON.stringify(model?.Resource).match(/inference-profile\/[^"]+/g);
    expect(profiles).toEqual([
      "inference-profile/global.anthropic.claude-haiku-4-5-20251001-v1:0",
      "inference-profile/us.anthropic.claude-haiku-4-5-20251001-v1:0",
      "inference-profile/us.anthropic.claude-haiku-5-5",
    ]);
  });

  it("may ask a global profile's model without a Region", () => {
    const modelId = "global.anthropic.claude-haiku-4-5-20251001-v1:0";
    const text = JSON.stringify(statements({ context: { modelId } }));
    expect(text).toContain("arn:aws:bedrock:::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0");
    expect(text).toContain("arn:aws:bedrock:us-west-2::foundation-model/");
  });

  it("exports ARN and URL under names made from the stage, and tells where the token is", () => {
    application.hasOutput("FunctionArn", { Export: { Name: "WristAgent-development-FunctionArn" } });
    application.hasOutput("FunctionUrl", { Export: { Name: "WristAgent-development-FunctionUrl" } });
    application.hasOutput("TokenParameterName", { Value: "/wrist-agent/dev/client-token" });
  });

  it("traces only where the stage asks for it", () => {
    application.hasResourceProperties("AWS::Lambda::Function", { TracingConfig: Match.absent() });
    templates({ stage: "production" }).application.hasResourceProperties("AWS::Lambda::Function", {
      TracingConfig: { Mode: "Active" },
    });
  });

  it("keeps production's log lines when the stack goes, for as long as configured", () => {
    application.hasResource("AWS::Logs::LogGroup", {
      DeletionPolicy: "Delete",
      Properties: { LogGroupName: "/aws/lambda/wrist-agent-development", RetentionInDays: 7 },
    });
    templates({ stage: "production" }).application.hasResource("AWS::Logs::LogGroup", {
      DeletionPolicy: "RetainExceptOnCreate",
      Properties: { RetentionInDays: 90 },
    });
  });
});

describe("the token", () => {
  const { application } = templates();

  it("is made by a function whose answer CloudFormation waits for no longer than five minutes", () => {
    application.hasResourceProperties("Custom::WristAgentToken", {
      ServiceToken: { "Fn::GetAtt": [Match.stringLikeRegexp("^TokenRotation"), "Arn"] },
      ServiceTimeout: "300",
      ParameterName: "/wrist-agent/dev/client-token",
    });
    expect(application.findResources("AWS::SSM::Parameter")).toEqual({});
  });

  it("is changed by a function that may read and write it, tell the owner, and nothing else", () => {
    const byAction = allowedTo("TokenRotationRole");
    expect(Object.keys(byAction)).toEqual([
      "ssm:GetParameter ssm:PutParameter",
      "sns:Publish",
      "logs:CreateLogStream logs:PutLogEvents",
    ]);
    expect(byAction["ssm:GetParameter ssm:PutParameter"]).toContain(
      ":parameter/wrist-agent/dev/client-token",
    );
    expect(byAction["sns:Publish"]).toMatch(/"Ref":"TokenRotationOwner/);
    expect(Object.values(byAction).join()).not.toContain("*");
  });

  it("is looked at daily, by a schedule that may call that function alone", () => {
    application.hasResourceProperties("AWS::Scheduler::Schedule", {
      Name: "wrist-agent-development-rotation",
      ScheduleExpression: "rate(1 day)",
      Target: { Input: '{"order":"rotate","by":"schedule","grace":"kept"}' },
    });
    const [resource] = Object.values(allowedTo("TokenRotationDaily"));
    expect(JSON.parse(resource ?? "")).toEqual({
      "Fn::GetAtt": [expect.stringMatching(/^TokenRotationFunction/), "Arn"],
    });
  });

  it("has no schedule where only the command changes it", () => {
    const { application: manual } = templates({ context: { tokenRotationDays: "0" } });
    manual.resourceCountIs("AWS::Scheduler::Schedule", 0);
    manual.resourceCountIs("Custom::WristAgentToken", 1);
  });

  it("gives the function every variable that it needs, and the owner's addresses their mail", () => {
    const { application: mailed } = templates({ context: { alarmEmail: "me@example.com" } });
    const fn = propertiesOf(mailed, "AWS::Lambda::Function").find(
      ({ FunctionName }) => FunctionName === "wrist-agent-development-rotation",
    );
    const { Variables } = fn?.Environment as { Variables: object };
    expect(Object.keys(Variables).sort()).toEqual(Object.values(ROTATION_ENVIRONMENT).sort());
    mailed.hasResourceProperties("AWS::SNS::Subscription", {
      Endpoint: "me@example.com",
      TopicArn: { Ref: Match.stringLikeRegexp("^TokenRotationOwner") },
    });
  });

  it("is printed by a command that is an output", () => {
    application.hasOutput("TokenCommand", { Value: Match.stringLikeRegexp("^aws ssm get-parameter ") });
  });
});
