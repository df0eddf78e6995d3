import type { MetricDataQuery } from "@wrist-agent/cloudwatch/metric";
import {
  type AnomalyDetector,
  detectorKey,
  type DetectorTarget,
  type ExcludedRange,
  MIN_TRAINING_POINTS,
} from "@wrist-agent/cloudwatch/math/anomaly-detector";
import { isStatistic } from "@wrist-agent/cloudwatch/metrics/statistic";
import { readMetricIdentity } from "@wrist-agent/cloudwatch/read-definition";
import { zoneOffset } from "@wrist-agent/cloudwatch/zoned-time";
import { type InputReader, invalidValue, metricDataQueryInput, pageOfItems } from "./cloudwatch-input.ts";
import { metricDataQueryView } from "./cloudwatch-alarms.ts";
import { metricView } from "./cloudwatch-metrics.ts";
import type { RegionInsightsApi } from "./cloudwatch-ports.ts";
import { AwsError, notSupported } from "./service.ts";

/** Structures of the operations on anomaly detectors. */
export const ANOMALY_DETECTOR_STRUCTURES = {
  AnomalyDetector: {
    Namespace: "string",
    MetricName: "string",
    Dimensions: "Dimension[]",
    Stat: "string",
    Configuration: "AnomalyDetectorConfiguration",
    StateValue: "string",
    MetricCharacteristics: "MetricCharacteristics",
    SingleMetricAnomalyDetector: "SingleMetricAnomalyDetector",
    MetricMathAnomalyDetector: "MetricMathAnomalyDetector",
  },
  AnomalyDetectorConfiguration: { ExcludedTimeRanges: "Range[]", MetricTimezone: "string" },
  Range: { StartTime: "timestamp", EndTime: "timestamp" },
  MetricCharacteristics: { PeriodicSpikes: "boolean" },
  SingleMetricAnomalyDetector: {
    AccountId: "string",
    Namespace: "string",
    MetricName: "string",
    Dimensions: "Dimension[]",
    Stat: "string",
  },
  MetricMathAnomalyDetector: { MetricDataQueries: "MetricDataQuery[]" },
} as const;

const TARGET = {
  Namespace: "string",
  MetricName: "string",
  Dimensions: "Dimension[]",
  Stat: "string",
  SingleMetricAnomalyDetector: "SingleMetricAnomalyDetector",
  MetricMathAnomalyDetector: "MetricMathAnomalyDetector",
} as const;

/** What the operations on anomaly detectors take and answer. */
export const ANOMALY_DETECTOR_OPERATIONS = {
  PutAnomalyDetector: {
    input: {
      ...TARGET,
      Configuration: "AnomalyDetectorConfiguration",
      MetricCharacteristics: "MetricCharacteristics",
    },
    output: {},
  },
  DescribeAnomalyDetectors: {
    input: {
      NextToken: "string",
      MaxResults: "integer",
      Namespace: "string",
      MetricName: "string",
      Dimensions: "Dimension[]",
      AnomalyDetectorTypes: "string[]",
    },
    output: { AnomalyDetectors: "AnomalyDetector[]", NextToken: "string" },
  },
  DeleteAnomalyDetector: { input: TARGET, output: {} },
} as const;

/** Makes a detector, or replaces the one of the same metric or expression. */
export function putAnomalyDetector(insights: RegionInsightsApi, read: InputReader, nowMs: number): object {
  const target = targetIn(read);
  if (read.object("MetricCharacteristics")?.flag("PeriodicSpikes") === true)
    throw notSupported(
      "MetricCharacteristics.PeriodicSpikes",
      "the band follows the hours of the day, leave it out",
    );
  const configuration = read.object("Configuration");
  const timezone = configuration?.text("MetricTimezone");
  if (timezone !== undefined && zoneOffset(timezone) === undefined)
    throw invalidValue(`The value ${timezone} for parameter Configuration.MetricTimezone is invalid.`);
  insights.putDetector({
    target,
    excludedRanges: (configuration?.objects("ExcludedTimeRanges") ?? []).map(excludedRange),
    ...(timezone !== undefined && { timezone }),
    putMs: nowMs,
  });
  return {};
}

/** Deletes a detector; one that is not there is refused. */
export function deleteAnomalyDetector(insights: RegionInsightsApi, read: InputReader): object {
  const key = detectorKey(targetIn(read));
  if (!insights.detectors().some(({ target }) => detectorKey(target) === key))
    throw new AwsError("ResourceNotFoundException", "Anomaly detector does not exist", 404);
  insights.deleteDetector(key);
  return {};
}

function excludedRange(range: InputReader): ExcludedRange {
  const startMs = range.required("StartTime", range.time("StartTime"));
  const endMs = range.required("EndTime", range.time("EndTime"));
  if (startMs < endMs) return { startMs, endMs };
  throw invalidValue("The parameter StartTime must be less than the parameter EndTime.");
}

const FLAT_MEMBERS = ["Namespace", "MetricName", "Dimensions", "Stat"];

/** The metric, in either of two forms, or the expression that a detector watches. */
function targetIn(read: InputReader): DetectorTarget {
  const single = read.object("SingleMetricAnomalyDetector");
  const math = read.object("MetricMathAnomalyDetector");
  const isFlat = FLAT_MEMBERS.some((name) => read.has(name));
  if (Number(isFlat) + Number(single !== undefined) + Number(math !== undefined) > 1)
    throw new AwsError(
      "InvalidParameterCombination",
      "The metric, SingleMetricAnomalyDetector and MetricMathAnomalyDetector are mutually exclusive: give one of them.",
    );
  if (math !== undefined) return { kind: "math", queries: mathQueries(math) };
  const from = single ?? read;
  from.refuse({ AccountId: "leave it out, there is one account" });
  const stat = from.required("Stat", from.text("Stat"));
  if (!isStatistic(stat)) throw invalidValue(`The value ${stat} for parameter Stat is not supported.`);
  from.required("Namespace", from.text("Namespace"));
  return { kind: "metric", metric: readMetricIdentity(from), stat };
}

function mathQueries(math: InputReader): readonly MetricDataQuery[] {
  const queries = math
    .required("MetricDataQueries", math.objects("MetricDataQueries"))
    .map(metricDataQueryInput);
  const [watched, ...others] = queries.filter(({ returnData }) => returnData !== false);
  if (watched?.expression !== undefined && others.length === 0) return queries;
  throw invalidValue(
    "MetricMathAnomalyDetector takes one expression that returns data, and the metrics that it reads.",
  );
}

const MAX_PAGE = 100;
const TYPES = ["SINGLE_METRIC", "METRIC_MATH"];

/** Detectors by what they watch; those of expressions when they are asked for. */
export function describeAnomalyDetectors(
  insights: RegionInsightsApi,
  read: InputReader,
  home: { readonly accountId: string; readonly nowMs: number },
): object {
  const types = read.texts("AnomalyDetectorTypes") ?? ["SINGLE_METRIC"];
  const unknown = types.find((type) => !TYPES.includes(type));
  if (unknown !== undefined) throw invalidValue(`${unknown} is none of ${TYPES.join(", ")}`);
  const found = insights
    .detectors()
    .filter(({ target }) => types.includes(target.kind === "metric" ? "SINGLE_METRIC" : "METRIC_MATH"))
    .filter(({ target }) => isAskedFor(target, read));
  const size = read.number("MaxResults") ?? MAX_PAGE;
  if (size < 1 || size > MAX_PAGE)
    throw invalidValue(`The value ${size} for parameter MaxResults is invalid: it must be 1 to ${MAX_PAGE}.`);
  const { items, ...next } = pageOfItems(found, read, size);
  return { AnomalyDetectors: items.map((detector) => detectorView(detector, insights, home)), ...next };
}

function isAskedFor(target: DetectorTarget, read: InputReader): boolean {
  const namespace = read.text("Namespace");
  const metricName = read.text("MetricName");
  const isFiltered = namespace !== undefined || metricName !== undefined || read.has("Dimensions");
  if (target.kind === "math") return !isFiltered;
  const { metric } = target;
  if (namespace !== undefined && metric.namespace !== namespace) return false;
  if (metricName !== undefined && metric.metricName !== metricName) return false;
  if (!read.has("Dimensions")) return true;
  const asked = (read.objects("Dimensions") ?? []).map((each) => [each.text("Name"), each.text("Value")]);
  return (
    asked.length === Object.keys(metric.dimensions).length &&
    asked.every(([name = "", value]) => metric.dimensions[name] === value)
  );
}

function detectorView(
  detector: AnomalyDetector,
  insights: RegionInsightsApi,
  { accountId, nowMs }: { readonly accountId: string; readonly nowMs: number },
): object {
  const { target, excludedRanges, timezone } = detector;
  const settings = {
    Configuration: {
      ExcludedTimeRanges: excludedRanges.map(({ startMs, endMs }) => ({
        StartTime: startMs / 1000,
        EndTime: endMs / 1000,
      })),
      ...(timezone !== undefined && { MetricTimezone: timezone }),
    },
    StateValue: stateOf(detector, insights, nowMs),
  };
  if (target.kind === "math")
    return {
      ...settings,
      MetricMathAnomalyDetector: { MetricDataQueries: target.queries.map(metricDataQueryView) },
    };
  const metric = { ...metricView(target.metric), Stat: target.stat };
  return { ...metric, ...settings, SingleMetricAnomalyDetector: { AccountId: accountId, ...metric } };
}

const MINUTE_MS = 60_000;

/** A model is trained with the minute after it was put. */
function stateOf(detector: AnomalyDetector, insights: RegionInsightsApi, nowMs: number): string {
  if (nowMs - detector.putMs < MINUTE_MS) return "PENDING_TRAINING";
  const points = insights.trainingPoints(detector, nowMs);
  return points < MIN_TRAINING_POINTS ? "TRAINED_INSUFFICIENT_DATA" : "TRAINED";
}
