import { describe, expect, test } from "vitest";
import type { AlarmDefinition, AlarmStatus, Transition } from "@wrist-agent/cloudwatch/alarm";
import { alarmCondition } from "@wrist-agent/cloudwatch/alarms/alarm-plan";
import { alarmNotification } from "@wrist-agent/cloudwatch/notifications/alarm-notification";
import { alarm } from "../alarms/scenario.ts";

const HOME = { accountId: "123456789012", region: "us-east-1" };
const CHANGED_MS = Date.UTC(2026, 8, 14, 11, 18, 44);
const REASON =
  "Threshold Crossed: 1 out of the last 1 datapoints [100.0 (14/09/26 11:13:00)] was greater than the threshold (50.0) (minimum 1 datapoint for OK -> ALARM transition).";

const METRIC_ALARM = alarm({
  alarmName: "cpu",
  alarmDescription: "Look at the CPU",
  namespace: "AWS/EC2",
  metricName: "CPUUtilization",
  dimensions: { InstanceId: "i-1" },
  statistic: "Average",
  periodSeconds: 300,
  datapointsToAlarm: 1,
  threshold: 50,
  comparisonOperator: "GreaterThanThreshold",
  treatMissingData: "ignore",
  alarmActions: ["arn:aws:sns:us-east-1:123456789012:ops"],
});

const COMPOSITE: AlarmDefinition = {
  alarmName: "both",
  alarmRule: 'ALARM("a") AND ALARM("b")',
  okActions: ["arn:aws:sns:us-east-1:123456789012:ops"],
};

function change(definition: AlarmDefinition, extra: Partial<Transition> = {}): Transition {
  const { alarmName } = definition;
  const current: AlarmStatus = {
    alarmName,
    state: "ALARM",
    stateReason: REASON,
    stateUpdatedMs: CHANGED_MS,
    stateTransitionedMs: CHANGED_MS,
    configurationUpdatedMs: Date.UTC(2026, 8, 14, 11, 18, 43, 496),
  };
  const previous: AlarmStatus = { ...current, state: "INSUFFICIENT_DATA" };
  return { alarm: definition, previous, current, actions: [], ...extra };
}

describe("the message to a topic", () => {
  test("of a metric alarm has CloudWatch's members in CloudWatch's order", () => {
    expect(alarmNotification(change(METRIC_ALARM), HOME).defaultMessage).toBe(
      `{"AlarmName":"cpu","AlarmDescription":"Look at the CPU","AWSAccountId":"123456789012",` +
        `"AlarmConfigurationUpdatedTimestamp":"2026-09-14T11:18:43.496+0000","NewStateValue":"ALARM",` +
        `"NewStateReason":"${REASON}","StateChangeTime":"2026-09-14T11:18:44.000+0000",` +
        `"Region":"US East (N. Virginia)","AlarmArn":"arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu",` +
        `"OldStateValue":"INSUFFICIENT_DATA","ActionExecutedAfterMuteWindow":false,"OKActions":[],` +
        `"AlarmActions":["arn:aws:sns:us-east-1:123456789012:ops"],"InsufficientDataActions":[],` +
        `"Trigger":{"MetricName":"CPUUtilization","Namespace":"AWS/EC2","StatisticType":"Statistic",` +
        `"Statistic":"AVERAGE","Unit":null,"Dimensions":[{"value":"i-1","name":"InstanceId"}],"Period":300,` +
        `"EvaluationPeriods":1,"DatapointsToAlarm":1,"ComparisonOperator":"GreaterThanThreshold",` +
        `"Threshold":50.0,"TreatMissingData":"ignore","EvaluateLowSampleCountPercentile":""}}`,
    );
  });

  test("of an alarm on an expression lists its metrics", () => {
    const metric = { namespace: "AWS/EC2", metricName: "CPUUtilization", dimensions: {} };
    const { periodSeconds, metricName, statistic, ...rest } = METRIC_ALARM;
    const definition: AlarmDefinition = {
      ...rest,
      metrics: [
        { id: "m1", returnData: false, metricStat: { metric, periodSeconds: 60, stat: "p90" } },
        { id: "e1", expression: "m1 + 0", label: "CPU", periodSeconds: 60 },
      ],
    };
    expect([periodSeconds, metricName, statistic]).toEqual([300, "CPUUtilization", "Average"]);
    const { Trigger } = JSON.parse(alarmNotification(change(definition), HOME).defaultMessage) as {
      Trigger: { Period: number; Metrics: unknown };
    };
    expect(Object.keys(Trigger)).not.toContain("MetricName");
    expect(Trigger.Metrics).toEqual([
      {
        Id: "m1",
        MetricStat: {
          Metric: { Dimensions: [], MetricName: "CPUUtilization", Namespace: "AWS/EC2" },
          Period: 60,
          Stat: "p90",
        },
        ReturnData: false,
        AccountId: "123456789012",
      },
      { Expression: "m1 + 0", Id: "e1", Label: "CPU", ReturnData: true, Period: 60 },
    ]);
  });

  test("of a composite alarm names its rule and the children that triggered it", () => {
    const arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a";
    const triggeringChildren = [{ arn, state: "ALARM", timestampMs: CHANGED_MS }] as const;
    const { defaultMessage } = alarmNotification(change(COMPOSITE, { triggeringChildren }), HOME);
    const message = JSON.parse(defaultMessage) as Record<string, unknown>;
    expect(Object.keys(message)).toEqual([
      "AlarmName",
      "AlarmDescription",
      "AWSAccountId",
      "NewStateValue",
      "NewStateReason",
      "StateChangeTime",
      "Region",
      "AlarmArn",
      "OKActions",
      "AlarmActions",
      "InsufficientDataActions",
      "ActionExecutedAfterMuteWindow",
      "OldStateValue",
      "AlarmRule",
      "TriggeringChildren",
    ]);
    expect(message.TriggeringChildren).toEqual([
      { Arn: arn, State: { Value: "ALARM", Timestamp: "2026-09-14T11:18:44.000+0000" } },
    ]);
  });

  test("says when it was held back by a mute window", () => {
    const released = { by: "MuteWindow", atMs: CHANGED_MS } as const;
    expect(alarmNotification(change(METRIC_ALARM, { released }), HOME).defaultMessage).toContain(
      '"ActionExecutedAfterMuteWindow":true',
    );
  });
});

describe("the subject", () => {
  test("names state, alarm and Region", () => {
    expect(alarmNotification(change(METRIC_ALARM), HOME).subject).toBe(
      'ALARM: "cpu" in US East (N. Virginia)',
    );
  });

  test("is cut to 100 characters in the name", () => {
    const { subject } = alarmNotification(change(alarm({ alarmName: "x".repeat(255) })), HOME);
    expect(subject).toHaveLength(100);
    expect(subject).toMatch(/^ALARM: "x+\.\.\." in US East \(N\. Virginia\)$/);
  });

  test("turns each run of other than ASCII characters into one underscore", () => {
    const { subject, smsText } = alarmNotification(change(alarm({ alarmName: "größe-界é" })), HOME);
    expect(subject).toBe('ALARM: "gr_e-_" in US East (N. Virginia)');
    expect(smsText).toBe(subject);
  });

  test("spells a Region that has no name as it is", () => {
    const { subject } = alarmNotification(change(METRIC_ALARM), { ...HOME, region: "xx-new-1" });
    expect(subject).toBe('ALARM: "cpu" in xx-new-1');
  });
});

describe("the mail", () => {
  test.each([
    ["us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/cloudwatch/", "arn:aws-us-gov:"],
    ["cn-north-1", "https://cn-north-1.console.amazonaws.cn/cloudwatch/", "arn:aws-cn:"],
    ["eu-west-1", "https://eu-west-1.console.aws.amazon.com/cloudwatch/", "arn:aws:"],
  ])("of an alarm in %s leads to the console of its partition", (region, link, arn) => {
    const { emailText } = alarmNotification(change(METRIC_ALARM), { ...HOME, region });
    expect(emailText).toContain(link);
    expect(emailText).toContain(`${arn}cloudwatch:${region}:`);
  });

  test("of a metric alarm is CloudWatch's, word for word", () => {
    expect(alarmNotification(change(METRIC_ALARM), HOME).emailText).toBe(
      `You are receiving this email because your Amazon CloudWatch Alarm "cpu" in the US East (N. Virginia) region has entered the ALARM state, because "${REASON}" at "Monday 14 September, 2026 11:18:44 UTC".

View this alarm in the AWS Management Console:
https://us-east-1.console.aws.amazon.com/cloudwatch/deeplink.js?region=us-east-1#alarmsV2:alarm/cpu

Alarm Details:
- Name:                       cpu
- Description:                Look at the CPU
- State Change:               INSUFFICIENT_DATA -> ALARM
- Reason for State Change:    ${REASON}
- Timestamp:                  Monday 14 September, 2026 11:18:44 UTC
- AWS Account:                123456789012
- Alarm Arn:                  arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu

Threshold:
- The alarm is in the ALARM state when the metric is GreaterThanThreshold 50.0 for at least 1 of the last 1 period(s) of 300 seconds.${" "}

Monitored Metric:
- MetricNamespace:                     AWS/EC2
- MetricName:                          CPUUtilization
- Dimensions:                          [InstanceId = i-1]
- Period:                              300 seconds
- Statistic:                           Average
- Unit:                                not specified
- TreatMissingData:                    ignore

State Change Actions:
- OK:${" "}
- ALARM: [arn:aws:sns:us-east-1:123456789012:ops]
- INSUFFICIENT_DATA:${" "}
`,
    );
  });

  test("of a composite alarm shows rule and children instead of threshold and metric", () => {
    const arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a";
    const triggeringChildren = [{ arn, state: "ALARM", timestampMs: CHANGED_MS }] as const;
    const mail = alarmNotification(change(COMPOSITE, { triggeringChildren }), HOME).emailText;
    expect(mail).toContain(
      "has transitioned to ALARM state on Monday 14 September, 2026 11:18:44 UTC, because",
    );
    expect(mail).toContain('- Alarm Rule:                 ALARM("a") AND ALARM("b")\n- Reason');
    expect(mail).toContain(
      `Triggering children (max. 10):\n- ${arn}   ALARM               Monday 14 September, 2026 11:18:44 UTC\n\n`,
    );
    expect(mail).not.toContain("Threshold:");
  });
});

describe("the condition in one line", () => {
  const metric = { namespace: "N", metricName: "Latency", dimensions: {} };
  const metricStat = { metric, periodSeconds: 60, stat: "p90" };
  const { metricName, ...unnamed } = alarm();
  test.each<readonly [AlarmDefinition, string]>([
    [alarm({ periodSeconds: 300 }), "Sum of Errors >= 1 for 1 of 1 periods of 300 s"],
    [COMPOSITE, 'ALARM("a") AND ALARM("b")'],
    [
      alarm({ evaluationPeriods: 5, datapointsToAlarm: 3, comparisonOperator: "LessThanThreshold" }),
      `Sum of ${metricName} < 1 for 3 of 5 periods of 60 s`,
    ],
    [
      {
        ...unnamed,
        metrics: [
          { id: "m1", metricStat, returnData: false },
          { id: "e1", expression: "m1 * 2" },
        ],
      },
      "m1 * 2 >= 1 for 1 of 1 periods of 60 s",
    ],
    [{ ...unnamed, metrics: [{ id: "m1", metricStat }] }, "p90 of Latency >= 1 for 1 of 1 periods of 60 s"],
  ])("%#", (definition, text) => {
    expect(alarmCondition(definition)).toBe(text);
  });
});
