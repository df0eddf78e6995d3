import type { IWidget } from "aws-cdk-lib/aws-cloudwatch";
import { Monitoring, type MonitoringFacade } from "cdk-monitoring-constructs";
import { makeAlarms, type AlarmMaking, type AlarmsByKey } from "./alarm/make-alarm.ts";
import type { PlannedAlarms } from "./alarm/planned-alarms.ts";

/** What the agent's monitoring is made of. */
export interface AgentMonitoringProps extends PlannedAlarms, Pick<AlarmMaking, "topics"> {
  /** Draws a dashboard by its name, given the alarms. */
  readonly draw: (dashboard: string, alarms: AlarmsByKey) => IWidget;
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

  override widgetsForDashboard(name: string): IWidget[] {
    return [this.#draw(name, this.alarmsByKey)];
  }

  /** Nothing: every widget belongs to one of the named dashboards. */
  override widgets(): IWidget[] {
    return [];
  }
}
