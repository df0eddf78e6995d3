import { compositeAlarmOf, metricAlarmOf } from "cw-alarm-test/cloudwatch-resources";
import type { ResolvedResource } from "cw-alarm-test/resolved-stack";
import { resolveStacks } from "cw-alarm-test/resolve-stacks";
import { describe, expect, test } from "vitest";
import { notEmulatedNotice } from "../../../local/assembly/emulated.ts";

function resource(Type: string, Properties: Readonly<Record<string, unknown>>): ResolvedResource {
  const template = { Resources: { Alarm: { Type, Properties } } };
  const [stack] = resolveStacks([
    { stackName: "App", region: "us-east-1", accountId: "123456789012", template },
  ]);
  const [found] = stack?.resources ?? [];
  if (found === undefined) throw new Error("the template above has one resource");
  return found;
}

const metricAlarm = (properties: Readonly<Record<string, unknown>>) =>
  metricAlarmOf(resource("AWS::CloudWatch::Alarm", properties));

const LEAST = { AlarmName: "Broken", EvaluationPeriods: 1, ComparisonOperator: "GreaterThanThreshold" };

describe("an AWS::CloudWatch::Alarm", () => {
  test("on one metric becomes a definition with the same members, numbers as numbers", () => {
    const definition = metricAlarm({
      ...LEAST,
      Namespace: "AWS/Lambda",
      MetricName: "Errors",
      Dimensions: [{ Name: "FunctionName", Value: "agent" }],
      Statistic: "Sum",
      Period: "300",
      Threshold: 0,
      DatapointsToAlarm: 1,
      TreatMissingData: "notBreaching",
      ActionsEnabled: false,
      AlarmActions: ["arn:topic"],
    });
    expect(definition).toEqual({
      alarmName: "Broken",
      actionsEnabled: false,
      alarmActions: ["arn:topic"],
      namespace: "AWS/Lambda",
      metricName: "Errors",
      dimensions: { FunctionName: "agent" },
      statistic: "Sum",
      periodSeconds: 300,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      threshold: 0,
      comparisonOperator: "GreaterThanThreshold",
      treatMissingData: "notBreaching",
    });
  });

  test("on an expression keeps its queries, windows and warm-up", () => {
    const definition = metricAlarm({
      ...LEAST,
      Metrics: [
        { Id: "ratio", Expression: "a / 2", Label: "Ratio" },
        {
          Id: "a",
          ReturnData: false,
          MetricStat: { Metric: { Namespace: "N", MetricName: "M" }, Period: 60, Stat: "p90" },
        },
      ],
      EvaluationWindow: { WallClockWindow: { Timezone: "Europe/Paris" } },
      WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 30 },
    });
    expect(definition).toMatchObject({
      metrics: [
        { id: "ratio", expression: "a / 2", label: "Ratio" },
        {
          id: "a",
          returnData: false,
          metricStat: {
            metric: { namespace: "N", metricName: "M", dimensions: {} },
            periodSeconds: 60,
            stat: "p90",
          },
        },
      ],
      evaluationWindow: { wallClock: { timezone: "Europe/Paris" } },
      warmUp: { minutes: 30 },
    });
    expect(definition).not.toHaveProperty("dimensions");
  });

  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ["PromQL", { ...LEAST, EvaluationCriteria: {} }, /is a PromQL alarm, which is not supported/],
    ["no operator", { EvaluationPeriods: 1 }, /Resources\.Alarm lacks ComparisonOperator/],
    ["an unknown operator", { ...LEAST, ComparisonOperator: "Above" }, /is "Above": give Greater/],
    ["a text for a number", { ...LEAST, Period: "soon" }, /Period is "soon": give a number/],
    ["a text for a list", { ...LEAST, OKActions: "arn" }, /OKActions is "arn": give a list/],
    [
      "another account",
      { ...LEAST, Metrics: [{ Id: "a", AccountId: "999999999999" }] },
      /reads "a" from account 999999999999/,
    ],
  ])("with %s is refused by name", (_name, properties, message) => {
    expect(() => metricAlarm(properties)).toThrow(message);
  });
});

test("an AWS::CloudWatch::CompositeAlarm becomes a definition with its rule and suppressor", () => {
  const composite = resource("AWS::CloudWatch::CompositeAlarm", {
    AlarmName: "All",
    AlarmRule: "ALARM(a) OR ALARM(b)",
    ActionsSuppressor: "quiet",
    ActionsSuppressorWaitPeriod: 60,
    ActionsSuppressorExtensionPeriod: 120,
  });
  expect(compositeAlarmOf(composite)).toEqual({
    alarmName: "All",
    alarmRule: "ALARM(a) OR ALARM(b)",
    actionsSuppressor: "quiet",
    actionsSuppressorWaitPeriodSeconds: 60,
    actionsSuppressorExtensionPeriodSeconds: 120,
  });
});

test("a type that is not emulated has a notice; one without behaviour has none", () => {
  expect(notEmulatedNotice("AWS::DynamoDB::Table", "App:Resources.Q")).toBe(
    "AWS::DynamoDB::Table is not emulated: App:Resources.Q does nothing here",
  );
  expect(notEmulatedNotice("AWS::IAM::Role", "App:Resources.R")).toBeUndefined();
  expect(notEmulatedNotice("AWS::SNS::Topic", "App:Resources.T")).toBeUndefined();
});
