import type { MuteRuleDefinition } from "../alarm-definition.ts";
import { MuteSchedule, type MuteWindow } from "./mute-schedule.ts";

/** The rules that mute an alarm now. */
export interface Muting {
  /** The rule that was put last. */
  readonly ruleName: string;
  readonly others: number;
  /** The end of the last window to close, epoch milliseconds. */
  readonly window: MuteWindow;
}

/** All mute rules of an account and Region. */
export class MuteRules {
  readonly #schedules = new Map<string, MuteSchedule>();

  /** Creates or replaces a rule. */
  put(rule: MuteRuleDefinition): void {
    const schedule = new MuteSchedule(rule);
    this.#schedules.delete(rule.name);
    this.#schedules.set(rule.name, schedule);
  }

  delete(name: string): void {
    this.#schedules.delete(name);
  }

  /** Every rule, the one put last at the end. */
  list(): readonly MuteRuleDefinition[] {
    return [...this.#schedules.values()].map((schedule) => schedule.rule);
  }

  /** What mutes an alarm at `nowMs`; `undefined` when nothing does. */
  mutingOf(alarmName: string, nowMs: number): Muting | undefined {
    if (this.#schedules.size === 0) return undefined;
    const open = [...this.#schedules.values()].flatMap((schedule) => {
      const window = schedule.rule.alarmNames.includes(alarmName) ? schedule.windowAt(nowMs) : undefined;
      return window === undefined ? [] : [{ ruleName: schedule.rule.name, window }];
    });
    const newest = open.at(-1);
    if (newest === undefined) return undefined;
    const endMs = Math.max(...open.map(({ window }) => window.endMs));
    return { ...newest, others: open.length - 1, window: { ...newest.window, endMs } };
  }
}
