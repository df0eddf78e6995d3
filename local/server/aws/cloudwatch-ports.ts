import type { AlarmDefinition, MuteRuleDefinition } from "@wrist-agent/cloudwatch/alarm";
import type { AlarmHistoryItem } from "@wrist-agent/cloudwatch/alarms/alarm-history";
import type { StateSetting } from "@wrist-agent/cloudwatch/alarms/alarm-limits";
import type { DescribedAlarm } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { ContributorInsights, InsightRule } from "@wrist-agent/cloudwatch/logs/contributor-insights";
import type { AnomalyDetector } from "@wrist-agent/cloudwatch/math/anomaly-detector";
import type { Datum, MetricIdentity, ReadSeries } from "@wrist-agent/cloudwatch/metric";
import type { StoredMetric } from "@wrist-agent/cloudwatch/metrics/metric-store";
import type { DrawWidget } from "./cloudwatch-widget-image.ts";
import type { Input } from "./service.ts";

/** The alarms of a Region; whoever implements it knows the time and acts on transitions. */
export interface RegionAlarms {
  describe(): readonly DescribedAlarm[];
  has(alarmName: string): boolean;
  history(alarmName?: string): readonly AlarmHistoryItem[];
  put(definition: AlarmDefinition): void;
  setState(alarmName: string, setting: StateSetting): void;
  enableActions(alarmNames: readonly string[]): void;
  disableActions(alarmNames: readonly string[]): void;
  delete(alarmNames: readonly string[]): void;
  muteRules(): readonly MuteRuleDefinition[];
  /** Creates or replaces; a rule that CloudWatch would refuse is refused, and nothing is written down. */
  putMuteRule(rule: MuteRuleDefinition): void;
  deleteMuteRule(name: string): void;
}

/** The metrics of a Region, for whoever takes data in and passes questions on. */
export interface RegionMetrics {
  /** Refuses a call that would make more metrics than are kept. */
  put(data: readonly Datum[]): void;
  /** Answers an operation that reads; an `AwsError` is thrown where AWS refuses. */
  answer(call: MetricsCall): Promise<object>;
}

/** A call of an operation that reads metrics, as it is sent to whoever reads them. */
export interface MetricsCall {
  readonly operation: MetricsOperation;
  readonly region: string;
  readonly input: Input;
  readonly nowMs: number;
}

/** The operations that read metrics. */
export type MetricsOperation = "GetMetricData" | "GetMetricStatistics" | "ListMetrics";

/** The metrics of a Region, for whoever reads them. */
export interface StoredMetrics {
  list(): readonly StoredMetric[];
  /** In the order in which CloudWatch prefers them; none of a metric that has no data. */
  unitsOf(metric: MetricIdentity): readonly string[];
  readonly readSeries: ReadSeries;
}

/** The anomaly detectors and Contributor Insights rules of a Region. */
export interface RegionInsightsApi {
  detectors(): readonly AnomalyDetector[];
  putDetector(detector: AnomalyDetector): void;
  deleteDetector(key: string): void;
  /** How many points of the last two weeks a detector learns from. */
  trainingPoints(detector: AnomalyDetector, nowMs: number): number;
  readonly rules: Pick<ContributorInsights, "list" | "find" | "shape" | "totals">;
  putRule(rule: InsightRule): void;
  deleteRule(name: string): void;
}

/** CloudWatch in one Region. */
export interface RegionApi {
  readonly insights: RegionInsightsApi;
  readonly alarms: RegionAlarms;
  readonly metrics: RegionMetrics;
}

/** A dashboard that is there, from a template or through the API. */
export interface StoredDashboard {
  readonly name: string;
  /** JSON text. */
  readonly body: string;
  /** Epoch milliseconds. */
  readonly modifiedMs: number;
}

/** The dashboards of an account: they belong to no Region. */
export interface Dashboards {
  list(): readonly StoredDashboard[];
  put(name: string, body: string): void;
  delete(names: readonly string[]): void;
}

/** Tags by the ARN of their resource. */
export interface TagsPort {
  /** In the order in which they were put; none of what is not there. */
  of(resourceArn: string): Readonly<Record<string, string>>;
  /** Replaces all tags of a resource. */
  put(resourceArn: string, tags: Readonly<Record<string, string>>): void;
}

/** CloudWatch in every Region that runs here. */
export interface CloudWatchAccount {
  readonly accountId: string;
  /** Where calls without a signature go. */
  readonly homeRegion: string;
  readonly regions: Readonly<Record<string, RegionApi>>;
  readonly dashboards: Dashboards;
  readonly drawWidget: DrawWidget;
  readonly tags: TagsPort;
  readonly now: () => number;
}
