import { alarmNameOf } from "@wrist-agent/cloudwatch/alarm";
import { alarmCondition } from "@wrist-agent/cloudwatch/alarms/alarm-plan";
import type { EvaluatedDatapoint } from "@wrist-agent/cloudwatch/alarms/state-reason";
import { alarmMetrics, metricText } from "./alarm-metrics.ts";
import {
  type AlarmTest,
  AlarmTestError,
  durationText,
  type Expectation,
  type TestValue,
} from "./alarm-test.ts";
import { type Feed, feedNotes, filledStore, type TestNote, unfedMetrics } from "./fed-series.ts";
import { Simulation, type StateChange } from "./simulation.ts";
import { alarmsWithChildren, findAlarm, type TemplateAlarm, type TemplateAlarms } from "./template-alarms.ts";
import { resolveReference } from "./test-references.ts";

/** The alarm of an expectation, as results show it. */
export interface AlarmShown {
  readonly name: string;
  readonly logicalId: string;
  readonly stackName: string;
  readonly region: string;
  /** `AWS/Lambda Errors {FunctionName=agent}`; none of a composite. */
  readonly metrics: readonly string[];
}

/** What became of one expectation. */
export interface ExpectationResult {
  readonly line: number;
  readonly passed: boolean;
  /** What was expected, and what was instead. */
  readonly text: string;
  /** The alarm's condition, the points it saw and its StateReason; empty when the expectation was met. */
  readonly details: readonly string[];
  /** Missing where the expectation names no alarm. */
  readonly alarm?: AlarmShown;
}

/** What became of a test. */
export interface TestOutcome {
  readonly expectations: readonly ExpectationResult[];
  /** What does not meet: series that no alarm reads, alarms that no series feeds. */
  readonly notes: readonly TestNote[];
}

/** Replays a test minute by minute and compares. */
export function runAlarmTest(test: AlarmTest, templates: TemplateAlarms): TestOutcome {
  return new AlarmTestRun(test, templates).outcome();
}

type StateExpectation = Extract<Expectation, { kind: "state" }>;
type ChangesExpectation = Extract<Expectation, { kind: "transitions" | "mails" }>;
type MailExpectation = Extract<Expectation, { kind: "mail" }>;

class AlarmTestRun {
  readonly #test: AlarmTest;
  readonly #templates: TemplateAlarms;
  readonly #alarms: readonly TemplateAlarm[];
  readonly #feed: Feed;
  readonly #simulation: Simulation;

  constructor(test: AlarmTest, templates: TemplateAlarms) {
    this.#test = test;
    this.#templates = templates;
    this.#alarms = test.app === undefined ? templates.alarms : this.#namedAlarms();
    this.#feed = { series: this.#series(), startMs: test.startMs, intervalMs: test.intervalMs };
    this.#simulation = new Simulation({
      alarms: this.#alarms,
      muteRules: templates.muteRules,
      store: ({ region }) => filledStore(this.#feed, this.#alarms, region),
      startMs: test.startMs,
      ...(test.evaluationRange === undefined ? {} : { evaluationRange: test.evaluationRange }),
      initial: test.initial.map(({ alarm, state, line }) => ({ alarm: this.#named(alarm, line), state })),
    });
  }

  outcome(): TestOutcome {
    const results = this.#replay();
    for (const expected of this.#test.expectations) {
      if (expected.kind === "transitions" || expected.kind === "mails")
        results.set(expected, this.#changes(expected));
      if (expected.kind === "mail") results.set(expected, this.#mail(expected));
    }
    const met = this.#test.expectations.map((expected) => results.get(expected) ?? this.#offBeat(expected));
    return { expectations: [...this.#invalidAlarms(), ...met], notes: this.#notes() };
  }

  /** The states at their times: the others are compared at the end. */
  #replay(): Map<Expectation, ExpectationResult> {
    const results = new Map<Expectation, ExpectationResult>();
    const { startMs, expectations } = this.#test;
    const states = expectations.filter(
      (each): each is Expectation & StateExpectation => each.kind === "state",
    );
    const endMs = this.#endMs();
    for (let atMs = 0; atMs <= endMs; atMs += this.#simulation.stepMs) {
      if (atMs > 0) this.#evaluate(startMs + atMs);
      for (const expected of states) if (expected.atMs === atMs) results.set(expected, this.#state(expected));
    }
    return results;
  }

  /** An app has many alarms that a file is not about: those that it names, and their parts, run. */
  #namedAlarms(): readonly TemplateAlarm[] {
    const named = [...this.#test.initial, ...this.#test.expectations].flatMap((each) =>
      "alarm" in each ? [this.#named(each.alarm, each.line)] : [],
    );
    const [first] = named;
    const near = this.#templates.alarms.filter(
      ({ region }) => first === undefined || region === first.region,
    );
    return alarmsWithChildren(near, new Set(named.map(({ definition }) => definition.alarmName)));
  }

  #series(): Feed["series"] {
    return this.#test.series.map(({ line, namespace, metricName, dimensions, items, unit, region }) => ({
      line,
      items,
      ...(unit === undefined ? {} : { unit }),
      ...(region === undefined ? {} : { region }),
      metric: {
        namespace: this.#text(namespace, line),
        metricName: this.#text(metricName, line),
        dimensions: Object.fromEntries(
          Object.entries(dimensions).map(([name, value]) => [name, this.#text(value, line)]),
        ),
      },
    }));
  }

  #text(value: TestValue, line: number): string {
    const found = resolveReference(this.#templates, value);
    if ("text" in found) return found.text;
    throw new AlarmTestError({ file: this.#test.file, line }, found.problem);
  }

  /** An alarm by its name, its logical id or a reference. */
  #named(value: TestValue, line: number): TemplateAlarm {
    const found = findAlarm(this.#templates, alarmNameOf(this.#text(value, line)));
    if ("alarm" in found) return found.alarm;
    throw new AlarmTestError({ file: this.#test.file, line }, found.problem);
  }

  #evaluate(nowMs: number): void {
    this.#simulation.evaluate(nowMs);
    const failure = this.#simulation.failure(nowMs);
    if (failure === undefined) return;
    const time = durationText(nowMs - this.#test.startMs);
    throw new AlarmTestError(
      { file: this.#test.file, line: 1 },
      `${time} ${failure.alarmName} cannot be evaluated: ${failure.message}`,
    );
  }

  #endMs(): number {
    const longest = Math.max(0, ...this.#test.series.map((series) => series.items.length));
    const times = this.#test.expectations.flatMap((expected) =>
      "transitions" in expected ? expected.transitions.map((change) => change.atMs) : [expected.atMs],
    );
    return Math.max(longest * this.#test.intervalMs, ...times);
  }

  /**
   * Alarms that CloudFormation or CloudWatch would refuse: a template with one of them cannot be deployed.
   */
  #invalidAlarms(): readonly ExpectationResult[] {
    return [...this.#templates.invalid, ...this.#simulation.invalid].map(
      ({ logicalId, stackName, reason }) => ({
        line: 1,
        passed: false,
        text: `${logicalId} of ${stackName} would not be created: ${reason}`,
        details: [],
      }),
    );
  }

  #state(expected: StateExpectation & Expectation): ExpectationResult {
    const alarm = this.#named(expected.alarm, expected.line);
    const state = this.#simulation.status(alarm)?.state;
    const head = `${durationText(expected.atMs)} ${alarm.definition.alarmName} is ${state ?? "not created"}`;
    const passed = state === expected.state;
    return this.#result(expected, {
      alarm,
      passed,
      text: passed ? head : `${head}, expected ${expected.state}`,
    });
  }

  #changes(expected: ChangesExpectation & Expectation): ExpectationResult {
    const alarm = this.#named(expected.alarm, expected.line);
    const { mails, changes } = this.#simulation;
    const seen = listText(expected.kind === "mails" ? mails : changes, alarm, this.#test.startMs);
    const wanted =
      expected.transitions.map(({ atMs, state }) => `${durationText(atMs)} ${state}`).join(", ") || "none";
    const head = `${alarm.definition.alarmName} has the ${expected.kind} ${seen}`;
    const passed = seen === wanted;
    return this.#result(expected, { alarm, passed, text: passed ? head : `${head}; expected ${wanted}` });
  }

  #mail({ line, atMs, subject }: MailExpectation & Expectation): ExpectationResult {
    const sent = this.#simulation.mails.filter((mail) => mail.atMs === this.#test.startMs + atMs);
    const pattern = new RegExp(`^${subject.split("*").map(escapeText).join(".*")}$`);
    const found = sent.find((mail) => pattern.test(mail.subject));
    const time = durationText(atMs);
    if (found !== undefined)
      return { line, passed: true, text: `${time} mail ${found.subject}`, details: [] };
    const others = sent.map((mail) => mail.subject).join("; ") || "no mail";
    return { line, passed: false, text: `${time} ${others}, expected a mail like ${subject}`, details: [] };
  }

  #offBeat({ line }: Expectation): ExpectationResult {
    const every = durationText(this.#simulation.stepMs);
    throw new AlarmTestError(
      { file: this.#test.file, line },
      `nothing is evaluated at this time: use a multiple of ${every}`,
    );
  }

  #result(
    { line }: Expectation,
    {
      alarm,
      passed,
      text,
    }: { readonly alarm: TemplateAlarm; readonly passed: boolean; readonly text: string },
  ): ExpectationResult {
    const details = passed ? [] : alarmDetails(this.#simulation, alarm, this.#test.startMs);
    return { line, passed, text, details, alarm: alarmShown(alarm) };
  }

  #notes(): readonly TestNote[] {
    const named = this.#test.expectations.flatMap((expected) =>
      "alarm" in expected ? [{ line: expected.line, alarm: this.#named(expected.alarm, expected.line) }] : [],
    );
    const noted = new Set<TemplateAlarm>();
    const unfed = named.flatMap(({ line, alarm }) => {
      const metrics = noted.has(alarm) ? [] : unfedMetrics(this.#feed, alarm);
      noted.add(alarm);
      if (metrics.length === 0) return [];
      return [
        { line, text: `no series feeds ${metrics.join(" nor ")}, which ${alarm.definition.alarmName} reads` },
      ];
    });
    const notices = this.#templates.notices.map((text) => ({ line: 1, text }));
    return [...notices, ...feedNotes(this.#feed, this.#alarms), ...unfed];
  }
}

/** An alarm as results show it. */
export function alarmShown({ definition, logicalId, stackName, region }: TemplateAlarm): AlarmShown {
  const metrics = alarmMetrics(definition).map(({ metric }) => metricText(metric));
  return { name: definition.alarmName, logicalId, stackName, region, metrics };
}

function listText(
  changes: readonly Pick<StateChange, "alarm" | "atMs" | "state">[],
  alarm: TemplateAlarm,
  startMs: number,
): string {
  const own = changes.filter((change) => change.alarm === alarm);
  return own.map(({ atMs, state }) => `${durationText(atMs - startMs)} ${state}`).join(", ") || "none";
}

function escapeText(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/**
 * What explains the state of an alarm: its condition and metrics, the points that it saw, its StateReason.
 */
export function alarmDetails(
  simulation: Simulation,
  alarm: TemplateAlarm,
  startMs: number,
): readonly string[] {
  const { definition } = alarm;
  const points = simulation.evaluatedDatapoints(alarm);
  const reason = simulation.status(alarm)?.stateReason ?? "";
  return [
    `condition: ${alarmCondition(definition)}`,
    ...alarmShown(alarm).metrics.map((metric) => `metric: ${metric}`),
    ...(points.length === 0 ? [] : datapointTable(points, startMs)),
    `StateReason: ${reason}`,
  ];
}

/**
 * A picture in text of the points that an alarm saw, oldest first: when, how much, and `X` where they breach.
 */
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
