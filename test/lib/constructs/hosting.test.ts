import { Match, type Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { ROLLBACK_ALARMS } from "../../../lib/names.ts";
import { ALARMS } from "../../../lib/monitoring/alarm-table.ts";
import { propertiesOf, templates } from "../../support/synthesise.ts";

const GROUP = "AWS::CodeDeploy::DeploymentGroup";

const synthesised = new Map<string, Template>();

/** The application stack of staging with these settings, synthesised once. */
function application(context: Readonly<Record<string, unknown>>): Template {
  const key = JSON.stringify(context);
  const template = synthesised.get(key) ?? templates({ stage: "staging", context }).application;
  synthesised.set(key, template);
  return template;
}

/** One synthesis for several settings that have nothing to do with each other. */
const ISOLATED = { vpc: "isolated", reservedConcurrency: 5, deployment: "canary-10-percent-5-minutes" };
const BEHIND_NAT = { vpc: "nat", provisionedConcurrency: 2 };

describe("a new version", () => {
  const production = templates({ stage: "production" }).application;
  const atOnce = application({});

  it("gets its traffic ten percent a minute in production, at once elsewhere, or as configured", () => {
    application(ISOLATED).hasResourceProperties(GROUP, {
      DeploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    });
    production.hasResourceProperties(GROUP, {
      DeploymentConfigName: "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
    });
    atOnce.hasResourceProperties(GROUP, { DeploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce" });
  });

  it("is asked by the hook before the alias moves, and the hook knows it before that", () => {
    const [alias] = Object.values(production.findResources("AWS::Lambda::Alias")) as {
      UpdatePolicy: { CodeDeployLambdaAliasUpdate: { BeforeAllowTrafficHook: { Ref: string } } };
      DependsOn: string[];
      Properties: { FunctionVersion: { "Fn::GetAtt": string[] } };
    }[];
    const hook = alias?.UpdatePolicy.CodeDeployLambdaAliasUpdate.BeforeAllowTrafficHook.Ref ?? "";
    expect(alias?.DependsOn).toContain(hook);
    const { Properties } = production.findResources("AWS::Lambda::Function")[hook] as {
      Properties: { FunctionName: string; Environment: { Variables: { VERSION_ARN: { Ref: string } } } };
    };
    expect(Properties.FunctionName).toBe("wrist-agent-production-pre-traffic");
    expect(Properties.Environment.Variables.VERSION_ARN.Ref).toBe(
      alias?.Properties.FunctionVersion["Fn::GetAtt"][0],
    );
  });

  it("is taken back on failure, on a stop and on alarms of the table, which may not be there yet", () => {
    production.hasResourceProperties(GROUP, {
      AlarmConfiguration: {
        Alarms: ROLLBACK_ALARMS.map((key) => ({ Name: `wrist-agent-production-${key}` })),
        Enabled: true,
        IgnorePollAlarmFailure: true,
      },
      AutoRollbackConfiguration: {
        Events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"],
      },
    });
    const keys = ALARMS.filter(({ profile }) => profile === "default").map(({ key }) => key);
    for (const key of ROLLBACK_ALARMS) expect(keys).toContain(key);
  });

  it("that goes out at once waits for no alarm, so that a fix reaches a stage whose alarms are raised", () => {
    atOnce.hasResourceProperties(GROUP, {
      AlarmConfiguration: { Enabled: false, Alarms: Match.absent() },
      AutoRollbackConfiguration: { Events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"] },
    });
  });

  it("can be moved to by CodeDeploy alone, which may move this alias and no other", () => {
    const role = propertiesOf(production, "AWS::IAM::Role").find(({ Policies }) => Policies !== undefined);
    expect(role).not.toHaveProperty("ManagedPolicyArns");
    const text = JSON.stringify(role);
    expect(text).toContain(":function:wrist-agent-production:live");
    expect(text.match(/"\*"/g)).toHaveLength(1);
  });
});

describe("the network of the function", () => {
  it("is Lambda's own unless configured", () => {
    const template = application({});
    template.resourceCountIs("AWS::EC2::VPC", 0);
    for (const fn of propertiesOf(template, "AWS::Lambda::Function"))
      expect(fn).not.toHaveProperty("VpcConfig");
  });

  it("when isolated, leads to Bedrock and SSM and nowhere else: Lambda itself ships the log", () => {
    const template = application(ISOLATED);
    const services = propertiesOf(template, "AWS::EC2::VPCEndpoint").map(({ ServiceName }) => ServiceName);
    expect(services).toEqual(["bedrock-runtime", "ssm"].map((name) => `com.amazonaws.us-west-2.${name}`));
    template.resourceCountIs("AWS::EC2::InternetGateway", 0);
    template.resourceCountIs("AWS::EC2::NatGateway", 0);
    template.resourceCountIs("AWS::EC2::Subnet", 2);
    template.hasResourceProperties("AWS::EC2::SecurityGroupIngress", { FromPort: 443, ToPort: 443 });
  });

  it("when behind a NAT gateway, has one, and no endpoint to pay for", () => {
    const template = application(BEHIND_NAT);
    template.resourceCountIs("AWS::EC2::NatGateway", 1);
    template.resourceCountIs("AWS::EC2::VPCEndpoint", 0);
  });

  it.each([ISOLATED, BEHIND_NAT])(
    "$vpc holds the agent alone, whose code may not use Lambda's rights in it",
    (context) => {
      const template = application(context);
      const inside = propertiesOf(template, "AWS::Lambda::Function").filter(({ VpcConfig }) => VpcConfig);
      expect(inside.map(({ FunctionName }) => FunctionName)).toEqual(["wrist-agent-staging"]);
      template.hasResourceProperties("AWS::IAM::Policy", {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({ Effect: "Allow", Sid: "JoinVpc" }),
            Match.objectLike({ Effect: "Deny", Condition: Match.anyValue(), Sid: "NotByTheCode" }),
          ]),
        },
      });
    },
  );
});

describe("concurrency", () => {
  it("is neither provisioned nor reserved unless configured", () => {
    const template = application({});
    template.resourceCountIs("AWS::ApplicationAutoScaling::ScalableTarget", 0);
    for (const fn of propertiesOf(template, "AWS::Lambda::Function"))
      expect(fn).not.toHaveProperty("ReservedConcurrentExecutions");
  });

  it("is provisioned on the alias that the URL is on, and follows its use up to the most", () => {
    const template = application(BEHIND_NAT);
    template.hasResourceProperties("AWS::ApplicationAutoScaling::ScalableTarget", {
      MinCapacity: 2,
      MaxCapacity: 4,
      ScalableDimension: "lambda:function:ProvisionedConcurrency",
    });
    template.hasResourceProperties("AWS::ApplicationAutoScaling::ScalingPolicy", {
      TargetTrackingScalingPolicyConfiguration: {
        PredefinedMetricSpecification: { PredefinedMetricType: "LambdaProvisionedConcurrencyUtilization" },
        TargetValue: 0.7,
      },
    });
  });

  it("is reserved for the agent alone", () => {
    const limited = propertiesOf(application(ISOLATED), "AWS::Lambda::Function").filter(
      ({ ReservedConcurrentExecutions }) => ReservedConcurrentExecutions === 5,
    );
    expect(limited.map(({ FunctionName }) => FunctionName)).toEqual(["wrist-agent-staging"]);
  });
});
