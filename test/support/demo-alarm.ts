import type { AlarmDetail, AlarmStateSpan } from "../../local/server/wire.ts";
import { metricWidget } from "./demo-dashboard.ts";

const HOUR = 3_600_000;
const PERIOD = 300_000;

interface DemoAlarm {
  readonly nowMs: number;
  /** When it went into ALARM; it is OK when missing. */
  readonly raisedMs?: number;
}

/**
 * An alarm that judges whether at least three requests of five minutes failed, over an hour; three of four
 * did when it is raised.
 */
export function demoAlarmDetail(alarmName: string, { nowMs, raisedMs }: DemoAlarm): AlarmDetail {
  const startMs = nowMs - HOUR;
  const isRaised = raisedMs !== undefined;
  const line = (id: string, last: number | null) => ({
    id,
    label: id,
    yAxis: "left" as const,
    startMs,
    periodSeconds: PERIOD / 1000,
    values: Array.from({ length: 12 }, (_none, i) => (i === 11 ? last : i % 3 === 0 ? 0 : null)),
  });
  const count = { unit: "Count", stat: "Sum", metricName: "Failure", dimensions: {}, samples: 4 };
  const ok: AlarmStateSpan = { state: "OK", fromMs: startMs, toMs: raisedMs ?? nowMs };
  return {
    alarmName,
    startMs,
    endMs: nowMs,
    charts: [
      metricWidget({
        title: alarmName,
        series: [line("failing", isRaised ? 1 : 0)],
        horizontal: [{ value: 1, label: "failing >= 1", yAxis: "left" }],
      }),
      metricWidget({ title: "Metrics that it is computed from", series: [line("failed", isRaised ? 3 : 0)] }),
    ],
    states: isRaised ? [ok, { state: "ALARM", fromMs: raisedMs, toMs: nowMs }] : [ok],
    evaluated: [
      {
        startMs: nowMs - PERIOD,
        endMs: nowMs,
        value: isRaised ? 1 : 0,
        isBreaching: isRaised,
        inputs: [
          { id: "failed", label: "failed", value: isRaised ? 3 : 0, ...count },
          { id: "served", label: "served", value: isRaised ? 1 : 4, ...count, metricName: "Latency" },
        ],
      },
    ],
    lastSet: null,
    actions: [
      { state: "ALARM", targets: ["wrist-agent-development-page"] },
      { state: "OK", targets: ["wrist-agent-development-page"] },
      { state: "INSUFFICIENT_DATA", targets: [] },
    ],
  };
}
