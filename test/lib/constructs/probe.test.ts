import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { PROBE_ENVIRONMENT, PROBE_FAILURES } from "../../../lambda/contract/probe.ts";
import { SETTINGS } from "../../../lib/config/stage-config.ts";
import { PROBE_FAILING } from "../../../lib/monitoring/availability-alarms.ts";
import { configOf } from "../../support/config-of.ts";
import { propertiesOf, templates, type Properties } from "../../support/synthesise.ts";

const ALARM = "AWS::CloudWatch::Alarm";
const FUNCTION = "AWS::Lambda::Function";
const SCHEDULE = "AWS::Scheduler::Schedule";
const PROBE = "wrist-agent-production-probe";

const { monitoring } = templates({ stage: "production" });

function probeAlarm(of: typeof monitoring): Properties | undefined {
  return propertiesOf(of, ALARM).find(({ AlarmName }) => String(AlarmName).endsWith("-probe-failing"));
}

describe("the probe", () => {
  it("is a function of its own that asks the exported URL with the stage's token", () => {
    monitoring.hasResourceProperties(FUNCTION, {
      FunctionName: PROBE,
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Timeout: 70,
      ReservedConcurrentExecutions: Match.absent(),
      Environment: {
        Variables: {
          STAGE: "production",
          AGENT_URL: { "Fn::ImportValue": "WristAgent-production-FunctionUrl" },
          CLIENT_TOKEN_PARAM_NAME: "/wrist-agent/client-token",
        },
      },
    });
  });

  it("gets every variable that it reads", () => {
    const fn = propertiesOf(monitoring, FUNCTION).find(({ FunctionName }) => FunctionName === PROBE);
    const { Variables } = fn?.Environment as { Variables: object };
    expect(Object.keys(Variables).sort()).toEqual(Object.values(PROBE_ENVIRONMENT).sort());
  });

  it("may read one parameter, publish the project's metrics and write its own log, and nothing else", () => {
    const statements = propertiesOf(monitoring, "AWS::IAM::Policy")
      .filter(({ PolicyName }) => String(PolicyName).startsWith("Probe"))
      .flatMap(({ PolicyDocument }) => (PolicyDocument as { Statement: readonly Properties[] }).Statement);
    const byAction = statements.map(({ Action, Resource }) => [
      [Action].flat().join(" "),
      JSON.stringify(Resource),
    ]);
    expect(byAction.map(([action]) => action).sort()).toEqual([
      "cloudwatch:PutMetricData",
      "lambda:InvokeFunction",
      "lambda:InvokeFunction",
      "logs:CreateLogStream logs:PutLogEvents",
      "ssm:GetParameter",
    ]);
    expect(statements.find(({ Action }) => Action === "cloudwatch:PutMetricData")?.Condition).toEqual({
      StringEquals: { "cloudwatch:namespace": "WristAgent" },
    });
    const resources = Object.fromEntries(byAction) as Record<string, string>;
    expect(resources["ssm:GetParameter"]).toContain(":parameter/wrist-agent/client-token");
    expect(resources["ssm:GetParameter"]).not.toContain("*");
  });

  it("keeps its log as long as the agent does", () => {
    monitoring.hasResourceProperties("AWS::Logs::LogGroup", {
      LogGroupName: "/aws/lambda/wrist-agent-production-probe",
      RetentionInDays: 90,
    });
  });

  it.each([
    ["1", "cron(* * * * ? *)"],
    ["3", "cron(0/3 * * * ? *)"],
    ["60", "cron(0 * * * ? *)"],
  ])(
    "asks the model every %s minutes, and the agent alone every minute, at whole minutes of the clock, and a run is never repeated",
    (minutes, expression) => {
      const { monitoring: other } = templates({ context: { probeMinutes: minutes } });
      other.hasResourceProperties(SCHEDULE, {
        Name: "wrist-agent-development-probe",
        ScheduleExpression: expression,
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: {
          Input: '{"asks":"model"}',
          RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
        },
      });
      other.hasResourceProperties(SCHEDULE, {
        Name: "wrist-agent-development-probe-health",
        ScheduleExpression: "cron(* * * * ? *)",
        Target: {
          Input: '{"asks":"health"}',
          RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
        },
      });
      other.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
        MaximumRetryAttempts: 0,
        MaximumEventAgeInSeconds: 60,
      });
    },
  );

  it("is off at 0, and with it go function, schedule, alarm and widgets", () => {
    const off = templates({ context: { probeMinutes: "0", monitoringProfile: "full" } }).monitoring;
    for (const type of [FUNCTION, SCHEDULE]) off.resourceCountIs(type, 0);
    expect(probeAlarm(off)).toBeUndefined();
    const dashboards = JSON.stringify(propertiesOf(off, "AWS::CloudWatch::Dashboard"));
    expect(dashboards).not.toMatch(/of the probe|development-probe/);
  });

  it("asks at parts of an hour, or the distances would be uneven", () => {
    expect(() => configOf({ probeMinutes: "7" })).toThrow(
      '-c probeMinutes: PROBE_MINUTES is "7": expected one of 0, 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60',
    );
    expect(SETTINGS.probeMinutes.defaultText).toBe("3");
  });
});

describe("the alarm of the probe", () => {
  it("judges the probe's dimension over two questions to the model and three minutes, and takes silence for failure", () => {
    const alarm = probeAlarm(monitoring);
    expect(alarm).toMatchObject({
      Threshold: 1,
      DatapointsToAlarm: 1,
      TreatMissingData: "breaching",
      WarmUpConfiguration: {
        WarmUpPeriodDurationInMinutes: 13,
        OnlyStartEvaluatingAfterWarmUpPeriodEnds: true,
      },
    });
    expect(JSON.stringify(alarm?.Metrics)).toContain('"Expression":"FILL(counted, 1)"');
    expect(alarm?.Metrics).toContainEqual(
      expect.objectContaining({
        MetricStat: {
          Metric: {
            Namespace: "WristAgent",
            MetricName: "Failure",
            Dimensions: [{ Name: "service", Value: "wrist-agent-production-probe" }],
          },
          Period: 540,
          Stat: "Maximum",
        },
      }),
    );
  });

  it("follows the interval", () => {
    const { monitoring: hourly } = templates({ context: { probeMinutes: "60" } });
    expect(JSON.stringify(probeAlarm(hourly)?.Metrics)).toContain('"Period":7380');
  });

  it("links the probe's own log", () => {
    expect(probeAlarm(monitoring)?.AlarmDescription).toMatch(
      /\nLog: \S+logs-insights\S+production-probe\S+$/m,
    );
  });

  it("has a step in its runbook for every way a run can fail", () => {
    for (const failure of PROBE_FAILURES)
      expect(PROBE_FAILING.nextSteps.filter((step) => step.startsWith(`\`${failure}\`: `))).toHaveLength(1);
  });
});
