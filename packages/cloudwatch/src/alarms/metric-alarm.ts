import type { AlarmStatus, MetricAlarmDefinition } from "../alarm.ts";
import { type AlarmPlan, type EvaluationRange, planAlarm } from "./alarm-plan.ts";
import type { AlarmSource, PointWindow } from "./alarm-points.ts";
import { DATAPOINT_COUNTER, type EvaluationOutcome } from "./evaluate-datapoints.ts";
import { SlidingWindow } from "./sliding-window.ts";
import {
  type EvaluatedDatapoint,
  stateEvaluation,
  stateReason,
  stateReasonData,
  windowDatapoints,
} from "./state-reason.ts";
import { WallClockWindow } from "./wall-clock-window.ts";

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
class WarmUp {
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

  /**
   * Data older than the alarm began with its oldest point; data that appear later, in the minute before now.
   */
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

const MINUTE_SECONDS = 60;

/**
 * Until when evaluations find what the last one found, because the same points are there or because the next
 * ones, which are read already, come to the same. A period of more than a minute has a window for each of its
 * minutes: each of them has a time of its own.
 */
class SteadyOutcome {
  readonly #source: AlarmSource;
  readonly #plan: AlarmPlan;
  readonly #untilMs: Float64Array;
  #revision: number | undefined;

  constructor(plan: AlarmPlan, source: AlarmSource) {
    this.#plan = plan;
    this.#source = source;
    this.#untilMs = new Float64Array(Math.ceil(plan.periodSeconds / MINUTE_SECONDS));
  }

  /** Whether an evaluation at `nowMs` finds what the last one of this phase found. */
  covers(window: PointWindow, nowMs: number): boolean {
    const untilMs = this.#untilMs[this.#untilMs.length === 1 ? 0 : window.phase(nowMs)] ?? 0;
    return nowMs < untilMs && this.#source.revision?.(this.#plan.queries) === this.#revision;
  }

  /**
   * Notes that evaluations of this phase find the same until then. A source that reports no changes may
   * change at any time.
   */
  note(window: PointWindow, nowMs: number, untilMs: number): void {
    const revision = this.#source.revision?.(this.#plan.queries);
    if (revision === undefined) return;
    if (revision !== this.#revision) this.forget();
    this.#revision = revision;
    this.#untilMs[window.phase(nowMs)] = untilMs;
  }

  /** For a state that was set otherwise: what was found is to be found again. */
  forget(): void {
    this.#untilMs.fill(0);
  }
}

interface MovingWindow extends PointWindow {
  /** Moves to what an evaluation at `nowMs` sees. */
  moveTo(nowMs: number): PointWindow;
  /** Moves to what an evaluation saw that was spared: whatever arrived since is no part of it. */
  showAgain(nowMs: number): void;
}

/** What a metric alarm evaluates with. */
interface EvaluationSetting {
  readonly source: AlarmSource;
  readonly range: EvaluationRange;
  /** When the alarm was created: multi-day alarms keep that minute of the hour. Epoch milliseconds. */
  readonly createdMs: number;
  readonly warmUp?: WarmUpMemory;
}

/** The new value, reason and reason data of a state. */
export type NewState = Pick<AlarmStatus, "state" | "stateReason" | "stateReasonData">;

/** A metric alarm in evaluation: its plan, its window over the data, and when it is due again. */
export class MetricAlarm {
  readonly plan: AlarmPlan;
  readonly warmUp: WarmUp | undefined;
  readonly #window: MovingWindow;
  readonly #cadenceMs: number;
  readonly #phaseMs: number;
  #turn = NaN;
  /** What the window was judged as, and when it last looked different. */
  #outcome: EvaluationOutcome = "retain";
  #judgedVersion = -1;
  readonly #steady: SteadyOutcome;
  /**
   * Time of the last evaluation that was spared, until another one moves the window; epoch milliseconds, or
   * NaN.
   */
  #sparedMs = NaN;

  constructor(definition: MetricAlarmDefinition, setting: EvaluationSetting) {
    this.plan = planAlarm(definition, setting.range);
    this.#window =
      this.plan.zone === undefined
        ? new SlidingWindow(this.plan, setting.source)
        : new WallClockWindow(this.plan, setting.source, this.plan.zone);
    this.#steady = new SteadyOutcome(this.plan, setting.source);
    this.#cadenceMs = cadenceMs(this.plan);
    this.#phaseMs = this.#cadenceMs === HOUR_MS ? wholeMinutes(setting.createdMs) % HOUR_MS : 0;
    this.warmUp = definition.warmUp && new WarmUp(this.plan, definition.warmUp, setting);
  }

  /** Whether a turn has begun since the last evaluation. */
  isDue(nowMs: number): boolean {
    const turn = Math.floor((nowMs - this.#phaseMs) / this.#cadenceMs);
    if (turn === this.#turn) return false;
    this.#turn = turn;
    return true;
  }

  /** Whether {@link evaluate} would find what it found when {@link holdSteady} was called. */
  isSteady(nowMs: number): boolean {
    if (!this.#steady.covers(this.#window, nowMs)) return false;
    this.#sparedMs = nowMs;
    return true;
  }

  /**
   * To be called right after an evaluation that left the alarm as it was: those that must find the same are
   * spared.
   */
  holdSteady(nowMs: number): void {
    if (this.warmUp?.memory.over === false) return;
    const steps = DATAPOINT_COUNTER.steadySteps(this.plan, this.#window, this.#outcome);
    this.#steady.note(this.#window, nowMs, this.#window.seenUntilMs(steps));
  }

  /** To be called when the alarm's state changed: the next evaluation compares anew. */
  stirUp(): void {
    this.#steady.forget();
  }

  /** The state that the data give at `nowMs`; `retain` also while the alarm warms up. */
  evaluate(nowMs: number): EvaluationOutcome {
    const window = this.#window.moveTo(nowMs);
    this.#sparedMs = NaN;
    if (this.warmUp?.isOn(window, nowMs) === true) return "retain";
    if (window.version !== this.#judgedVersion) this.#outcome = DATAPOINT_COUNTER.evaluate(this.plan, window);
    this.#judgedVersion = window.version;
    return this.#outcome;
  }

  /** Puts the last verdict into words; to be called right after {@link evaluate}. */
  explain(state: AlarmStatus["state"], queryMs: number): NewState {
    const judged = stateEvaluation(this.plan, this.#window, { state, queryMs });
    return { state, stateReason: stateReason(judged), stateReasonData: stateReasonData(judged) };
  }

  /** Every slot that the last evaluation saw, newest first. */
  evaluatedDatapoints(): readonly EvaluatedDatapoint[] {
    if (!Number.isNaN(this.#sparedMs)) this.#window.showAgain(this.#sparedMs);
    return windowDatapoints(this.plan, this.#window);
  }
}

const HOUR_MS = 3_600_000;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html */
function cadenceMs(plan: AlarmPlan): number {
  if (plan.periodSeconds < 60) return 10_000;
  return plan.periodSeconds * plan.evaluationPeriods > 86_400 ? HOUR_MS : 60_000;
}

function wholeMinutes(ms: number): number {
  return Math.floor(ms / 60_000) * 60_000;
}
