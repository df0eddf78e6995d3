import type { MetricAlarmDefinition } from "../alarm-definition.ts";
import { planAlarm } from "../evaluation/alarm-plan.ts";
import { QueryError } from "../query-error.ts";
import { AlarmError } from "./alarm-error.ts";
import type { AlarmSetting } from "./alarm-record.ts";

/** Reads one slot of an alarm's queries, so that a bad expression or statistic is refused when it is put. */
export function checkReadable(definition: MetricAlarmDefinition, { source, range }: AlarmSetting): void {
  const { queries, periodSeconds } = planAlarm(definition, range);
  try {
    source.readSeries(queries, { startMs: 0, periodSeconds, slots: 1 });
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw new AlarmError("ValidationError", error.message, { cause: error });
  }
}
