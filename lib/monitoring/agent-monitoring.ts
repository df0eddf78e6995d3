import { ComparisonOperator, TreatMissingData, type IWidget } from "aws-cdk-lib/aws-cloudwatch";
import {
  Monitoring,
  type AlarmWithAnnotation,
  type IAlarmActionStrategy,
  type MonitoringFacade,
} from "cdk-monitoring-constructs";
import type { Severity } from "../names.ts";
import type { AlarmRow, AlarmRule } from "./alarm-row.ts";

const MISSING: Readonly<Record<AlarmRule["treatMissingData"], TreatMissingData>> = {
  ignore: TreatMissingData.IGNORE,
  notBreaching: TreatMissingData.NOT_BREACHING,
  breaching: TreatMissingData.BREACHING,
};

/** One alarm to make: its row, its condition and its text. */
export interface PlannedAlarm {
  readonly row: AlarmRow;
  readonly rule: AlarmRule;
  readonly description: string;
}

/** What the agent's monitoring is made of. */
export interface AgentMonitoringProps {
  readonly alarms: readonly PlannedAlarm[];
  readonly actions: Readonly<Record<Severity, IAlarmActionStrategy>>;
  /** Draws a dashboard, given the alarms that exist. */
  readonly draw: (dashboard: string, alarms: ReadonlyMap<string, AlarmWithAnnotation>) => readonly IWidget[];
}

/** The alarms of the table and the widgets of every dashboard, as one segment of a monitoring facade. */
export class AgentMonitoring extends Monitoring {
  readonly #alarms = new Map<string, AlarmWithAnnotation>();
  readonly #draw: AgentMonitoringProps["draw"];

  constructor(scope: MonitoringFacade, props: AgentMonitoringProps) {
    super(scope);
    this.#draw = props.draw;
    const factory = this.createAlarmFactory("");
    for (const { row, rule, description } of props.alarms) {
      const alarm = factory.addAlarm(rule.metric, {
        alarmNameSuffix: row.key,
        alarmDescription: description,
        threshold: rule.threshold,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        datapointsToAlarm: rule.datapointsToAlarm,
        evaluationPeriods: rule.evaluationPeriods,
        treatMissingData: MISSING[rule.treatMissingData],
        actionOverride: props.actions[row.severity],
      });
      this.addAlarm(alarm);
      this.#alarms.set(row.key, alarm);
    }
  }

  override widgetsForDashboard(name: string): IWidget[] {
    return [...this.#draw(name, this.#alarms)];
  }

  /** Every widget belongs to a named dashboard. */
  override widgets(): IWidget[] {
    return [];
  }
}
