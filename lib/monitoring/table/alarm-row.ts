import type { MetricWithAlarmSupport } from "cdk-monitoring-constructs";
import type { StageConfig } from "../../config/stage-config.ts";
import type { Severity } from "../../names.ts";
import type { AgentMetrics } from "../agent-metrics.ts";
import type { AlarmWindow } from "./alarm-window.ts";

/**
 * Who emits the metrics that a row reads: the agent's own lines, Lambda, the Function URL, CloudWatch Logs of the agent's
 * lines, the probe, Bedrock, or the account's billing. A stage has only the rows whose metrics somebody emits.
 */
export type MetricSource = "custom" | "lambda" | "url" | "log" | "probe" | "model" | "billing";

/** What a row of the alarm table is computed from. */
export interface AlarmInputs {
  readonly config: StageConfig;
  readonly metrics: AgentMetrics;
  /** Whose metrics there are; everybody's when missing. */
  readonly sources?: ReadonlySet<MetricSource>;
}

/** The condition of an alarm, in CloudWatch's terms; a point breaches when it reaches the threshold. */
export interface AlarmRule {
  /** One metric, or an expression over several: its period is the alarm's. */
  readonly metric: MetricWithAlarmSupport;
  readonly threshold: number;
  /** M of N: this many of the last `evaluationPeriods` points must breach. */
  readonly datapointsToAlarm: number;
  readonly evaluationPeriods: number;
  readonly treatMissingData: "ignore" | "notBreaching";
}

/** What an alarm's mail and its runbook say. */
export type AlarmText = Omit<AlarmRow, "rule">;

/** One row of an alarm table; `Inputs` is what its rule reads. */
export interface AlarmRow<Inputs = AlarmInputs> {
  /** Last part of the alarm's name, its runbook's file name, its key. */
  readonly key: string;
  readonly severity: Severity;
  /** `default` is always there, `full` only when the stage asks for it. */
  readonly profile: "default" | "full";
  readonly needs: MetricSource;
  /** What happened. */
  readonly happened: (config: StageConfig) => string;
  /** What it means for whoever dictates. */
  readonly means: string;
  /** What to do first. */
  readonly firstStep: string;
  /** What to do after that, one step each: the rest of the runbook. */
  readonly thenSteps: readonly string[];
  readonly window: AlarmWindow;
  /** Why period, M of N, threshold and missing data are as they are. */
  readonly why: string;
  /** Requests that one day must hold at least for the rule to fire; 1 when missing. */
  readonly requestsNeeded?: (config: StageConfig) => number;
  readonly rule: (inputs: Inputs) => AlarmRule;
}
