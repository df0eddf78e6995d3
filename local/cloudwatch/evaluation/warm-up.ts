import type { MetricAlarmDefinition } from "../alarm-definition.ts";
import type { AlarmPlan } from "./alarm-plan.ts";
import type { PointWindow } from "../window/point-window.ts";

/** What a warm-up must remember over a restart; it happens once and never restarts. */
export interface WarmUpMemory {
  readonly over: boolean;
  /** When the first point was there, epoch milliseconds. */
  readonly firstDataMs?: number;
}

type WarmUpSetting = NonNullable<MetricAlarmDefinition["warmUp"]>;

/**
 * Holds a new alarm in INSUFFICIENT_DATA until its time is over or its window can be filled.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-warm-up.html
 */
export class WarmUp {
  readonly #endMs: number;
  readonly #spanMs: number;
  readonly #periodMs: number;
  readonly #onlyAfterEnd: boolean;
  readonly #createdMs: number;
  #over: boolean;
  #firstDataMs: number | undefined;

  constructor(
    plan: AlarmPlan,
    setting: WarmUpSetting,
    alarm: { readonly createdMs: number; readonly warmUp?: WarmUpMemory },
  ) {
    this.#createdMs = alarm.createdMs;
    this.#endMs = alarm.createdMs + setting.minutes * 60_000;
    this.#periodMs = plan.periodSeconds * 1000;
    this.#spanMs = plan.periodSeconds * plan.evaluationPeriods * 1000;
    this.#onlyAfterEnd = setting.onlyAfterEnd ?? false;
    this.#over = alarm.warmUp?.over ?? false;
    this.#firstDataMs = alarm.warmUp?.firstDataMs;
  }

  /** For a snapshot. */
  get memory(): WarmUpMemory {
    return this.#firstDataMs === undefined
      ? { over: this.#over }
      : { over: this.#over, firstDataMs: this.#firstDataMs };
  }

  /** Whether the alarm still warms up at `nowMs`. */
  isOn(window: PointWindow, nowMs: number): boolean {
    if (this.#over) return false;
    this.#firstDataMs ??= this.#firstData(window, nowMs);
    const filled = this.#firstDataMs !== undefined && nowMs >= this.#firstDataMs + this.#spanMs;
    this.#over = nowMs >= this.#endMs || (filled && !this.#onlyAfterEnd);
    return !this.#over;
  }

  /** Data older than the alarm began with its oldest point; data that appear later, in the minute before now. */
  #firstData(window: PointWindow, nowMs: number): number | undefined {
    const oldest = window.values.slice(window.first, window.first + window.slots).findIndex(isPoint);
    if (oldest < 0) return undefined;
    const startMs = window.startMs(oldest);
    return startMs + this.#periodMs <= this.#createdMs ? startMs : nowMs - 60_000;
  }
}

function isPoint(value: number | undefined): boolean {
  return value !== undefined;
}
