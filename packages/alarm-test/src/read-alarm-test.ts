import { dirname, resolve } from "node:path";
import type { AlarmState } from "@wrist-agent/cloudwatch/alarm";
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLParseError } from "yaml";
import {
  type AlarmTest,
  AlarmTestError,
  type Expectation,
  type ExpectedTransition,
  type InitialState,
  parseDuration,
  parseSeriesValues,
  type TestSeries,
} from "./alarm-test.ts";

const MEMBERS = [
  ...(["template", "app", "imports", "parameters", "interval", "start", "evaluationRange"] as const),
  ...(["initial", "series", "expect"] as const),
];

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
  return {
    file,
    ...readSource(read, file),
    imports: readTexts(read.imports, "imports"),
    parameters: readTexts(read.parameters, "parameters"),
    intervalMs: read.interval.isMissing ? 60_000 : readInterval(read.interval),
    startMs: readStart(read.start),
    ...range,
    initial: read.initial.entries("initial").map(readInitialState),
    series: read.series.items("series").map(readSeries),
    expectations: read.expect.items("expect").map(readExpectation),
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
  if (ms === undefined) throw reader.fail(`${what} is "${text}": write a time like 90s, 5m, 1h30m or 2d`);
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

function readSeries(reader: YamlReader): TestSeries {
  const read = reader.members("a series", ["namespace", "metric", "dimensions", "values"]);
  const items = parseSeriesValues(read.values.text("values"));
  if ("bad" in items)
    throw read.values.fail(
      `"${items.bad}" is no item of values: write 5, _, 5*3 (three samples), 5x4 (four more) or 1+2x4`,
    );
  return {
    namespace: read.namespace.text("namespace"),
    metricName: read.metric.text("metric"),
    dimensions: readTexts(read.dimensions, "dimensions"),
    items,
  };
}

function readExpectation(reader: YamlReader): Expectation {
  const read = reader.members("an expectation", ["at", "alarm", "state", "transitions", "mails", "mail"]);
  const { line } = reader;
  if (!read.mail.isMissing)
    return { kind: "mail", line, atMs: readDuration(read.at, "at"), subject: readSubject(read.mail) };
  const alarm = read.alarm.text("alarm");
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
    throw reader.fail(`"${text}" is no transition: write a time and a state, like "5m ALARM"`);
  return { atMs, state: found };
}

/** A second document would be left out in silence. */
function yamlMistake({ code, message }: Pick<YAMLParseError, "code" | "message">): string {
  return code === "MULTIPLE_DOCS"
    ? "a file holds one alarm test: write the next one into a file of its own"
    : (message.split("\n")[0] ?? "not YAML");
}

/** A YAML node that knows where it stands, so that a mistake can be shown where it was made. */
class YamlReader {
  readonly #node: unknown;
  readonly #place: { readonly file: string; readonly lines: LineCounter };
  readonly #parentLine: number;

  private constructor(
    node: unknown,
    place: { readonly file: string; readonly lines: LineCounter },
    parentLine: number,
  ) {
    this.#node = node;
    this.#place = place;
    this.#parentLine = parentLine;
  }

  /** Parses a file's text. */
  static parse(text: string, file: string): YamlReader {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, logLevel: "error" });
    const [error] = document.errors;
    if (error !== undefined) {
      const { line } = lines.linePos(error.pos[0]);
      throw new AlarmTestError({ file, line }, yamlMistake(error));
    }
    return new YamlReader(document.contents, { file, lines }, 1);
  }

  get line(): number {
    const start = (this.#node as Node | null | undefined)?.range?.[0];
    return start === undefined ? this.#parentLine : this.#place.lines.linePos(start).line;
  }

  get isMissing(): boolean {
    return this.#node === undefined || (isScalar(this.#node) && this.#node.value === null);
  }

  get isMap(): boolean {
    return isMap(this.#node);
  }

  fail(message: string): AlarmTestError {
    return new AlarmTestError({ file: this.#place.file, line: this.line }, message);
  }

  /** The members of a mapping; others than `allowed` are refused. */
  members<Name extends string>(what: string, allowed: readonly Name[]): Readonly<Record<Name, YamlReader>> {
    const entries = new Map(this.entries(what));
    for (const [name, value] of entries)
      if (!allowed.some((known) => known === name))
        throw value.fail(`${what} has the unknown member "${name}": use ${allowed.join(", ")}`);
    const members = allowed.map((name) => [name, entries.get(name) ?? this.#at(undefined)] as const);
    return Object.fromEntries(members) as Record<Name, YamlReader>;
  }

  /** Names and values of a mapping; none when it is missing. */
  entries(what: string): readonly (readonly [string, YamlReader])[] {
    if (this.isMissing) return [];
    if (!isMap(this.#node)) throw this.fail(`${what} must be a mapping of names to values`);
    return this.#node.items.map((pair) => [
      isScalar(pair.key) ? String(pair.key.value) : "",
      this.#at(pair.value ?? undefined),
    ]);
  }

  /** Items of a list; none when it is missing. */
  items(what: string): readonly YamlReader[] {
    if (this.isMissing) return [];
    if (!isSeq(this.#node)) throw this.fail(`${what} must be a list`);
    return this.#node.items.map((item) => this.#at(item));
  }

  /** A scalar as text. */
  text(what: string): string {
    if (this.isMissing) throw this.fail(`${what} is missing`);
    if (!isScalar(this.#node)) throw this.fail(`${what} must be a single value`);
    return isScalar(this.#node) && typeof this.#node.source === "string"
      ? this.#node.source
      : String(this.#node.value);
  }

  /** One text or a list of texts. */
  texts(what: string): readonly string[] {
    return isSeq(this.#node) ? this.items(what).map((item) => item.text(what)) : [this.text(what)];
  }

  #at(node: unknown): YamlReader {
    return new YamlReader(node, this.#place, this.line);
  }
}
