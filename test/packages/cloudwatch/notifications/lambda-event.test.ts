import { describe, expect, test } from "vitest";
import type { AlarmDefinition, Transition } from "@wrist-agent/cloudwatch/alarm";
import { alarmLambdaEvent } from "@wrist-agent/cloudwatch/notifications/lambda-event";

const NOW = Date.UTC(2023, 7, 4, 12, 36, 15, 490);
const HOME = { accountId: "444455556666", region: "us-east-1" };
const ID = "1234e046-06f0-a3da-9534-000000000000";

/** What the function gets, after the event became text and was read again. */
function eventOf(alarm: AlarmDefinition): unknown {
  const { alarmName } = alarm;
  const times = { configurationUpdatedMs: 0, stateTransitionedMs: NOW, stateUpdatedMs: NOW };
  const transition: Transition = {
    alarm,
    previous: {
      alarmName,
      state: "INSUFFICIENT_DATA",
      stateReason: "Insufficient Data",
      ...times,
      stateUpdatedMs: NOW - 60_000,
      stateReasonData: '{"version":"1.0"}',
    },
    current: { alarmName, state: "ALARM", stateReason: "test", ...times },
    actions: [],
  };
  return JSON.parse(JSON.stringify(alarmLambdaEvent(transition, HOME, ID)));
}

/**
 * Shapes of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html,
 * 2026-11-23
 */
describe("the event of an alarm for a function", () => {
  test("of one metric holds both states and the metric", () => {
    const event = eventOf({
      alarmName: "demo",
      alarmDescription: "Metric Alarm",
      namespace: "AWS/Logs",
      metricName: "CallCount",
      dimensions: { InstanceId: "i-1" },
      unit: "Percent",
      statistic: "Average",
      periodSeconds: 60,
      evaluationPeriods: 1,
      threshold: 1,
      comparisonOperator: "GreaterThanThreshold",
    });
    expect(event).toEqual({
      source: "aws.cloudwatch",
      alarmArn: "arn:aws:cloudwatch:us-east-1:444455556666:alarm:demo",
      accountId: "444455556666",
      time: "2023-08-04T12:36:15.490+0000",
      region: "us-east-1",
      alarmData: {
        alarmName: "demo",
        state: { value: "ALARM", reason: "test", timestamp: "2023-08-04T12:36:15.490+0000" },
        previousState: {
          value: "INSUFFICIENT_DATA",
          reason: "Insufficient Data",
          reasonData: '{"version":"1.0"}',
          timestamp: "2023-08-04T12:35:15.490+0000",
        },
        configuration: {
          description: "Metric Alarm",
          metrics: [
            {
              id: ID,
              metricStat: {
                metric: { namespace: "AWS/Logs", name: "CallCount", dimensions: { InstanceId: "i-1" } },
                period: 60,
                stat: "Average",
                unit: "Percent",
              },
              returnData: true,
            },
          ],
        },
      },
    });
  });

  test("of metric math holds every query", () => {
    const metric = { namespace: "WristAgent", metricName: "CostUsd", dimensions: {} };
    const event = eventOf({
      alarmName: "spend",
      evaluationPeriods: 1,
      threshold: 1,
      comparisonOperator: "GreaterThanThreshold",
      metrics: [
        { id: "cost", metricStat: { metric, periodSeconds: 3600, stat: "Sum" }, returnData: false },
        { id: "usd", expression: "FILL(cost, 0)", label: "USD" },
      ],
    });
    expect(event).toMatchObject({
      alarmData: {
        configuration: {
          metrics: [
            {
              id: "cost",
              metricStat: {
                metric: { namespace: "WristAgent", name: "CostUsd", dimensions: {} },
                period: 3600,
                stat: "Sum",
              },
              returnData: false,
            },
            { id: "usd", expression: "FILL(cost, 0)", label: "USD", returnData: true },
          ],
        },
      },
    });
  });

  test("of a composite alarm holds its rule", () => {
    const event = eventOf({
      alarmName: "down",
      alarmRule: "ALARM(spend)",
      actionsSuppressor: "quiet",
      actionsSuppressorWaitPeriodSeconds: 120,
      actionsSuppressorExtensionPeriodSeconds: 180,
    });
    expect(event).toMatchObject({
      alarmData: {
        configuration: {
          alarmRule: "ALARM(spend)",
          actionsSuppressor: "quiet",
          actionsSuppressorWaitPeriod: 120,
          actionsSuppressorExtensionPeriod: 180,
        },
      },
    });
  });
});
