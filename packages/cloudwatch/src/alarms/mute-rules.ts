import { AlarmError, type MuteRuleDefinition } from "../alarm.ts";
import { cronMatches, parseMuteCron } from "../cron.ts";
import { zonedInstant, zoneOffset } from "../zoned-time.ts";

/** A time during which a rule holds actions back, epoch milliseconds. */
interface MuteWindow {
  readonly startMs: number;
  readonly endMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/;

/**
 * When a mute rule is active: follows time minute by minute.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-mute-rules.html
 */
export class MuteSchedule {
  readonly rule: MuteRuleDefinition;
  readonly #durationMs: number;
  readonly #startsAt: (ms: number) => boolean;
  #checkedMs: number | undefined;
  #window: MuteWindow | undefined;

  constructor(rule: MuteRuleDefinition) {
    checkTexts(rule);
    this.rule = rule;
    this.#durationMs = muteDurationMs(rule.duration);
    this.#startsAt = startsAt(rule);
  }

  /** The window that is open at `nowMs`. */
  windowAt(nowMs: number): MuteWindow | undefined {
    const minute = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    const from = Math.max((this.#checkedMs ?? -Infinity) + MINUTE_MS, minute - this.#durationMs + MINUTE_MS);
    for (let ms = from; ms <= minute; ms += MINUTE_MS)
      if (this.#startsAt(ms)) this.#window = this.#windowFrom(ms);
    this.#checkedMs = minute;
    return this.#window !== undefined && nowMs < this.#window.endMs ? this.#window : undefined;
  }

  /** A window that is open when its rule expires closes then. */
  #windowFrom(startMs: number): MuteWindow {
    const { expireMs = Infinity } = this.rule;
    return { startMs, endMs: Math.min(startMs + this.#durationMs, expireMs) };
  }
}

/** What a mute rule does now: it waits for its next window, mutes, or will never mute again. */
export const MUTE_RULE_STATUSES = ["SCHEDULED", "ACTIVE", "EXPIRED"] as const;

/** The status of a rule at an instant. */
export function muteRuleStatus(rule: MuteRuleDefinition, nowMs: number): (typeof MUTE_RULE_STATUSES)[number] {
  if (new MuteSchedule(rule).windowAt(nowMs) !== undefined) return "ACTIVE";
  const { expireMs = Infinity } = rule;
  return nowMs >= Math.min(expireMs, lastStartMs(rule)) ? "EXPIRED" : "SCHEDULED";
}

/** Whether a rule mutes once. */
export function isOneTimeMuteRule({ expression }: MuteRuleDefinition): boolean {
  return expression.startsWith("at(");
}

/** When the window of a rule for once opens; a recurring one has no last window. */
function lastStartMs({ expression, timezone = "UTC" }: MuteRuleDefinition): number {
  const [, text] = /^at\((.*)\)$/.exec(expression) ?? [];
  const offset = zoneOffset(timezone);
  if (text === undefined || offset === undefined) return Infinity;
  return zonedInstant(Date.parse(`${text}:00Z`), offset) ?? -Infinity;
}

/** Refuses a rule that CloudWatch would refuse. */
export function checkMuteRule(rule: MuteRuleDefinition): void {
  void new MuteSchedule(rule);
}

function checkTexts(rule: MuteRuleDefinition): void {
  if (rule.name.length < 1 || rule.name.length > 255) throw muteRuleError("Name takes 1 to 255 characters");
  if ((rule.description ?? "").length > 1024) throw muteRuleError("Description takes up to 1024 characters");
  if (rule.alarmNames.length > 100) throw muteRuleError("a mute rule takes up to 100 alarm names");
}

/** One minute to fifteen days. */
function muteDurationMs(text: string): number {
  const [, days = "0", hours = "0", minutes = "0"] = DURATION.exec(text) ?? [];
  const ms = Number(days) * DAY_MS + Number(hours) * 60 * MINUTE_MS + Number(minutes) * MINUTE_MS;
  if (ms < MINUTE_MS || ms > 15 * DAY_MS) throw muteRuleError(`Duration "${text}" must be from PT1M to P15D`);
  return ms;
}

function startsAt(rule: MuteRuleDefinition): (ms: number) => boolean {
  const offset = zoneOffset(rule.timezone ?? "UTC");
  if (offset === undefined) throw muteRuleError(`Timezone "${rule.timezone ?? ""}" is not an IANA name`);
  const matches = localMatch(rule.expression);
  const { startMs = -Infinity, expireMs = Infinity } = rule;
  return (ms) => ms >= startMs && ms < expireMs && matches(ms + offset(ms));
}

/** Whether a window opens at a local minute written as if it were UTC. */
function localMatch(expression: string): (localMs: number) => boolean {
  const [, kind, text = ""] = /^(cron|at)\((.*)\)$/.exec(expression) ?? [];
  if (kind === "at") return atMatch(text, expression);
  const cron = kind === "cron" ? parseMuteCron(text) : undefined;
  if (cron === undefined) throw muteExpressionError(expression);
  return (localMs) => cronMatches(cron, localMs);
}

function atMatch(text: string, expression: string): (localMs: number) => boolean {
  const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? Date.parse(`${text}:00Z`) : NaN;
  if (Number.isNaN(instant)) throw muteExpressionError(expression);
  return (localMs) => localMs === instant;
}

function muteExpressionError(expression: string): AlarmError {
  return muteRuleError(
    `Expression "${expression}" must be cron(minute hour day month weekday) of numbers, names, *, commas and dashes, or at(yyyy-MM-ddThh:mm)`,
  );
}

function muteRuleError(message: string): AlarmError {
  return new AlarmError("ValidationError", message);
}

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
