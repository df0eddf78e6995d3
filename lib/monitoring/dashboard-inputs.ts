import type { AlarmWithAnnotation } from "cdk-monitoring-constructs";
import type { StageConfig } from "../config/stage-config.ts";
import type { AgentMetrics } from "./agent-metrics.ts";

/** What a dashboard is drawn from. */
export interface DashboardInputs {
  readonly config: StageConfig;
  readonly metrics: AgentMetrics;
  readonly logGroupName: string;
  /** The alarms that exist, by their key in the alarm table. */
  readonly alarms: ReadonlyMap<string, AlarmWithAnnotation>;
}
