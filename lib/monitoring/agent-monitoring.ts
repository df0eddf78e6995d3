import { ComparisonOperator, type CfnAlarm, type IWidget } from "aws-cdk-lib/aws-cloudwatch";
import {
  Monitoring,
  type AlarmFactory,
  type AlarmWithAnnotation,
  type IAlarmActionStrategy,
  type MonitoringFacade,
} from "cdk-monitoring-constructs";
import type { Severity } from "../names.ts";
import { MISSING_DATA } from "./missing-data.ts";
import type { PlannedAlarm } from "./planned-alarms.ts";

/** Alarms that were made, by their key in the alarm table. */
export type AlarmsByKey = ReadonlyMap<string, AlarmWithAnnotation>;

/** What the agent's monitoring is made of. */
export interface AgentMonitoringProps {
  readonly alarms: readonly PlannedAlarm[];
  /** Whom an alarm tells, by its severity. */
  readonly actions: Readonly<Record<Severity, IAlarmActionStrategy>>;
  /** Draws a dashboard by its name, given the alarms. */
  readonly draw: (dashboard: string, alarms: AlarmsByKey) => IWidget;
}

/** The alarms of the table and the widgets of every dashboard, as one segment of a monitoring facade. */
export class AgentMonitoring extends Monitoring {
  readonly #alarms: AlarmsByKey;
  readonly #draw: AgentMonitoringProps["draw"];

  constructor(scope: MonitoringFacade, props: AgentMonitoringProps) {
    super(scope);
    this.#draw = props.draw;
    const factory = this.createAlarmFactory("");
    this.#alarms = new Map(
      props.alarms.map((plan) => [plan.row.key, addAlarm(factory, plan, props.actions)]),
    );
    for (const alarm of this.#alarms.values()) this.addAlarm(alarm);
  }

  override widgetsForDashboard(name: string): IWidget[] {
    return [this.#draw(name, this.#alarms)];
  }

  /** Nothing: every widget belongs to one of the named dashboards. */
  override widgets(): IWidget[] {
    return [];
  }
}

function addAlarm(
  factory: AlarmFactory,
  { row, name, rule, window, description }: PlannedAlarm,
  actions: AgentMonitoringProps["actions"],
): AlarmWithAnnotation {
  const made = factory.addAlarm(rule.metric, {
    alarmNameSuffix: row.key,
    alarmNameOverride: name,
    alarmDescription: description,
    threshold: rule.threshold,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    datapointsToAlarm: rule.datapointsToAlarm,
    evaluationPeriods: rule.evaluationPeriods,
    treatMissingData: MISSING_DATA[rule.treatMissingData],
    actionOverride: actions[row.severity],
    overrideAnnotationLabel: `${row.key} alarms`,
  });
  // Only the resource itself knows this property.
  if (window !== undefined) (made.alarm.node.defaultChild as CfnAlarm).evaluationWindow = window;
  return made;
}
