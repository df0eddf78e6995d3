import type { IWidget } from "aws-cdk-lib/aws-cloudwatch";
import { Monitoring, type MonitoringFacade } from "cdk-monitoring-constructs";
import type { StageConfig } from "../config/stage-config.ts";
import { type AlarmContext, type AlarmsByKey, makeAlarms } from "./make-alarms.ts";
import type { AgentMetrics, MetricSource } from "./metrics.ts";
import type { PlannedAlarms } from "./plan-alarms.ts";
import type { DashboardName } from "../names.ts";

/** What the agent's monitoring is made of. */
export interface AgentMonitoringProps extends PlannedAlarms, Pick<AlarmContext, "topics"> {
  /** Draws a dashboard by its name, given the alarms. */
  readonly draw: (dashboard: DashboardName, alarms: AlarmsByKey) => IWidget;
}

/** The alarms of the table and the widgets of every dashboard, as one segment of a monitoring facade. */
export class AgentMonitoring extends Monitoring {
  /** The alarms that the stage has. */
  readonly alarmsByKey: AlarmsByKey;
  readonly #draw: AgentMonitoringProps["draw"];

  constructor(scope: MonitoringFacade, props: AgentMonitoringProps) {
    super(scope);
    this.#draw = props.draw;
    const { topics } = props;
    this.alarmsByKey = makeAlarms({ scope, factory: this.createAlarmFactory(""), topics }, props);
  }

  /** The facade asks for the dashboards that the stack has named, and for no other. */
  override widgetsForDashboard(name: string): IWidget[] {
    return [this.#draw(name as DashboardName, this.alarmsByKey)];
  }

  /** Nothing: every widget belongs to one of the named dashboards. */
  override widgets(): IWidget[] {
    return [];
  }
}

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
