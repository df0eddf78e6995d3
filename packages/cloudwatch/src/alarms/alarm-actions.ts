import type {
  ActionsSuppressedBy,
  AlarmDefinition,
  AlarmStatus,
  CompositeAlarmDefinition,
  ReleasedActions,
  Transition,
} from "../alarm.ts";
import type { MuteRules } from "./mute-rules.ts";
import { mutedEvent } from "./alarm-history.ts";
import type { AlarmRecord, Suppression } from "./alarm-record.ts";
import { alarmActionsFor, isComposite } from "../alarm.ts";
import type { AlarmHistory } from "./alarm-history.ts";

/** What the gate asks of the alarms around it. */
export interface AlarmActionsSetting {
  readonly mutes: MuteRules;
  readonly history: AlarmHistory;
  readonly find: (alarmName: string) => AlarmRecord | undefined;
}

/** Decides which actions run now, which are held back by a suppressor or a mute rule, and when those run. */
export class AlarmActions {
  readonly #setting: AlarmActionsSetting;
  readonly #holding = new Set<AlarmRecord>();

  constructor(setting: AlarmActionsSetting) {
    this.#setting = setting;
  }

  /** Whether nothing is held back. */
  get isIdle(): boolean {
    return this.#holding.size === 0;
  }

  /** Takes up an alarm whose actions were held back before a restart. */
  resume(record: AlarmRecord): void {
    if (record.held !== undefined) this.#holding.add(record);
  }

  /**
   * The same after an update: another suppressor drops the periods of the one before, and nothing that a mute
   * rule alone holds.
   */
  resumeUpdated(record: AlarmRecord, original: AlarmDefinition): void {
    const isSuppressed = record.held?.suppression !== undefined;
    if (isSuppressed && suppressorOf(original) !== suppressorOf(record.definition)) this.drop(record);
    else this.resume(record);
  }

  /** Forgets what is held back of an alarm that is gone or has another suppressor. */
  drop(record: AlarmRecord): void {
    this.#holding.delete(record);
    delete record.held;
    record.status = withSuppression(record.status, undefined);
  }

  /** A change of state with the actions that may run because of it now. */
  admit(record: AlarmRecord, change: Transition, nowMs: number): Transition {
    this.drop(record);
    const suppression = this.#suppression(record, nowMs);
    if (suppression === undefined) return this.#mute(record, change, nowMs);
    this.#hold(record, change, { suppression });
    return { ...change, current: record.status };
  }

  /** Follows suppressors and the clock; gives the actions that run now although no state changed. */
  settle(nowMs: number): readonly Transition[] {
    return [...this.#holding].flatMap((record) => this.#settleOne(record, nowMs));
  }

  #settleOne(record: AlarmRecord, nowMs: number): readonly Transition[] {
    const { held } = record;
    if (held === undefined) return [];
    const by =
      held.suppression === undefined ? this.#unmuted(record, nowMs) : this.#unsuppressed(record, nowMs);
    if (by === undefined) return [];
    const { previous, triggeringChildren } = held;
    this.drop(record);
    const released: Transition = {
      alarm: record.definition,
      previous,
      current: record.status,
      actions: [],
      ...(triggeringChildren === undefined ? {} : { triggeringChildren }),
      released: { by, atMs: nowMs },
    };
    const admitted = this.#mute(record, released, nowMs);
    return admitted.actions.length === 0 ? [] : [admitted];
  }

  #unmuted({ definition }: AlarmRecord, nowMs: number): "MuteWindow" | undefined {
    const muting = this.#setting.mutes.mutingOf(definition.alarmName, nowMs);
    return muting === undefined ? "MuteWindow" : undefined;
  }

  /** Which period has run out; the suppressor is asked first, as it may have changed in this very minute. */
  #unsuppressed(record: AlarmRecord, nowMs: number): ReleasedActions["by"] | undefined {
    const { composite, held } = record;
    if (composite === undefined || held?.suppression === undefined) return undefined;
    const suppressor = { inAlarm: this.#inAlarm(composite.suppressor), nowMs };
    const next = suppressionOnSuppressor(composite.definition, held.suppression, suppressor);
    if (next === undefined) return "ExtensionPeriod";
    if (next.untilMs !== undefined && next.untilMs <= nowMs && next.by !== "Alarm") return next.by;
    if (next !== held.suppression) {
      record.held = { ...held, suppression: next };
      record.status = withSuppression(record.status, next);
    }
    return undefined;
  }

  #suppression({ composite }: AlarmRecord, nowMs: number): Suppression | undefined {
    if (composite === undefined) return undefined;
    return suppressionOnChange(composite.definition, { inAlarm: this.#inAlarm(composite.suppressor), nowMs });
  }

  #inAlarm(alarmName: string | undefined): boolean {
    return alarmName !== undefined && this.#setting.find(alarmName)?.status.state === "ALARM";
  }

  #mute(record: AlarmRecord, change: Transition, nowMs: number): Transition {
    const actions = alarmActionsFor(record.definition, record.status.state);
    const muting = this.#setting.mutes.mutingOf(record.definition.alarmName, nowMs);
    if (muting === undefined || actions.length === 0) return { ...change, actions };
    this.#hold(record, change, { muted: true });
    this.#setting.history.add(record.definition, mutedEvent(muting, actions), nowMs);
    return { ...change, actions: [] };
  }

  #hold(record: AlarmRecord, change: Transition, by: { suppression?: Suppression; muted?: true }): void {
    const { previous, triggeringChildren } = change;
    record.held = { previous, ...(triggeringChildren === undefined ? {} : { triggeringChildren }), ...by };
    record.status = withSuppression(record.status, by.suppression);
    this.#holding.add(record);
  }
}

function suppressorOf(definition: AlarmDefinition): string | undefined {
  return isComposite(definition) ? definition.actionsSuppressor : undefined;
}

function withSuppression(status: AlarmStatus, suppression: Suppression | undefined): AlarmStatus {
  const { actionsSuppressedBy, actionsSuppressedReason } = status;
  if (suppression !== undefined)
    return {
      ...status,
      actionsSuppressedBy: suppression.by,
      actionsSuppressedReason: `Actions suppressed by ${suppression.by}`,
    };
  if (actionsSuppressedBy === undefined && actionsSuppressedReason === undefined) return status;
  return withoutSuppression(status);
}

function withoutSuppression({
  actionsSuppressedBy: _by,
  actionsSuppressedReason: _reason,
  ...status
}: AlarmStatus): AlarmStatus {
  return status;
}

/** The suppressor at an instant. */
interface SuppressorNow {
  readonly inAlarm: boolean;
  readonly nowMs: number;
}

/**
 * What a change of the composite's state leads to: actions wait for the suppressor, or are suppressed at
 * once. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm.html
 */
function suppressionOnChange(
  alarm: CompositeAlarmDefinition,
  suppressor: SuppressorNow,
): Suppression | undefined {
  if (alarm.actionsSuppressor === undefined) return undefined;
  if (suppressor.inAlarm) return { by: "Alarm" };
  return suppressionPeriod("WaitPeriod", alarm.actionsSuppressorWaitPeriodSeconds, suppressor.nowMs);
}

/** What holds actions back after the suppressor was looked at again. */
function suppressionOnSuppressor(
  alarm: CompositeAlarmDefinition,
  suppression: Suppression,
  suppressor: SuppressorNow,
): Suppression | undefined {
  if (suppressor.inAlarm) return suppression.by === "Alarm" ? suppression : { by: "Alarm" };
  if (suppression.by !== "Alarm") return suppression;
  return suppressionPeriod(
    "ExtensionPeriod",
    alarm.actionsSuppressorExtensionPeriodSeconds,
    suppressor.nowMs,
  );
}

/** A period of no length holds nothing back. */
function suppressionPeriod(
  by: ActionsSuppressedBy,
  seconds: number | undefined,
  nowMs: number,
): Suppression | undefined {
  return seconds === undefined || seconds <= 0 ? undefined : { by, untilMs: nowMs + seconds * 1000 };
}
