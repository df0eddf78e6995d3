import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { BREAKER_ENVIRONMENT } from "../../../lambda/contract/breaker.ts";
import { propertiesOf, templates } from "../../support/synthesise.ts";

const ALARM = "wrist-agent-production-spend-today";

describe("the spend breaker of production", () => {
  const { monitoring } = templates({ stage: "production" });

  it("is opened by the alarm on the day's cost, which mails as well", () => {
    monitoring.hasResourceProperties("AWS::CloudWatch::Alarm", {
      AlarmName: ALARM,
      AlarmActions: [
        { Ref: Match.stringLikeRegexp("^Topics") },
        { "Fn::GetAtt": [Match.stringLikeRegexp("^SpendBreaker"), "Arn"] },
      ],
    });
  });

  it("lets that alarm of this account call its function, and nobody else", () => {
    const permissions = propertiesOf(monitoring, "AWS::Lambda::Permission");
    expect(permissions).toEqual([
      {
        Action: "lambda:InvokeFunction",
        FunctionName: { "Fn::GetAtt": [expect.stringMatching(/^SpendBreaker/), "Arn"] },
        Principal: "lambda.alarms.cloudwatch.amazonaws.com",
        SourceAccount: { Ref: "AWS::AccountId" },
        SourceArn: { "Fn::GetAtt": [expect.stringMatching(/spendtoday/i), "Arn"] },
      },
    ]);
  });

  it("may keep its one parameter and read metrics, and writes its log", () => {
    const [policy] = Object.entries(monitoring.findResources("AWS::IAM::Policy"))
      .filter(([id]) => id.startsWith("SpendBreakerBreaker") || id.startsWith("SpendBreakerRole"))
      .map(([, { Properties }]) => Properties as { PolicyDocument: { Statement: readonly Statement[] } });
    const allowed = policy?.PolicyDocument.Statement.map(({ Action }) => [Action].flat().join(" "));
    expect(allowed).toEqual([
      "ssm:GetParameter ssm:PutParameter",
      "cloudwatch:GetMetricStatistics",
      "logs:CreateLogStream logs:PutLogEvents",
    ]);
    expect(JSON.stringify(policy)).toContain(":parameter/wrist-agent/production/config/breaker");
  });

  it("is a fate of its own on the dashboards: blocked requests are not taken for answered ones", () => {
    const bodies = JSON.stringify(monitoring.findResources("AWS::CloudWatch::Dashboard"));
    expect(bodies).toContain("requests - degraded - refused - failed - blocked");
    expect(JSON.stringify(templates().monitoring.toJSON())).not.toContain("SpendBreaker");
  });

  it("is not made for a function of somebody else's", () => {
    const functionArn = "arn:aws:lambda:us-west-2:123456789012:function:theirs";
    const context = { functionArn, lambdaTimeout: "30" };
    const { monitoring: attached } = templates({ stage: "production", context });
    attached.resourceCountIs("AWS::Lambda::Permission", 0);
  });

  it("knows every variable that its function needs, and looks at the day every five minutes", () => {
    const [fn] = propertiesOf(monitoring, "AWS::Lambda::Function").filter(
      ({ FunctionName }) => FunctionName === "wrist-agent-production-breaker",
    );
    const { Variables } = fn?.Environment as { Variables: Record<string, unknown> };
    expect(Object.keys(Variables).sort()).toEqual(Object.values(BREAKER_ENVIRONMENT).sort());
    expect(JSON.stringify(Variables)).toContain(`:alarm:${ALARM}`);
    monitoring.hasResourceProperties("AWS::Scheduler::Schedule", {
      ScheduleExpression: "rate(5 minutes)",
      Target: { Input: '{"order":"watch"}' },
    });
  });
});

interface Statement {
  readonly Action: string | readonly string[];
}

it("a stage without a spend breaker has none of it", () => {
  const { monitoring } = templates();
  expect(JSON.stringify(monitoring.toJSON())).not.toContain("breaker/handler");
  expect(
    propertiesOf(monitoring, "AWS::Lambda::Function").filter(({ FunctionName }) =>
      String(FunctionName).endsWith("-breaker"),
    ),
  ).toEqual([]);
});
