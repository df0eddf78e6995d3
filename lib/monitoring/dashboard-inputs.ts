import type { StageConfig } from "../config/stage-config.ts";
import type { AgentMetrics } from "./agent-metrics.ts";
import type { AlarmsByKey } from "./make-alarm.ts";

/** What a dashboard is drawn from. */
export interface DashboardInputs {
  readonly config: StageConfig;
  readonly metrics: AgentMetrics;
  /** The agent's log group, which the log widgets query. */
  readonly logGroupName: string;
  /** The probe's log group. */
  readonly probeLogGroupName: string;
  /** Where the Shortcut POSTs to. */
  readonly functionUrl: string;
  readonly alarms: AlarmsByKey;
  /** Where a document of docs/ can be read. */
  readonly docsLink: (path: string) => string;
}
