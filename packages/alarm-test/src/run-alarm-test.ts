import { type AlarmDefinition, AlarmError, type Transition } from "@wrist-agent/cloudwatch/alarm";
import { alarmCondition } from "@wrist-agent/cloudwatch/alarms/alarm-plan";
import type { EvaluationFailure } from "@wrist-agent/cloudwatch/alarms/alarm-record";
import { Alarms } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { EvaluatedDatapoint } from "@wrist-agent/cloudwatch/alarms/state-reason";
import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { alarmNotification } from "@wrist-agent/cloudwatch/notifications/alarm-notification";
import {
  type AlarmTest,
  AlarmTestError,
  durationText,
  type Expectation,
  type ExpectedTransition,
} from "./alarm-test.ts";
import type { TemplateAlarms } from "./template-alarms.ts";

/** What became of one expectation. */
export interface ExpectationResult {
  readonly line: number;
  readonly passed: boolean;
  /** What was expected, and what was instead. */
  readonly text: string;
  /** The alarm's condition, the points it saw and its StateReason; empty when the expectation was met. */
  readonly details: readonly string[];
}

/** Replays a test minute by minute and compares. */
export function runAlarmTest(test: AlarmTest, templates: TemplateAlarms): readonly ExpectationResult[] {
  return new AlarmTestRun(test, templates).results();
}

type StateExpectation = Extract<Expectation, { kind: "state" }>;
type TransitionsExpectation = Extract<Expectation, { kind: "transitions" | "mails" }>;
type MailExpectation = Extract<Expectation, { kind: "mail" }>;

interface SentMail extends ExpectedTransition {
  readonly alarmName: string;
  readonly subject: string;
}

class AlarmTestRun {
  readonly #test: AlarmTest;
  readonly #templates: TemplateAlarms;
  readonly #alarms: Alarms;
  readonly #transitions: Transition[] = [];
  readonly #mails: SentMail[] = [];

  constructor(test: AlarmTest, templates: TemplateAlarms) {
    this.#test = test;
    this.#templates = templates;
    const { evaluationRange: slots } = test;
    this.#alarms = new Alarms({
      accountId: templates.accountId,
      region: templates.region,
      readSeries: readSeriesFrom(filledStore(test)),
      // Everything is in the store before the first minute.
      revision: () => 0,
      ...(slots === undefined ? {} : { evaluationRange: (_period, periods) => Math.max(slots, periods) }),
    });
    this.#put();
  }

  results(): readonly ExpectationResult[] {
    const results = new Map<Expectation, ExpectationResult>();
    const { startMs } = this.#test;
    for (let atMs = 0; atMs <= this.#endMs(); atMs += this.#stepMs()) {
      if (atMs > 0) this.#evaluate(startMs + atMs);
      for (const expected of this.#test.expectations)
        if (expected.kind === "state" && expected.atMs === atMs) results.set(expected, this.#state(expected));
    }
    for (const expected of this.#test.expectations) {
      if (expected.kind === "transitions" || expected.kind === "mails")
        results.set(expected, this.#changes(expected));
      if (expected.kind === "mail") results.set(expected, this.#mail(expected));
    }
    return this.#test.expectations.map((expected) => results.get(expected) ?? this.#offBeat(expected));
  }

  #put(): void {
    const { file, startMs, initial } = this.#test;
    try {
      this.#alarms.putAll(this.#templates.definitions, startMs);
    } catch (error) {
      if (error instanceof AlarmError)
        throw new AlarmTestError({ file, line: 1 }, `the template has a bad alarm: ${error.message}`);
      throw error;
    }
    for (const { line, alarm, state } of initial)
      this.#alarms.setInitialState(this.#named(alarm, line).alarmName, state);
  }

  #evaluate(nowMs: number): void {
    for (const change of this.#alarms.evaluate(nowMs)) {
      if (change.released === undefined) this.#transitions.push(change);
      if (!change.actions.some((arn) => arn.startsWith("arn:aws:sns:"))) continue;
      const { subject } = alarmNotification(change, this.#templates);
      const { alarmName, state } = change.current;
      this.#mails.push({ atMs: nowMs, alarmName, state, subject });
    }
    const [failure] = this.#alarms.failures();
    if (failure !== undefined) throw this.#unreadable(failure, nowMs);
  }

  #unreadable({ alarmName, error }: EvaluationFailure, nowMs: number): AlarmTestError {
    const time = durationText(nowMs - this.#test.startMs);
    const text = error instanceof Error ? error.message : String(error);
    return new AlarmTestError(
      { file: this.#test.file, line: 1 },
      `${time} ${alarmName} cannot be evaluated: ${text}`,
    );
  }

  /** Ten seconds as soon as one alarm is that fast. */
  #stepMs(): number {
    const periods = this.#templates.definitions.flatMap((alarm) =>
      "alarmRule" in alarm
        ? []
        : [
            alarm.periodSeconds ?? 60,
            ...(alarm.metrics ?? []).map((query) => query.metricStat?.periodSeconds ?? 60),
          ],
    );
    return periods.some((seconds) => seconds < 60) ? 10_000 : 60_000;
  }

  #endMs(): number {
    const longest = Math.max(0, ...this.#test.series.map((series) => series.items.length));
    const times = this.#test.expectations.flatMap((expected) =>
      "transitions" in expected ? expected.transitions.map((change) => change.atMs) : [expected.atMs],
    );
    return Math.max(longest * this.#test.intervalMs, ...times);
  }

  #state(expected: StateExpectation): ExpectationResult {
    const definition = this.#named(expected.alarm, expected.line);
    const state = this.#alarms.find(definition.alarmName)?.status.state;
    const head = `${durationText(expected.atMs)} ${definition.alarmName} is ${state ?? "gone"}`;
    if (state === expected.state) return { line: expected.line, passed: true, text: head, details: [] };
    const text = `${head}, expected ${expected.state}`;
    return { line: expected.line, passed: false, text, details: this.#details(definition) };
  }

  #changes(expected: TransitionsExpectation): ExpectationResult {
    const definition = this.#named(expected.alarm, expected.line);
    const seen = (expected.kind === "mails" ? this.#mails : this.#stateChanges())
      .filter(({ alarmName }) => alarmName === definition.alarmName)
      .map(({ atMs, state }) => ({ atMs: atMs - this.#test.startMs, state }));
    const list = (changes: TransitionsExpectation["transitions"]): string =>
      changes.map(({ atMs, state }) => `${durationText(atMs)} ${state}`).join(", ") || "none";
    const head = `${definition.alarmName} has the ${expected.kind} ${list(seen)}`;
    if (list(seen) === list(expected.transitions))
      return { line: expected.line, passed: true, text: head, details: [] };
    const text = `${head}; expected ${list(expected.transitions)}`;
    return { line: expected.line, passed: false, text, details: this.#details(definition) };
  }

  #stateChanges(): readonly (ExpectedTransition & Pick<SentMail, "alarmName">)[] {
    return this.#transitions.map(({ current }) => ({
      alarmName: current.alarmName,
      state: current.state,
      atMs: current.stateTransitionedMs,
    }));
  }

  #mail({ line, atMs, subject }: MailExpectation): ExpectationResult {
    const sent = this.#mails.filter((mail) => mail.atMs === this.#test.startMs + atMs);
    const pattern = new RegExp(`^${subject.split("*").map(escapeText).join(".*")}$`);
    const found = sent.find((mail) => pattern.test(mail.subject));
    const time = durationText(atMs);
    if (found !== undefined)
      return { line, passed: true, text: `${time} mail ${found.subject}`, details: [] };
    const others = sent.map((mail) => mail.subject).join("; ") || "no mail";
    return { line, passed: false, text: `${time} ${others}, expected a mail like ${subject}`, details: [] };
  }

  #offBeat({ line }: Expectation): ExpectationResult {
    const every = durationText(this.#stepMs());
    throw new AlarmTestError(
      { file: this.#test.file, line },
      `nothing is evaluated at this time: use a multiple of ${every}`,
    );
  }

  #details(definition: AlarmDefinition): readonly string[] {
    const points = this.#alarms.evaluatedDatapoints(definition.alarmName);
    const reason = this.#alarms.find(definition.alarmName)?.status.stateReason ?? "";
    return [
      `condition: ${alarmCondition(definition)}`,
      ...(points.length === 0 ? [] : datapointTable(points, this.#test.startMs)),
      `StateReason: ${reason}`,
    ];
  }

  /** An alarm by its name or its logical id. */
  #named(name: string, line: number): AlarmDefinition {
    const { definitions, byLogicalId } = this.#templates;
    const wanted = byLogicalId.get(name) ?? name;
    const found = definitions.find((definition) => definition.alarmName === wanted);
    if (found !== undefined) return found;
    const known = definitions.map((definition) => definition.alarmName).join(", ") || "none";
    throw new AlarmTestError(
      { file: this.#test.file, line },
      `no alarm is named "${name}": the templates hold ${known}`,
    );
  }
}

function escapeText(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function filledStore({ series, startMs, intervalMs }: AlarmTest): MetricStore {
  const store = new MetricStore();
  for (const { namespace, metricName, dimensions, items } of series)
    store.putSeries({
      namespace,
      metricName,
      dimensions,
      startMs,
      intervalMs,
      storageResolution: intervalMs < 60_000 ? 1 : 60,
      values: items.map((item) => item?.value),
      counts: items.map((item) => item?.samples),
    });
  return store;
}

/** A picture in text of the points that an alarm saw, oldest first: when, how much, and `X` where they breach. */
function datapointTable(points: readonly EvaluatedDatapoint[], startMs: number): readonly string[] {
  const columns = points
    .toReversed()
    .map((point) => [
      point.startMs < startMs
        ? `-${durationText(startMs - point.startMs)}`
        : durationText(point.startMs - startMs),
      point.value === undefined ? "_" : String(point.value),
      breachMark(point),
    ]);
  const row = (label: string, index: number): string =>
    [label.padEnd(8), ...columns.map((column) => paddedCell(column, index))].join(" ").trimEnd();
  return [row("time", 0), row("value", 1), row("breach", 2)];
}

function breachMark(point: EvaluatedDatapoint): string {
  if (point.value === undefined) return "";
  return point.breaching ? "X" : ".";
}

function paddedCell(column: readonly string[], index: number): string {
  const width = Math.max(...column.map((text) => text.length));
  return (column[index] ?? "").padStart(width);
}
