import {
  type AlarmDefinition,
  AlarmError,
  type AlarmHome,
  type AlarmState,
  type AlarmStatus,
  initialStatus,
  isComposite,
  isSameDefinition,
  type MuteRuleDefinition,
  type Transition,
} from "../alarm.ts";
import { AlarmActions } from "./alarm-actions.ts";
import {
  actionEvent,
  type ActionRecord,
  AlarmHistory,
  type AlarmHistoryItem,
  configurationEvent,
  stateEvent,
} from "./alarm-history.ts";
import {
  checkAlarmBasics,
  checkCompositeAlarm,
  checkDeletion,
  checkQuota,
  checkSameKind,
  checkStateSetting,
  orderForPut,
  type StateSetting,
} from "./alarm-limits.ts";
import { type EvaluationRange, evaluationRange } from "./alarm-plan.ts";
import type { AlarmSource } from "./alarm-points.ts";
import {
  type AlarmRecord,
  alarmRecord,
  type AlarmSetting,
  type EvaluationFailure,
  savedAlarm,
  type SavedAlarm,
} from "./alarm-record.ts";
import {
  type CompositeChange,
  compositeEvaluationOrder,
  evaluateCompositeAlarm,
  evaluateMetricAlarm,
  firstCompositeState,
} from "./evaluate-alarm.ts";
import { checkMetricAlarm, checkSavedDefinition, validateQueries } from "./metric-alarm-limits.ts";
import type { NewState } from "./metric-alarm.ts";
import { MuteRules } from "./mute-rules.ts";
import type { EvaluatedDatapoint } from "./state-reason.ts";

/** What the alarms of one account and Region need. */
export interface AlarmsOptions extends AlarmHome, AlarmSource {
  /** EVALUATION_RANGES in alarm-plan.ts when missing. */
  readonly evaluationRange?: EvaluationRange;
  /** The account's quota, which AWS has at 5,000 and raises on request; none when missing. */
  readonly maxAlarms?: number;
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
  /** None when missing. */
  readonly muteRules?: readonly MuteRuleDefinition[];
}

const NO_TRANSITIONS: readonly Transition[] = [];

/**
 * The alarms of one account and Region: put, evaluated by the minute, described. It has no clock of its own.
 */
export class Alarms {
  readonly #setting: AlarmSetting;
  readonly #maxAlarms: number;
  readonly #records = new Map<string, AlarmRecord>();
  readonly #history = new AlarmHistory();
  readonly #mutes = new MuteRules();
  readonly #gate: AlarmActions;
  readonly #find = (alarmName: string): AlarmRecord | undefined => this.#records.get(alarmName);
  /** Composite alarms, children first; `undefined` after a change of definitions. */
  #order: readonly AlarmRecord[] | undefined;
  #isPending = false;
  /** Names of alarms whose saved state may have changed; `all` after an evaluation. */
  #touched: Set<string> | "all" = new Set();
  #gone = new Set<string>();

  constructor(options: AlarmsOptions) {
    this.#setting = { ...options, source: options, range: options.evaluationRange ?? evaluationRange };
    this.#maxAlarms = options.maxAlarms ?? Infinity;
    this.#gate = new AlarmActions({ mutes: this.#mutes, history: this.#history, find: this.#find });
  }

  /**
   * Creates or replaces an alarm; a replaced one keeps its state, and an unchanged one is left alone. A
   * composite alarm takes its state from its rule at once: gives the transitions that this causes.
   */
  put(definition: AlarmDefinition, nowMs: number): readonly Transition[] {
    this.#put(definition, nowMs);
    return isComposite(definition) && this.#isPending ? this.#settle([], nowMs) : NO_TRANSITIONS;
  }

  /**
   * Puts alarms in whatever order they come: composites after the alarms that they name. The next evaluation
   * acts.
   */
  putAll(definitions: readonly AlarmDefinition[], nowMs: number): void {
    for (const definition of orderForPut(definitions)) this.#put(definition, nowMs);
  }

  #put(definition: AlarmDefinition, nowMs: number): void {
    const existing = this.#records.get(definition.alarmName);
    checkAlarmBasics(definition, this.#setting);
    if (existing !== undefined) checkSameKind(existing.definition, definition);
    if (isComposite(definition)) {
      const exists = (alarmName: string): boolean => this.#records.has(alarmName);
      checkCompositeAlarm(definition, { home: this.#setting, exists });
    } else {
      checkMetricAlarm(definition);
      validateQueries(definition, this.#setting);
    }
    if (existing === undefined) checkQuota(this.#records.size, this.#maxAlarms);
    if (existing === undefined) this.#create(definition, nowMs);
    else if (!isSameDefinition(existing.definition, definition)) this.#update(existing, definition, nowMs);
  }

  /** Deletes alarms by name; names that are not there are skipped, as AWS skips them. */
  delete(names: readonly string[], nowMs: number): void {
    checkDeletion(names, [...this.#records.values()]);
    for (const name of names) {
      const record = this.#records.get(name);
      if (record === undefined) continue;
      this.#gate.drop(record);
      this.#records.delete(name);
      this.#gone.add(name);
      this.#order = undefined;
      this.#history.add(record.definition, configurationEvent("Delete", record), nowMs);
    }
  }

  /** Sets a state by hand until the next evaluation; gives the transitions that it causes. */
  setState(name: string, setting: StateSetting, nowMs: number): readonly Transition[] {
    checkStateSetting(setting);
    const record = this.#existing(name);
    if (record.status.state === setting.state) return NO_TRANSITIONS;
    const { state, reason: stateReason, reasonData: stateReasonData } = setting;
    const next = { state, stateReason, ...(stateReasonData === undefined ? {} : { stateReasonData }) };
    return this.#settle([this.#change(record, next, nowMs)], nowMs);
  }

  /** Sets the state that an alarm has before its first evaluation: no action runs, nothing is remembered. */
  setInitialState(name: string, state: AlarmState): void {
    const record = this.#existing(name);
    record.status = { ...record.status, state };
    record.metric?.stirUp();
    this.#touch(name);
    for (const { composite } of this.#records.values())
      if (composite?.children.includes(name) === true) composite.trigger = "created";
    this.#isPending = true;
  }

  #existing(name: string): AlarmRecord {
    const record = this.#records.get(name);
    if (record === undefined) throw new AlarmError("ResourceNotFound", "");
    return record;
  }

  /** Lets the actions of alarms run again. */
  enableActions(names: readonly string[], nowMs: number): void {
    this.#putChanged(names, { actionsEnabled: true }, nowMs);
  }

  /** Keeps the actions of alarms from running; evaluation goes on. */
  disableActions(names: readonly string[], nowMs: number): void {
    this.#putChanged(names, { actionsEnabled: false }, nowMs);
  }

  /** Creates or replaces a mute rule. */
  putMuteRule(rule: MuteRuleDefinition): void {
    this.#mutes.put(rule);
  }

  /** Deletes a mute rule; what it held back runs at the next evaluation. */
  deleteMuteRule(name: string): void {
    this.#mutes.delete(name);
  }

  /** Every mute rule, in the order in which they were put. */
  muteRules(): readonly MuteRuleDefinition[] {
    return this.#mutes.list();
  }

  /**
   * Evaluates every alarm that is due at `nowMs`, then composites; gives changes and released actions, in
   * order. An alarm that cannot be evaluated keeps its state and stops no other: see {@link failures}. With a
   * name, of the metric alarms only that one is evaluated: CloudWatch looks at each at a second of its own.
   */
  evaluate(nowMs: number, alarmName?: string): readonly Transition[] {
    let changes: Transition[] | undefined;
    for (const record of this.#recordsOf(alarmName)) {
      const { metric } = record;
      if (metric?.isDue(nowMs) !== true || metric.isSteady(nowMs)) continue;
      const next = evaluateMetricAlarm(record, metric, nowMs);
      if (next === undefined) continue;
      changes ??= [];
      changes.push(this.#change(record, next, nowMs));
    }
    if (changes === undefined && !this.#isPending && this.#gate.isIdle) return NO_TRANSITIONS;
    return this.#settle(changes ?? [], nowMs);
  }

  #recordsOf(alarmName: string | undefined): Iterable<AlarmRecord> {
    if (alarmName === undefined) return this.#records.values();
    const record = this.#records.get(alarmName);
    return record === undefined ? [] : [record];
  }

  /**
   * The alarms whose last evaluation threw; their EvaluationState is EVALUATION_ERROR until one works again.
   */
  failures(): readonly EvaluationFailure[] {
    return [...this.#records.values()].flatMap((record) => record.failure ?? []);
  }

  /** Every alarm with its state, in the order in which they were put. */
  describe(): readonly DescribedAlarm[] {
    return [...this.#records.values()].map(({ arn, definition, status }) => ({ arn, definition, status }));
  }

  /** One alarm with its state; `undefined` when there is none of that name. */
  find(name: string): DescribedAlarm | undefined {
    const record = this.#records.get(name);
    return record && { arn: record.arn, definition: record.definition, status: record.status };
  }

  /** The points that a metric alarm's last evaluation saw, newest first; none of a composite alarm. */
  evaluatedDatapoints(name: string): readonly EvaluatedDatapoint[] {
    return this.#records.get(name)?.metric?.evaluatedDatapoints() ?? [];
  }

  /** History of one alarm or of all, oldest first. */
  history(name?: string): readonly AlarmHistoryItem[] {
    return this.#history.items(name);
  }

  /** Writes down what became of an action of a transition. */
  recordAction(name: string, action: ActionRecord, nowMs: number): void {
    const record = this.#records.get(name);
    if (record !== undefined) this.#history.add(record.definition, actionEvent(action, record.status), nowMs);
  }

  /**
   * What must survive a restart of the alarms that may have changed since the last call, and the names of
   * those that are gone: to write down one change is not to look at every alarm.
   */
  takeTouched(): { readonly alarms: readonly SavedAlarm[]; readonly gone: readonly string[] } {
    const touched = this.#touched;
    const gone = [...this.#gone].filter((name) => !this.#records.has(name));
    this.#touched = new Set();
    this.#gone = new Set();
    const records =
      touched === "all"
        ? [...this.#records.values()]
        : [...touched].flatMap((name) => this.#records.get(name) ?? []);
    return { alarms: records.map(savedAlarm), gone };
  }

  #touch(name: string): void {
    if (this.#touched !== "all") this.#touched.add(name);
  }

  /** Everything that must survive a restart, as plain JSON. */
  snapshot(): AlarmsSnapshot {
    const alarms = [...this.#records.values()].map(savedAlarm);
    return { alarms, history: [...this.#history.items()], muteRules: this.#mutes.list() };
  }

  /**
   * Takes up a snapshot: alarms that were put before keep their definition and get the saved state, the
   * others come back as they were. To notice changed definitions, restore first and put afterwards. Gives
   * those whose definition could not be put today; they are left out.
   */
  restore(snapshot: AlarmsSnapshot): readonly EvaluationFailure[] {
    this.#history.replace(snapshot.history);
    for (const rule of snapshot.muteRules ?? []) this.#mutes.put(rule);
    return snapshot.alarms.flatMap((saved) => this.#restored(saved) ?? []);
  }

  #restored(saved: SavedAlarm): EvaluationFailure | undefined {
    const { alarmName } = saved.definition;
    try {
      const existing = this.#records.get(alarmName);
      const definition = existing?.definition ?? saved.definition;
      if (existing === undefined) checkSavedDefinition(definition, this.#setting);
      else this.#gate.drop(existing);
      this.#gate.resume(this.#take({ ...saved, definition }));
      return undefined;
    } catch (error) {
      return { alarmName, error };
    }
  }

  #create(definition: AlarmDefinition, nowMs: number): void {
    const status = initialStatus(definition.alarmName, nowMs);
    const record = this.#take({ definition, status, createdMs: nowMs, trigger: "created" });
    this.#history.add(definition, configurationEvent("Create", record), nowMs);
    const first = firstCompositeState(record, this.#find);
    if (first?.state === "OK") record.status = { ...status, ...first };
  }

  #update(record: AlarmRecord, definition: AlarmDefinition, nowMs: number): void {
    const original = record.definition;
    const saved = savedAlarm(record);
    this.#gate.drop(record);
    const status = { ...saved.status, configurationUpdatedMs: nowMs };
    const taken = this.#take({ ...saved, definition, status, trigger: "updated" });
    this.#gate.resumeUpdated(taken, original);
    const before = { definition: original, status: saved.status };
    this.#history.add(definition, configurationEvent("Update", taken, before), nowMs);
  }

  #take(saved: SavedAlarm): AlarmRecord {
    const record = alarmRecord(saved, this.#setting);
    this.#records.set(saved.definition.alarmName, record);
    this.#touch(saved.definition.alarmName);
    this.#order = undefined;
    this.#isPending ||= record.composite?.trigger !== undefined;
    return record;
  }

  #putChanged(
    names: readonly string[],
    change: Pick<AlarmDefinition, "actionsEnabled">,
    nowMs: number,
  ): void {
    for (const name of names) {
      const record = this.#records.get(name);
      if (record !== undefined) this.#put({ ...record.definition, ...change }, nowMs);
    }
  }

  /** Lets the composites follow what changed, then whatever may run now. */
  #settle(changes: readonly Transition[], nowMs: number): readonly Transition[] {
    this.#touched = "all";
    const transitions = [...changes];
    const changed = new Set(changes.map((change) => change.current.alarmName));
    this.#isPending = false;
    for (const record of this.#compositesInOrder()) {
      const next = evaluateCompositeAlarm(record, { changed, find: this.#find });
      if (next === undefined) continue;
      changed.add(record.status.alarmName);
      transitions.push(this.#change(record, next, nowMs));
    }
    return [...transitions, ...this.#gate.settle(nowMs)];
  }

  #compositesInOrder(): readonly AlarmRecord[] {
    if (this.#order !== undefined) return this.#order;
    const children = new Map<string, readonly string[]>();
    for (const [name, { composite }] of this.#records)
      if (composite !== undefined) children.set(name, composite.children);
    this.#order = compositeEvaluationOrder(children).flatMap((name) => this.#records.get(name) ?? []);
    return this.#order;
  }

  #change(record: AlarmRecord, next: NewState | CompositeChange, nowMs: number): Transition {
    const previous = record.status;
    const { alarmName, configurationUpdatedMs } = previous;
    const { state, stateReason, stateReasonData } = next;
    const times = { stateUpdatedMs: nowMs, stateTransitionedMs: nowMs, configurationUpdatedMs };
    const data = stateReasonData === undefined ? {} : { stateReasonData };
    const current: AlarmStatus = { alarmName, state, stateReason, ...data, ...times };
    record.status = current;
    record.metric?.stirUp();
    this.#history.add(record.definition, stateEvent(previous, current), nowMs);
    const children = "triggeringChildren" in next ? { triggeringChildren: next.triggeringChildren } : {};
    const change = { alarm: record.definition, previous, current, actions: [], ...children };
    return this.#gate.admit(record, change, nowMs);
  }
}
