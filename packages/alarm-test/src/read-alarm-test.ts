import { dirname, resolve } from "node:path";
import type { AlarmState } from "@wrist-agent/cloudwatch/alarm";
import { UNITS } from "./aws-units.ts";
import {
  type AlarmTest,
  type Expectation,
  type ExpectedTransition,
  type InitialState,
  DURATION_FORM,
  parseDuration,
  parseSeriesValues,
  VALUE_RANGE,
  type TestSeries,
  type TestValue,
} from "./alarm-test.ts";
import { YamlReader } from "./yaml-reader.ts";

const MEMBERS = [
  "template",
  "app",
  "imports",
  "parameters",
  "physical",
  "resolve",
  "interval",
  "start",
  "evaluationRange",
  "initial",
  "series",
  "expect",
] as const;

const STATES = ["OK", "ALARM", "INSUFFICIENT_DATA"] as const satisfies readonly AlarmState[];

/** A Monday, so that weekly windows begin with the test. */
const DEFAULT_START = "2026-01-05T00:00:00Z";

/** Reads a file of alarm tests; what is wrong is refused with its line. */
export function readAlarmTest(text: string, file: string): AlarmTest {
  const read = YamlReader.parse(text, file).members("an alarm test", MEMBERS);
  const range = read.evaluationRange.isMissing
    ? {}
    : { evaluationRange: readEvaluationRange(read.evaluationRange) };
  if (read.expect.isMissing) throw read.expect.fail("expect is missing: list what must be true");
  const test: AlarmTest = {
    file,
    ...readSource(read, file),
    imports: readTexts(read.imports, "imports"),
    parameters: readTexts(read.parameters, "parameters"),
    physical: readTexts(read.physical, "physical"),
    resolve: readTexts(read.resolve, "resolve"),
    intervalMs: read.interval.isMissing ? 60_000 : readInterval(read.interval),
    startMs: readStart(read.start),
    ...range,
    initial: read.initial.entries("initial").map(readInitialState),
    series: read.series.items("series").map(readSeries),
    expectations: read.expect.items("expect").map(readExpectation),
  };
  // A test without expectations passes whatever the alarms do.
  if (test.expectations.length === 0) throw read.expect.fail("expect is empty: list what must be true");
  return test;
}

/**
 * Reads the series of a file of alarm tests, or of one that has nothing else, with the times of their items.
 */
export function readSeriesFile(
  text: string,
  file: string,
): Pick<AlarmTest, "series" | "intervalMs" | "startMs"> {
  const read = YamlReader.parse(text, file).members("a file of series", MEMBERS);
  return {
    intervalMs: read.interval.isMissing ? 60_000 : readInterval(read.interval),
    startMs: readStart(read.start),
    series: read.series.items("series").map(readSeries),
  };
}

function readSource(
  { app, template }: Readonly<Record<"app" | "template", YamlReader>>,
  file: string,
): Pick<AlarmTest, "templates" | "app"> {
  if (app.isMissing)
    return { templates: template.texts("template").map((path) => resolve(dirname(file), path)) };
  if (!template.isMissing) throw app.fail("app stands beside template: give one of the two");
  return { templates: [], app: readTexts(app, "app") };
}

function readTexts(reader: YamlReader, what: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    reader.entries(what).map(([name, value]) => [name, value.text(`${what}.${name}`)]),
  );
}

function readEvaluationRange(reader: YamlReader): number {
  const amount = Number(reader.text("evaluationRange"));
  if (!Number.isInteger(amount) || amount < 1)
    throw reader.fail("evaluationRange must be a number of slots, 1 or more");
  return amount;
}

function readInterval(reader: YamlReader): number {
  const ms = readDuration(reader, "interval");
  if (ms < 1000) throw reader.fail("interval must be at least 1s");
  return ms;
}

function readStart(reader: YamlReader): number {
  const ms = Date.parse(reader.isMissing ? DEFAULT_START : reader.text("start"));
  if (Number.isNaN(ms) || ms % 60_000 !== 0)
    throw reader.fail(`start must be a full minute like ${DEFAULT_START}`);
  return ms;
}

function readDuration(reader: YamlReader, what: string): number {
  const text = reader.text(what);
  const ms = parseDuration(text);
  if (ms === undefined) throw reader.fail(`${what} is "${text}": write a time like ${DURATION_FORM}`);
  return ms;
}

function readState(reader: YamlReader, what: string): AlarmState {
  const text = reader.text(what);
  const found = STATES.find((name) => name === text);
  if (found === undefined) throw reader.fail(`${what} is "${text}": use ${STATES.join(", ")}`);
  return found;
}

function readInitialState([alarm, value]: readonly [string, YamlReader]): InitialState {
  return { line: value.line, alarm, state: readState(value, `initial.${alarm}`) };
}

const SERIES_MEMBERS = ["namespace", "metric", "dimensions", "unit", "region", "values"] as const;

function readSeries(reader: YamlReader): TestSeries {
  const read = reader.members("a series", SERIES_MEMBERS);
  const items = parseSeriesValues(read.values.text("values"));
  if ("bad" in items)
    throw read.values.fail(
      `"${items.bad}" is no item of values: write 5, _, 5*3 (three samples), 5x4 (four more) or 1+2x4, ${VALUE_RANGE}`,
    );
  return {
    line: reader.line,
    namespace: read.namespace.value("namespace"),
    metricName: read.metric.value("metric"),
    dimensions: readValues(read.dimensions, "dimensions"),
    ...(read.unit.isMissing ? {} : { unit: readUnit(read.unit) }),
    ...(read.region.isMissing ? {} : { region: read.region.text("region") }),
    items,
  };
}

function readValues(reader: YamlReader, what: string): Readonly<Record<string, TestValue>> {
  return Object.fromEntries(
    reader.entries(what).map(([name, value]) => [name, value.value(`${what}.${name}`)]),
  );
}

function readUnit(reader: YamlReader): string {
  const unit = reader.text("unit");
  if (!UNITS.includes(unit)) throw reader.fail(`unit is "${unit}": use one of ${UNITS.join(", ")}`);
  return unit;
}

function readExpectation(reader: YamlReader): Expectation {
  const read = reader.members("an expectation", ["at", "alarm", "state", "transitions", "mails", "mail"]);
  const { line } = reader;
  if (!read.mail.isMissing)
    return { kind: "mail", line, atMs: readDuration(read.at, "at"), subject: readSubject(read.mail) };
  const alarm = read.alarm.value("alarm");
  for (const kind of ["transitions", "mails"] as const)
    if (!read[kind].isMissing)
      return { kind, line, alarm, transitions: read[kind].items(kind).map(readTransition) };
  if (read.state.isMissing)
    throw reader.fail("an expectation needs state (with at), transitions, mails, or mail (with at)");
  return {
    kind: "state",
    line,
    atMs: readDuration(read.at, "at"),
    alarm,
    state: readState(read.state, "state"),
  };
}

function readSubject(reader: YamlReader): string {
  return reader.members("mail", ["subject"]).subject.text("mail.subject");
}

function readTransition(reader: YamlReader): ExpectedTransition {
  const text = reader.text("a transition");
  const [at = "", name = "", ...more] = text.split(" ");
  const atMs = parseDuration(at);
  const found = STATES.find((known) => known === name);
  if (atMs === undefined || found === undefined || more.length > 0)
    throw reader.fail(
      `"${text}" is no transition: write a time of at most 455d and a state, like "5m ALARM"`,
    );
  return { atMs, state: found };
}
