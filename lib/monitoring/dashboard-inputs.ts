import type { StageConfig } from "../config/stage-config.ts";
import type { AgentMetrics } from "./metrics/agent-metrics.ts";
import type { AlarmsByKey } from "./alarm/make-alarm.ts";
import type { MetricSource } from "./table/alarm-row.ts";

/** Metrics that are read in another Region. */
export interface RegionMetrics {
  readonly region: string;
  readonly metrics: AgentMetrics;
}

/** What a dashboard is drawn from. */
export interface DashboardInputs {
  readonly config: StageConfig;
  readonly metrics: AgentMetrics;
  /** The agent's log group, which the log widgets query. */
  readonly logGroupName: string;
  /** The probe's log group. */
  readonly probeLogGroupName: string;
  /** What people call the thing that is watched. */
  readonly title: string;
  /** Where the Shortcut POSTs to; nothing for a function without a URL. */
  readonly functionUrl: string | undefined;
  /** Whose metrics there are; no row reads others. */
  readonly sources: ReadonlySet<MetricSource>;
  /** The same stage elsewhere. */
  readonly otherRegions: readonly RegionMetrics[];
  readonly alarms: AlarmsByKey;
  /** Where a document of docs/ can be read. */
  readonly docsLink: (path: string) => string;
}
