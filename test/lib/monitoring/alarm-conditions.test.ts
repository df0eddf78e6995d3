import { type IMetric, MathExpression, type Metric } from "aws-cdk-lib/aws-cloudwatch";
import { describe, expect, it } from "vitest";
import type { AlarmInputs, AlarmRow } from "../../../lib/monitoring/alarm-row.ts";
import { ALARMS } from "../../../lib/monitoring/alarm-table.ts";
import { failuresNow } from "../../../lib/monitoring/availability-alarms.ts";
import { mostlyFailingChance } from "../../../lib/monitoring/conditions.ts";
import { agentMetrics, metricSourcesOf } from "../../../lib/monitoring/metrics.ts";
import { configOf } from "../../support/config-of.ts";

const METRICS = agentMetrics(
  { service: "s", probeService: "probe", modelId: "m", functionName: "f" },
  { logGroupName: "g" },
);

/** `Sum Errors`, or an expression with its metrics written so; the probe's are called so. */
function metricText(metric: IMetric): string {
  if (metric instanceof MathExpression)
    return Object.entries(metric.usingMetrics).reduce(
      (text, [id, used]) => text.replaceAll(new RegExp(`\\b${id}\\b`, "g"), metricText(used)),
      metric.expression,
    );
  const { statistic, metricName, dimensions } = metric as Metric;
  return `${dimensions?.service === "probe" ? "probe's " : ""}${statistic} ${metricName}`;
}

/**
 * `metric >= threshold, M of N periods, what missing data is`, and the requests that a day must hold where
 * that is more than one.
 */
function conditionText({ rule, requestsNeeded }: AlarmRow, inputs: AlarmInputs): string {
  const { metric, threshold, datapointsToAlarm: m, evaluationPeriods: n, treatMissingData } = rule(inputs);
  const bound = typeof threshold === "number" ? threshold : `${threshold.deviations} deviations`;
  const needed = requestsNeeded?.(inputs.config) ?? 1;
  return [
    `${metricText(metric)} >= ${bound}`,
    `${m} of ${n} x ${(metric as Metric).period.toSeconds()} s`,
    treatMissingData,
    ...(needed === 1 ? [] : [`${needed} a day`]),
  ].join(", ");
}

/** The conditions of the alarms that a stage has, by their keys. */
function conditions(context: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const config = configOf({ stage: "production", monitoringProfile: "full", ...context });
  const sources = metricSourcesOf(config);
  const inputs = { config, metrics: METRICS, sources };
  return Object.fromEntries(
    ALARMS.filter(({ needs, exists }) => sources.has(needs) && exists?.(config) !== false).map((row) => [
      row.key,
      conditionText(row, inputs),
    ]),
  );
}

/** 1 where so many and such a share failed, 0 where less did, and nothing without an answer. */
function failing(
  failed: string,
  [count, share, rest]: readonly [number, number, number],
  good: string,
): string {
  const enough = `((${failed} >= ${count}) AND ((${failed} * ${rest}) >= (${share} * ${good})))`;
  return `${enough} / (${enough} OR (${good} > 0)) >= 1`;
}

const SOUND = "(SampleCount Latency - Sum Degraded)";
const ANSWERED = "SampleCount Latency";
const AT_URL = "(Sum UrlRequestCount - Sum Url5xxCount - Sum Url4xxCount)";
const AT_THIRTY: Readonly<Record<string, string>> = {
  "probe-failing": "FILL(probe's Maximum Failure, 1) >= 1, 1 of 1 x 540 s, breaching",
  "intermittent-failures": "probe's Sum Failure >= 0.28, 9 of 24 x 3600 s, ignore",
  "failing-now": `${failing("Sum Failure", [4, 0.5, 0.5], ANSWERED)}, 1 of 2 x 300 s, ignore, 4 a day`,
  "failing-share": "Average Failure >= 0.1, 4 of 1440 x 60 s, ignore, 4 a day",
  "degraded-replies": `${failing("Sum Degraded", [6, 0.2, 0.8], SOUND)}, 1 of 1 x 86400 s, ignore, 6 a day`,
  "model-configuration":
    "MAX([Maximum ConfigFault, probe's Maximum ConfigFault]) >= 1, 1 of 1 x 300 s, ignore",
  "parameters-rejected": "Minimum ParametersRejected >= 1, 1 of 1 x 3600 s, ignore",
  "legacy-model": "FILL(Sum LegacyModelInvocations, 0) >= 1, 1 of 1 x 86400 s, notBreaching",
  "lambda-errors": "Sum Errors >= 1, 1 of 288 x 300 s, ignore",
  duration: "Average Latency >= 9000, 4 of 24 x 3600 s, ignore",
  throttles:
    "(Sum Throttles >= 1) / ((Sum Throttles >= 1) OR (Sum Invocations > 0)) >= 1, 1 of 3 x 300 s, ignore",
  "refused-requests": "FILL(Sum Rejected, 0) >= 8, 1 of 1 x 3600 s, notBreaching, 8 a day",
  "spend-today": "FILL(Sum CostUsd, 0) >= 1, 1 of 1 x 86400 s, notBreaching",
  "runaway-traffic": "FILL(SampleCount Failure, 0) >= 90, 1 of 1 x 3600 s, notBreaching",
  "unusual-traffic": "SampleCount Failure >= 6 deviations, 2 of 3 x 3600 s, ignore",
  "previous-token-in-use": "Maximum PreviousToken >= 1, 1 of 24 x 3600 s, ignore",
  "token-age": "Minimum TokenAgeDays >= 32, 1 of 1 x 3600 s, ignore",
  "metrics-rejected":
    "FILL(Sum EMFParsingErrors, 0) + FILL(Sum EMFValidationErrors, 0) >= 1, 1 of 1 x 3600 s, notBreaching",
  "fast-burn-long": `${failing("Sum Failure", [1, 0.144, 0.856], ANSWERED)}, 4 of 24 x 3600 s, ignore, 4 a day`,
  "fast-burn-short": `${failing("Sum Failure", [1, 0.144, 0.856], ANSWERED)}, 1 of 6 x 3600 s, ignore`,
  "slow-burn-long": `${failing("Sum Failure", [1, 0.03, 0.97], ANSWERED)}, 8 of 168 x 3600 s, ignore, 2 a day`,
  "slow-burn-short": `${failing("Sum Failure", [1, 0.03, 0.97], ANSWERED)}, 1 of 24 x 3600 s, ignore`,
};

describe("the condition of every alarm", () => {
  it("at thirty requests a day", () => {
    expect(conditions({ requestsPerDay: "30" })).toEqual(AT_THIRTY);
  });

  it("without a probe", () => {
    const { "probe-failing": _probe, "intermittent-failures": _tries, ...rest } = AT_THIRTY;
    expect(conditions({ requestsPerDay: "30", probeMinutes: "0" })).toEqual({
      ...rest,
      "url-5xx": `${failing("Sum Url5xxCount", [4, 0.5, 0.5], AT_URL)}, 1 of 1 x 300 s, ignore, 4 a day`,
      "lambda-errors": "Sum Errors >= 1, 1 of 1 x 300 s, ignore",
      "model-configuration": "Maximum ConfigFault >= 1, 1 of 1 x 300 s, ignore",
    });
  });

  it("of somebody else's function", () => {
    const functionArn = "arn:aws:lambda:us-west-2:123456789012:function:checkout";
    expect(conditions({ functionArn, lambdaTimeout: "20", requestsPerDay: "30" })).toEqual({
      "lambda-errors": "Sum Errors >= 1, 1 of 1 x 300 s, ignore",
      duration: "Maximum Duration >= 18000, 2 of 2 x 3600 s, ignore",
      throttles: AT_THIRTY.throttles,
      "runaway-traffic": "FILL(Sum Invocations, 0) >= 90, 1 of 1 x 3600 s, notBreaching",
      "unusual-traffic": "Sum Invocations >= 6 deviations, 2 of 3 x 3600 s, ignore",
    });
  });
});

describe("failures within five minutes that raise failing-now", () => {
  it.each([
    ["1", 2],
    ["10", 3],
    ["30", 4],
    ["300", 6],
    ["1000", 10],
    ["3000", 19],
    ["10000", 8],
    ["30000", 11],
    ["100000", 20],
  ])("at %s requests a day are %i", (requestsPerDay, count) => {
    expect(failuresNow(configOf({ requestsPerDay, dailySpendUsd: "900", monthlyBudgetUsd: "90000" }))).toBe(
      count,
    );
  });

  it.each([
    [1, 0.3, 2],
    [5, 0.3, 4],
    [20, 0.5, 11],
  ])(
    "of %d requests, each failing with %d, mostly fail by chance as often as they are counted",
    (requests, share, count) => {
      let naive = 0;
      for (let failed = count; failed < 150; failed += 1)
        for (let good = 0; good <= failed; good += 1)
          naive += poisson(failed, requests * share) * poisson(good, requests * (1 - share));
      expect(mostlyFailingChance(requests, { share, count })).toBeCloseTo(naive, 10);
    },
  );
});

function poisson(count: number, mean: number): number {
  let term = Math.exp(-mean);
  for (let each = 1; each <= count; each += 1) term *= mean / each;
  return term;
}
