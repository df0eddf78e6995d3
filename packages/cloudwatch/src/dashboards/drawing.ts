import type { AlarmDefinition, AlarmState } from "../alarm.ts";
import type { ReadSeries } from "../metric.ts";

/** What a dashboard shows of an alarm. */
export interface DashboardAlarm {
  readonly definition: AlarmDefinition;
  readonly state: AlarmState;
  /** Epoch milliseconds of the last change of state or reason. */
  readonly stateUpdatedMs: number;
}

/** A Logs Insights query of a log widget over a time range. */
export interface DashboardLogQuery {
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** What a log query found, as texts. */
export interface LogTable {
  readonly fields: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** What a dashboard needs to be drawn. */
export interface DashboardPorts {
  readonly readSeries: ReadSeries;
  /** An alarm by its ARN or name. */
  readonly alarm: (arn: string) => DashboardAlarm | undefined;
  /** Runs a log query; an error that it throws is shown in the widget's place. */
  readonly logs: (query: DashboardLogQuery) => LogTable;
}

/** A span of time, epoch milliseconds; `endMs` is exclusive. */
export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** What every widget is drawn with. */
export interface Drawing {
  readonly ports: DashboardPorts;
  readonly range: TimeRange;
  readonly periodOverride: "auto" | "inherit";
  /** Names something that is not drawn, or not drawn as CloudWatch would. */
  readonly notice: (text: string) => void;
}

/** A widget that cannot be drawn, with the reason to show in its place. */
export class RefusedWidget extends Error {
  override readonly name = "RefusedWidget";
}
