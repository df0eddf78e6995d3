import type { AlarmDefinition, AlarmState, AlarmStatus, Transition } from "../alarm-definition.ts";
import { type AlarmSource } from "../window/alarm-source.ts";
import { type EvaluationRange, evaluationRange } from "../evaluation/evaluation-range.ts";
import { MetricAlarm, type NewState } from "../evaluation/metric-alarm.ts";
import type { WarmUpMemory } from "../evaluation/warm-up.ts";
import { AlarmError } from "./alarm-error.ts";
import {
  actionEvent,
  type ActionRecord,
  type AlarmHistoryItem,
  configurationEvent,
  HISTORY_KEPT_MS,
  type HistoryEvent,
  stateEvent,
} from "./alarm-history.ts";
import { checkBasics } from "./alarm-limits.ts";
import { actionsFor, alarmArn, type AlarmHome, initialStatus, isComposite } from "./alarm-status.ts";
import { checkMetricAlarm } from "./metric-alarm-limits.ts";

/** What the alarms of one account and Region need. */
export interface AlarmsOptions extends AlarmHome, AlarmSource {
  /** The table in evaluation-range.ts when missing. */
  readonly evaluationRange?: EvaluationRange;
}

/** An alarm as DescribeAlarms knows it. */
export interface DescribedAlarm {
  readonly arn: string;
  readonly definition: AlarmDefinition;
  readonly status: AlarmStatus;
}

/** Everything that must survive a restart, as plain JSON. */
export interface AlarmsSnapshot {
  readonly alarms: readonly SavedAlarm[];
  readonly history: readonly AlarmHistoryItem[];
}

interface SavedAlarm {
  readonly definition: AlarmDefinition;
  readonly status: AlarmStatus;
  readonly createdMs: number;
  readonly warmUp?: WarmUpMemory;
}

interface AlarmRecord {
  readonly arn: string;
  readonly createdMs: number;
  definition: AlarmDefinition;
  status: AlarmStatus;
  metric?: MetricAlarm;
}

/** A SetAlarmState call. */
export interface StateSetting {
  readonly state: AlarmState;
  readonly reason: string;
  /** JSON text; none when missing. */
  readonly reasonData?: string;
}

const NO_TRANSITIONS: readonly Transition[] = [];

/** The alarms of one account and Region: put, evaluated by the minute, described. It has no clock of its own. */
export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #records = new Map<string, AlarmRecord>();
  #history: AlarmHistoryItem[] = [];

  constructor(options: AlarmsOptions) {
    this.#options = options;
  }

  /** Creates or replaces an alarm; a replaced one keeps its state, and an unchanged one is left alone. */
  put(definition: AlarmDefinition, nowMs: number): void {
    checkBasics(definition);
    if (isComposite(definition))
      throw new AlarmError("ValidationError", "composite alarms are not supported by the local runtime yet");
    checkMetricAlarm(definition);
    const existing = this.#records.get(definition.alarmName);
    if (existing === undefined) this.#create(definition, nowMs);
    else if (!isSame(existing.definition, definition)) this.#update(existing, definition, nowMs);
  }

  /** Deletes alarms by name; names that are not there are skipped, as AWS skips them. */
  delete(names: readonly string[], nowMs: number): void {
    if (names.length > 100)
      throw new AlarmError(
        "ValidationError",
        "DeleteAlarms takes at most 100 names: delete them in several calls",
      );
    for (const name of names) {
      const record = this.#records.get(name);
      if (record === undefined) continue;
      this.#records.delete(name);
      this.#remember(record, configurationEvent("Delete", record.definition), nowMs);
    }
  }

  /** Sets a state by hand until the next evaluation; gives the transition that it causes, if any. */
  setState(name: string, setting: StateSetting, nowMs: number): readonly Transition[] {
    checkSetting(setting);
    const record = this.#records.get(name);
    if (record === undefined) throw new AlarmError("ResourceNotFound", "");
    if (record.status.state === setting.state) return NO_TRANSITIONS;
    const { state, reason, reasonData } = setting;
    const next = {
      state,
      stateReason: reason,
      ...(reasonData === undefined ? {} : { stateReasonData: reasonData }),
    };
    return [this.#change(record, next, nowMs)];
  }

  /** Lets the actions of alarms run again. */
  enableActions(names: readonly string[], nowMs: number): void {
    this.#putActionsEnabled(names, { actionsEnabled: true, nowMs });
  }

  /** Keeps the actions of alarms from running; evaluation goes on. */
  disableActions(names: readonly string[], nowMs: number): void {
    this.#putActionsEnabled(names, { actionsEnabled: false, nowMs });
  }

  /** Evaluates every alarm that is due at `nowMs` and gives the changes, in order. */
  evaluate(nowMs: number): readonly Transition[] {
    let transitions: Transition[] | undefined;
    for (const record of this.#records.values()) {
      const { metric } = record;
      if (metric?.isDue(nowMs) !== true) continue;
      const verdict = metric.verdict(nowMs);
      if (metric.warmUp !== undefined) this.#noteWarmUp(record, metric.warmUp.memory);
      if (verdict === "retain" || verdict === record.status.state) continue;
      transitions ??= [];
      transitions.push(this.#change(record, metric.explain(verdict, nowMs), nowMs));
    }
    return transitions ?? NO_TRANSITIONS;
  }

  /** Every alarm with its state, in the order in which they were put. */
  describe(): readonly DescribedAlarm[] {
    return [...this.#records.values()].map(({ arn, definition, status }) => ({ arn, definition, status }));
  }

  /** History of one alarm or of all, oldest first. */
  history(name?: string): readonly AlarmHistoryItem[] {
    return name === undefined ? this.#history : this.#history.filter((item) => item.alarmName === name);
  }

  /** Writes down what became of an action of a transition. */
  recordAction(name: string, action: ActionRecord, nowMs: number): void {
    const record = this.#records.get(name);
    if (record !== undefined) this.#remember(record, actionEvent(action, record.status), nowMs);
  }

  /** Everything that must survive a restart, as plain JSON. */
  snapshot(): AlarmsSnapshot {
    const alarms = [...this.#records.values()].map(({ definition, status, createdMs, metric }) => ({
      definition,
      status,
      createdMs,
      ...(metric?.warmUp === undefined ? {} : { warmUp: metric.warmUp.memory }),
    }));
    return { alarms, history: [...this.#history] };
  }

  /**
   * Takes up a snapshot: alarms that were put before keep their definition and get the saved state, the others come
   * back as they were. To notice changed definitions, restore first and put afterwards.
   */
  restore(snapshot: AlarmsSnapshot): void {
    this.#history = [...snapshot.history];
    for (const saved of snapshot.alarms) {
      const definition = this.#records.get(saved.definition.alarmName)?.definition ?? saved.definition;
      this.#records.set(definition.alarmName, this.#record({ ...saved, definition }));
    }
  }

  #create(definition: AlarmDefinition, nowMs: number): void {
    const status = initialStatus(definition.alarmName, nowMs);
    const record = this.#record({ definition, status, createdMs: nowMs });
    this.#records.set(definition.alarmName, record);
    this.#remember(record, configurationEvent("Create", definition), nowMs);
  }

  #record(saved: SavedAlarm): AlarmRecord {
    const { definition, status, createdMs } = saved;
    const arn = alarmArn(this.#options, definition.alarmName);
    return isComposite(definition)
      ? { arn, createdMs, definition, status }
      : { arn, createdMs, definition, status, metric: this.#metric(saved) };
  }

  #metric({ definition, createdMs, warmUp }: SavedAlarm): MetricAlarm {
    if (isComposite(definition)) throw new TypeError(`${definition.alarmName} is no metric alarm`);
    return new MetricAlarm(definition, {
      source: this.#options,
      range: this.#options.evaluationRange ?? evaluationRange,
      createdMs,
      ...(warmUp === undefined ? {} : { warmUp }),
    });
  }

  #update(record: AlarmRecord, definition: AlarmDefinition, nowMs: number): void {
    const original = record.definition;
    const warmUp = record.metric?.warmUp?.memory;
    record.definition = definition;
    record.status = { ...record.status, configurationUpdatedMs: nowMs };
    record.metric = this.#metric({ ...record, ...(warmUp === undefined ? {} : { warmUp }) });
    this.#remember(record, configurationEvent("Update", definition, original), nowMs);
  }

  #putActionsEnabled(
    names: readonly string[],
    setting: { readonly actionsEnabled: boolean; readonly nowMs: number },
  ): void {
    for (const name of names) {
      const record = this.#records.get(name);
      if (record === undefined) continue;
      this.put({ ...record.definition, actionsEnabled: setting.actionsEnabled }, setting.nowMs);
    }
  }

  #change(record: AlarmRecord, next: NewState, nowMs: number): Transition {
    const previous = record.status;
    const { alarmName, configurationUpdatedMs } = previous;
    const times = { stateUpdatedMs: nowMs, stateTransitionedMs: nowMs, configurationUpdatedMs };
    const current: AlarmStatus = { alarmName, ...next, ...times };
    record.status = current;
    this.#remember(record, stateEvent(previous, current), nowMs);
    return {
      alarm: record.definition,
      previous,
      current,
      actions: actionsFor(record.definition, current.state),
    };
  }

  #noteWarmUp(record: AlarmRecord, memory: WarmUpMemory): void {
    const { evaluationState, ...status } = record.status;
    if (memory.over === (evaluationState === undefined)) return;
    record.status = memory.over ? status : { ...status, evaluationState: "IN_WARM_UP" };
  }

  #remember(record: AlarmRecord, event: HistoryEvent, nowMs: number): void {
    const { alarmName } = record.definition;
    const alarmType = isComposite(record.definition) ? "CompositeAlarm" : "MetricAlarm";
    this.#history.push({ alarmName, alarmType, timestampMs: nowMs, ...event });
    const [oldest] = this.#history;
    if (oldest !== undefined && oldest.timestampMs < nowMs - HISTORY_KEPT_MS)
      this.#history = this.#history.filter((item) => item.timestampMs >= nowMs - HISTORY_KEPT_MS);
  }
}

function isSame(a: AlarmDefinition, b: AlarmDefinition): boolean {
  return canonical(a) === canonical(b);
}

/** JSON with sorted members, so that only values decide. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

const STATES: readonly string[] = ["INSUFFICIENT_DATA", "ALARM", "OK"];

function checkSetting(setting: StateSetting): void {
  if (!STATES.includes(setting.state))
    throw new AlarmError(
      "ValidationError",
      `1 validation error detected: Value '${setting.state}' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [${STATES.join(", ")}]`,
    );
  if (setting.reason.length > 1023 || (setting.reasonData ?? "").length > 4000)
    throw new AlarmError(
      "ValidationError",
      "StateReason takes up to 1023 characters and StateReasonData up to 4000",
    );
}
