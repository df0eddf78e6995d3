import { App, Duration, Stack } from "aws-cdk-lib";
import { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Template } from "aws-cdk-lib/assertions";
import { MonitoringFacade, SnsAlarmActionStrategy } from "cdk-monitoring-constructs";
import { expect, test } from "vitest";
import { type AlarmDefinition, isComposite } from "@wrist-agent/cloudwatch/alarm";
import { baselineAlarmSets } from "../../bin/commands/rehearse/alarm-sets.ts";

async function definitionsOf(name: string): Promise<readonly AlarmDefinition[]> {
  const set = (await baselineAlarmSets()).find((each) => each.name === name);
  if (set === undefined) throw new Error(`no baseline ${name}`);
  return set.alarmsUnderTest.definitions;
}

test("there are four baselines, whose function throws and has no probe", async () => {
  const sets = await baselineAlarmSets();
  expect(
    sets.map(({ name, failures, probe, alarmsUnderTest }) => [
      name,
      failures,
      probe,
      alarmsUnderTest.definitions.length,
    ]),
  ).toEqual([
    ["burn-rate", "thrown", undefined, 8],
    ["cdk-monitoring-constructs", "thrown", undefined, 3],
    ["deployment-guide", "thrown", undefined, 2],
    ["slic-watch", "thrown", undefined, 3],
  ]);
});

test("cdk-monitoring-constructs is what that library makes", async () => {
  const stack = new Stack(new App(), "Baseline");
  const action = new SnsAlarmActionStrategy({ onAlarmTopic: new Topic(stack, "Topic") });
  const facade = new MonitoringFacade(stack, "Monitoring", {
    alarmFactoryDefaults: { actionsEnabled: true, alarmNamePrefix: "baseline", action },
  });
  facade.monitorLambdaFunction({
    lambdaFunction: LambdaFunction.fromFunctionName(stack, "Agent", "agent"),
    addFaultRateAlarm: { Critical: { maxErrorRate: 0.01 } },
    addThrottlesCountAlarm: { Critical: { maxErrorCount: 0 } },
    addLatencyP50Alarm: { Critical: { maxLatency: Duration.seconds(10) } },
  });
  interface Made {
    readonly Threshold: number;
    readonly EvaluationPeriods: number;
    readonly DatapointsToAlarm: number;
    readonly ComparisonOperator: string;
    readonly TreatMissingData: string;
    readonly OKActions?: unknown;
    readonly Metrics: readonly [
      {
        readonly MetricStat: {
          readonly Period: number;
          readonly Stat: string;
          readonly Metric: { readonly MetricName: string };
        };
      },
    ];
  }
  const resources = Object.values(Template.fromStack(stack).findResources("AWS::CloudWatch::Alarm"));
  const made = resources.map(({ Properties }) => {
    const { Threshold, EvaluationPeriods, DatapointsToAlarm, OKActions, ...rest } = Properties as Made;
    const { Period, Stat, Metric } = rest.Metrics[0].MetricStat;
    const counts = [Threshold, EvaluationPeriods, DatapointsToAlarm, Period];
    return [Metric.MetricName, Stat, ...counts, rest.ComparisonOperator, rest.TreatMissingData, OKActions];
  });
  const written = (await definitionsOf("cdk-monitoring-constructs")).map((definition) => {
    if (isComposite(definition)) throw new Error("a composite");
    const { threshold, evaluationPeriods, datapointsToAlarm, comparisonOperator, treatMissingData } =
      definition;
    const stat = definition.metrics?.[0]?.metricStat;
    const counts = [threshold, evaluationPeriods, datapointsToAlarm, stat?.periodSeconds];
    return [
      stat?.metric.metricName,
      stat?.stat,
      ...counts,
      comparisonOperator,
      treatMissingData,
      definition.okActions,
    ];
  });
  expect(new Set(written.map(String))).toEqual(new Set(made.map(String)));
});

test("the burn rates of the SRE workbook allow 99.9 %", async () => {
  const windows = (await definitionsOf("burn-rate")).flatMap((definition) =>
    isComposite(definition)
      ? []
      : [[definition.threshold, definition.metrics?.[1]?.metricStat?.periodSeconds]],
  );
  const [hour, day] = [3600, 86_400];
  expect(windows).toEqual([
    [0.0144, hour],
    [0.0144, 300],
    [0.006, 6 * hour],
    [0.006, hour / 2],
    [0.003, day],
    [0.003, 2 * hour],
  ]);
});

test("the deployment guide waits for 5 errors and for 25 s, twice in a row", async () => {
  expect(await definitionsOf("deployment-guide")).toMatchObject([
    { metricName: "Errors", statistic: "Sum", threshold: 5, periodSeconds: 300, evaluationPeriods: 2 },
    {
      metricName: "Duration",
      statistic: "Average",
      threshold: 25_000,
      periodSeconds: 300,
      evaluationPeriods: 2,
    },
  ]);
});
