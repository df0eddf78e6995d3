import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { METRIC_NAMESPACE, METRICS } from "../../../lambda/contract/metrics.ts";
import { metricQuery, readSeries } from "../../cli/metric-series.ts";
import type { StageConnection } from "../../cli/stage-connection.ts";
import { askModes } from "./url-checks.ts";
import {
  answeredSince,
  type Check,
  failingFinding,
  type Finding,
  passingFinding,
  type Verification,
} from "./check.ts";

/** A metric in its Region. */
export interface WatchedMetric {
  readonly region: string;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** `WristAgent Failure (service wrist-agent-production)`. */
export function metricText({ namespace, metricName, dimensions }: WatchedMetric): string {
  const own = Object.entries(dimensions).map(([name, value]) => `${name} ${value}`);
  return `${namespace} ${metricName}${own.length === 0 ? "" : ` (${own.join(", ")})`}`;
}

/** The same of two metrics that are the same one. */
export function metricKey(metric: WatchedMetric): string {
  return `${metric.region} ${metricText(metric)}`;
}

/** Why a metric may rightly have no data, by namespace and name. */
const QUIET_METRICS: Readonly<Record<string, string>> = {
  "AWS/Logs EMFValidationErrors": "CloudWatch publishes it when it refuses a line",
  "AWS/Logs EMFParsingErrors": "CloudWatch publishes it when it refuses a line",
  "AWS/Bedrock LegacyModelInvocations": "Bedrock publishes it when a model is called whose end is announced",
  "AWS/Billing EstimatedCharges": "it has a line of its own",
  [`${METRIC_NAMESPACE} ${METRICS.TokenAgeDays.name}`]: "it is emitted where the token's age is known",
  [`${METRIC_NAMESPACE} ${METRICS.SpendBreaker.name}`]: "it is emitted where the stage has a breaker",
};

/** Why it may have no data; nothing where it must have some. */
export function quietReason({ namespace, metricName }: WatchedMetric): string | undefined {
  const key = `${namespace} ${metricName}`;
  return Object.hasOwn(QUIET_METRICS, key) ? QUIET_METRICS[key] : undefined;
}

const DAY_SECONDS = 86_400;
/** A quiet weekend, or a fortnight without a question, is no fault. */
const LOOKED_BACK_DAYS = 15;
/** GetMetricData takes so many queries at once. */
const MAX_QUERIES = 500;

/** Those of the metrics that nobody has emitted within a fortnight. */
export async function unemittedMetrics(
  stage: StageConnection,
  metrics: readonly WatchedMetric[],
  nowMs: number,
): Promise<readonly WatchedMetric[]> {
  const byText = new Map(metrics.map((metric) => [metricKey(metric), metric]));
  const wanted = [...byText.values()];
  const silent: WatchedMetric[] = [];
  for (const region of new Set(wanted.map((metric) => metric.region))) {
    const own = wanted.filter((metric) => metric.region === region);
    for (let from = 0; from < own.length; from += MAX_QUERIES)
      silent.push(...(await silentAmong(stage, own.slice(from, from + MAX_QUERIES), nowMs)));
  }
  return silent;
}

async function silentAmong(
  stage: StageConnection,
  metrics: readonly WatchedMetric[],
  nowMs: number,
): Promise<readonly WatchedMetric[]> {
  const [first] = metrics;
  if (first === undefined) return [];
  const queries = metrics.map((metric, at): MetricDataQuery =>
    metricQuery(`m${at}`, { ...metric, statistic: "SampleCount", periodSeconds: DAY_SECONDS }),
  );
  const endMs = Math.ceil((nowMs + 1) / 60_000) * 60_000;
  const startMs = Math.floor(nowMs / (DAY_SECONDS * 1000) - LOOKED_BACK_DAYS) * DAY_SECONDS * 1000;
  const found = await readSeries(stage, queries, { startMs, endMs, region: first.region });
  return metrics.filter((_metric, at) => (found.get(`m${at}`) ?? []).length === 0);
}

const POLL_MS = 15_000;
const MINUTE_MS = 60_000;

async function metricsArrive(verification: Verification): Promise<readonly Finding[]> {
  const { stage, now, wait, waitMinutes, asked, show } = verification;
  if (asked.startMs === undefined) await askModes(verification);
  const { startMs, answered = 0, countedBefore = 0 } = asked;
  if (startMs === undefined || answered === 0)
    return [
      failingFinding(
        "no question was answered, so there is nothing to arrive",
        "fix that first, then verify again",
      ),
    ];
  const limitMs = now() + waitMinutes * MINUTE_MS;
  for (;;) {
    const count = Math.max(0, (await answeredSince(stage, startMs, now())) - countedBefore);
    const seconds = Math.round((now() - startMs) / 1000);
    if (count >= answered)
      return [passingFinding(`${answered} requests counted ${seconds} s after they were asked`)];
    if (now() >= limitMs)
      return [
        failingFinding(
          `${count} of ${answered} requests are counted after ${seconds} s`,
          `wait longer with --wait; else read the log group ${stage.names.logGroup}: each request writes one line in embedded metric format`,
        ),
      ];
    show(`waiting for metrics: ${count} of ${answered} requests counted after ${seconds} s`);
    await wait(Math.min(POLL_MS, Math.max(1, limitMs - now())));
  }
}

/** Whether what is asked is seen. */
export const METRIC_CHECKS: readonly Check[] = [
  { id: "metrics-arrive", title: "metrics arrive", run: metricsArrive },
];
