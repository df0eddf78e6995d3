import type { Severity } from "../names.ts";
import type { MetricWithAlarmSupport } from "cdk-monitoring-constructs";
import type { AgentMetrics } from "./agent-metrics.ts";
import type { StageConfig } from "../config/stage-config.ts";

/** What a row of the alarm table is computed from. */
export interface AlarmInputs {
  readonly config: StageConfig;
  readonly metrics: AgentMetrics;
}

/** The condition of an alarm, in CloudWatch's terms. */
export interface AlarmRule {
  /** One metric, or an expression over several: its period is the alarm's. */
  readonly metric: MetricWithAlarmSupport;
  readonly threshold: number;
  /** M of N: `datapointsToAlarm` of `evaluationPeriods` points must reach the threshold. */
  readonly datapointsToAlarm: number;
  readonly evaluationPeriods: number;
  readonly treatMissingData: "ignore" | "notBreaching" | "breaching";
}

/** One row of the alarm table. */
export interface AlarmRow {
  /** Last part of the alarm's name, its runbook's file name, its key. */
  readonly key: string;
  readonly severity: Severity;
  /** `default` is always there, `full` only when the stage asks for it. */
  readonly profile: "default" | "full";
  /** What happened. */
  readonly happened: (inputs: AlarmInputs) => string;
  /** What it means for whoever dictates. */
  readonly means: string;
  /** What to do first. */
  readonly firstStep: string;
  /** Why period, M of N, threshold and missing data are as they are. */
  readonly why: string;
  readonly rule: (inputs: AlarmInputs) => AlarmRule;
}
