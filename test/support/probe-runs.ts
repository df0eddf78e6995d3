import type { MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { AlarmTrial, type Change } from "./alarm-trial.ts";

const MINUTE = 60_000;

/** One run of the probe as an alarm gets to know of it. */
export interface ProbeRun {
  readonly startedMs: number;
  readonly failed: 0 | 1;
  /** From the start to the point in CloudWatch: how long the run took, and its line on the way. */
  readonly seenAfterMs: number;
}

/** When an alarm looks. */
export interface Looking {
  readonly fromMs: number;
  readonly untilMs: number;
  /** An alarm keeps to one second of the minute, and which one is chance. */
  readonly phaseMs: number;
}

/** Shows an alarm each run when its point arrives, and evaluates it every minute; gives its changes. */
export function watched(
  definition: MetricAlarmDefinition,
  runs: readonly ProbeRun[],
  { fromMs, untilMs, phaseMs }: Looking,
): readonly Change[] {
  const trial = new AlarmTrial([definition]);
  const coming = runs.toSorted((a, b) => a.startedMs + a.seenAfterMs - (b.startedMs + b.seenAfterMs));
  let next = 0;
  for (let nowMs = Math.floor(fromMs / MINUTE) * MINUTE + phaseMs; nowMs < untilMs; nowMs += MINUTE) {
    for (let run = coming[next]; run !== undefined; run = coming[next]) {
      if (run.startedMs + run.seenAfterMs > nowMs) break;
      trial.tellRun(run.failed, run.startedMs);
      next += 1;
    }
    trial.evaluateAt(nowMs);
  }
  return trial.changes;
}
