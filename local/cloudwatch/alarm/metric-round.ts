import type { AlarmStatus } from "../alarm-definition.ts";
import type { MetricAlarm, NewState } from "../evaluation/metric-alarm.ts";
import type { AlarmRecord } from "./alarm-record.ts";

/**
 * Evaluates one metric alarm; gives its new state, or `undefined` while it stays as it is. What its data make throw
 * is kept in the record, for whoever evaluates to report, and touches neither its state nor any other alarm.
 */
export function evaluateMetric(
  record: AlarmRecord,
  metric: MetricAlarm,
  nowMs: number,
): NewState | undefined {
  try {
    const verdict = metric.verdict(nowMs);
    const stays = verdict === "retain" || verdict === record.status.state;
    const next = stays ? undefined : metric.explain(verdict, nowMs);
    if (record.failure !== undefined) delete record.failure;
    const state = metric.warmUp?.memory.over === false ? "IN_WARM_UP" : undefined;
    if (record.status.evaluationState !== state) noteEvaluation(record, state);
    return next;
  } catch (error) {
    record.failure = { alarmName: record.definition.alarmName, error };
    noteEvaluation(record, "EVALUATION_ERROR");
    return undefined;
  }
}

function noteEvaluation(record: AlarmRecord, evaluationState: AlarmStatus["evaluationState"]): void {
  const status: { -readonly [Key in keyof AlarmStatus]: AlarmStatus[Key] } = { ...record.status };
  delete status.evaluationState;
  record.status = evaluationState === undefined ? status : { ...status, evaluationState };
}
