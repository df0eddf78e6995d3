import { dirname, resolve } from "node:path";
import type { AlarmState } from "../../cloudwatch/alarm-definition.ts";
import type { AlarmTest, Expectation, ExpectedTransition, InitialState, TestSeries } from "./alarm-test.ts";
import { parseDuration } from "./duration.ts";
import { parseSeriesValues } from "./series-values.ts";
import { YamlReader } from "./yaml-reader.ts";

const MEMBERS = [
  ...(["template", "app", "imports", "parameters", "interval", "start", "evaluationRange"] as const),
  ...(["initial", "series", "expect"] as const),
];

const STATES = ["OK", "ALARM", "INSUFFICIENT_DATA"] as const satisfies readonly AlarmState[];

/** A Monday, so that weekly windows begin with the test. */
const START = "2026-01-05T00:00:00Z";

/** Reads a file of alarm tests; what is wrong is refused with its line. */
export function readAlarmTest(text: string, file: string): AlarmTest {
  const read = YamlReader.parse(text, file).members("an alarm test", MEMBERS);
  const range = read.evaluationRange.isMissing ? {} : { evaluationRange: slots(read.evaluationRange) };
  if (read.expect.isMissing) throw read.expect.fail("expect is missing: list what must be true");
  return {
    file,
    ...source(read, file),
    imports: texts(read.imports, "imports"),
    parameters: texts(read.parameters, "parameters"),
    intervalMs: read.interval.isMissing ? 60_000 : interval(read.interval),
    startMs: start(read.start),
    ...range,
    initial: read.initial.entries("initial").map(initialState),
    series: read.series.items("series").map(series),
    expectations: read.expect.items("expect").map(expectation),
  };
}

function source(
  { app, template }: Readonly<Record<"app" | "template", YamlReader>>,
  file: string,
): Pick<AlarmTest, "templates" | "app"> {
  if (app.isMissing)
    return { templates: template.texts("template").map((path) => resolve(dirname(file), path)) };
  if (!template.isMissing) throw app.fail("app stands beside template: give one of the two");
  return { templates: [], app: texts(app, "app") };
}

function texts(reader: YamlReader, what: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    reader.entries(what).map(([name, value]) => [name, value.text(`${what}.${name}`)]),
  );
}

function slots(reader: YamlReader): number {
  const amount = Number(reader.text("evaluationRange"));
  if (!Number.isInteger(amount) || amount < 1)
    throw reader.fail("evaluationRange must be a number of slots, 1 or more");
  return amount;
}

function interval(reader: YamlReader): number {
  const ms = duration(reader, "interval");
  if (ms < 1000) throw reader.fail("interval must be at least 1s");
  return ms;
}

function start(reader: YamlReader): number {
  const ms = Date.parse(reader.isMissing ? START : reader.text("start"));
  if (Number.isNaN(ms) || ms % 60_000 !== 0) throw reader.fail(`start must be a full minute like ${START}`);
  return ms;
}

function duration(reader: YamlReader, what: string): number {
  const text = reader.text(what);
  const ms = parseDuration(text);
  if (ms === undefined) throw reader.fail(`${what} is "${text}": write a time like 90s, 5m, 1h30m or 2d`);
  return ms;
}

function state(reader: YamlReader, what: string): AlarmState {
  const text = reader.text(what);
  const found = STATES.find((name) => name === text);
  if (found === undefined) throw reader.fail(`${what} is "${text}": use ${STATES.join(", ")}`);
  return found;
}

function initialState([alarm, value]: readonly [string, YamlReader]): InitialState {
  return { line: value.line, alarm, state: state(value, `initial.${alarm}`) };
}

function series(reader: YamlReader): TestSeries {
  const read = reader.members("a series", ["namespace", "metric", "dimensions", "values"]);
  const items = parseSeriesValues(read.values.text("values"));
  if ("bad" in items)
    throw read.values.fail(
      `"${items.bad}" is no item of values: write 5, _, 5*3 (three samples), 5x4 (four more) or 1+2x4`,
    );
  return {
    namespace: read.namespace.text("namespace"),
    metricName: read.metric.text("metric"),
    dimensions: texts(read.dimensions, "dimensions"),
    items,
  };
}

function expectation(reader: YamlReader): Expectation {
  const read = reader.members("an expectation", ["at", "alarm", "state", "transitions", "mails", "mail"]);
  const { line } = reader;
  if (!read.mail.isMissing)
    return { kind: "mail", line, atMs: duration(read.at, "at"), subject: subject(read.mail) };
  const alarm = read.alarm.text("alarm");
  for (const kind of ["transitions", "mails"] as const)
    if (!read[kind].isMissing)
      return { kind, line, alarm, transitions: read[kind].items(kind).map(transition) };
  if (read.state.isMissing)
    throw reader.fail("an expectation needs state (with at), transitions, mails, or mail (with at)");
  return { kind: "state", line, atMs: duration(read.at, "at"), alarm, state: state(read.state, "state") };
}

function subject(reader: YamlReader): string {
  return reader.members("mail", ["subject"]).subject.text("mail.subject");
}

function transition(reader: YamlReader): ExpectedTransition {
  const text = reader.text("a transition");
  const [at = "", name = "", ...more] = text.split(" ");
  const atMs = parseDuration(at);
  const found = STATES.find((known) => known === name);
  if (atMs === undefined || found === undefined || more.length > 0)
    throw reader.fail(`"${text}" is no transition: write a time and a state, like "5m ALARM"`);
  return { atMs, state: found };
}
