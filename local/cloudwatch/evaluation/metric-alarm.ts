import type { AlarmStatus, MetricAlarmDefinition } from "../alarm-definition.ts";
import { type AlarmPlan, planAlarm } from "./alarm-plan.ts";
import type { AlarmSource } from "../window/alarm-source.ts";
import type { EvaluationRange } from "./evaluation-range.ts";
import { type JudgedPoint, judgement, windowPoints } from "../reason/judged-points.ts";
import type { Verdict } from "./missing-data.ts";
import type { PointWindow } from "../window/point-window.ts";
import { SlidingWindow } from "../window/sliding-window.ts";
import { stateReason } from "../reason/state-reason.ts";
import { stateReasonData } from "../reason/state-reason-data.ts";
import { WindowJudge } from "./tally.ts";
import { WallClockWindow } from "../window/wall-clock-window.ts";
import { WarmUp, type WarmUpMemory } from "./warm-up.ts";

/** What a metric alarm evaluates with. */
export interface EvaluationSetting {
  readonly source: AlarmSource;
  readonly range: EvaluationRange;
  /** When the alarm was created: multi-day alarms keep that minute of the hour. Epoch milliseconds. */
  readonly createdMs: number;
  readonly warmUp?: WarmUpMemory;
}

/** The new value, reason and reason data of a state. */
export type NewState = Pick<AlarmStatus, "state" | "stateReason" | "stateReasonData">;

const JUDGE = new WindowJudge();

/** A metric alarm in evaluation: its plan, its window over the data, and when it is due again. */
export class MetricAlarm {
  readonly plan: AlarmPlan;
  readonly warmUp: WarmUp | undefined;
  readonly #window: PointWindow & { moveTo(nowMs: number): PointWindow };
  readonly #cadenceMs: number;
  readonly #phaseMs: number;
  #turn = NaN;

  constructor(definition: MetricAlarmDefinition, setting: EvaluationSetting) {
    this.plan = planAlarm(definition, setting.range);
    this.#window =
      this.plan.zone === undefined
        ? new SlidingWindow(this.plan, setting.source)
        : new WallClockWindow(this.plan, setting.source, this.plan.zone);
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

  /** The state that the data give at `nowMs`; `retain` also while the alarm warms up. */
  verdict(nowMs: number): Verdict {
    const window = this.#window.moveTo(nowMs);
    if (this.warmUp?.isOn(window, nowMs) === true) return "retain";
    return JUDGE.verdict(this.plan, window);
  }

  /** Puts the last verdict into words; to be called right after {@link verdict}. */
  explain(state: AlarmStatus["state"], queryMs: number): NewState {
    const judged = judgement(this.plan, this.#window, { state, queryMs });
    return { state, stateReason: stateReason(judged), stateReasonData: stateReasonData(judged) };
  }

  /** Every slot that the last evaluation saw, newest first. */
  seen(): readonly JudgedPoint[] {
    return windowPoints(this.plan, this.#window);
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
