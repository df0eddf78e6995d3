import { finiteOrMissing, LOG_AGGREGATES, logFunction } from "./log-functions.ts";
import { logPeriod } from "./log-period.ts";
import { compareLogValues, isTruthy, logNumber, type LogRow, logText, type LogValue } from "./log-row.ts";
import { LogsQueryError, type LogsReader } from "./query-reader.ts";

/** An expression, ready to be asked about a row, or inside `stats` about the rows of a group. */
export type LogExpression = (row: LogRow, group: readonly LogRow[]) => LogValue;

type Operation = (left: LogValue, right: LogValue) => LogValue;

function arithmetic(apply: (a: number, b: number) => number): Operation {
  return (left, right) => finiteOrMissing(apply(logNumber(left), logNumber(right)));
}

/** A missing field equals nothing and is in no order. */
function comparison(holds: (order: number) => boolean): Operation {
  return (left, right) => left !== undefined && right !== undefined && holds(compareLogValues(left, right));
}

const COMPARISONS: Readonly<Record<string, Operation>> = {
  "=": comparison((order) => order === 0),
  "==": comparison((order) => order === 0),
  "!=": (left, right) => left === undefined || compareLogValues(left, right) !== 0,
  "<": comparison((order) => order < 0),
  "<=": comparison((order) => order <= 0),
  ">": comparison((order) => order > 0),
  ">=": comparison((order) => order >= 0),
};

const ARITHMETIC: readonly Readonly<Record<string, Operation>>[] = [
  { "+": arithmetic((a, b) => a + b), "-": arithmetic((a, b) => a - b) },
  {
    "*": arithmetic((a, b) => a * b),
    "/": arithmetic((a, b) => a / b),
    "%": arithmetic((a, b) => a % b),
  },
  { "^": arithmetic((a, b) => a ** b) },
];

/**
 * Reads an expression: `or`, `and`, `not`, comparisons, arithmetic, functions, from the loosest to the
 * tightest.
 */
export function readExpression(reader: LogsReader): LogExpression {
  let left = readConjunction(reader);
  while (reader.takeWord("or") || reader.takeSign("||")) {
    const [first, second] = [left, readConjunction(reader)];
    left = (row, group) => isTruthy(first(row, group)) || isTruthy(second(row, group));
  }
  return left;
}

function readConjunction(reader: LogsReader): LogExpression {
  let left = readNegation(reader);
  while (reader.takeWord("and") || reader.takeSign("&&")) {
    const [first, second] = [left, readNegation(reader)];
    left = (row, group) => isTruthy(first(row, group)) && isTruthy(second(row, group));
  }
  return left;
}

function readNegation(reader: LogsReader): LogExpression {
  return reader.takeWord("not") || reader.takeSign("!")
    ? negated(readNegation(reader))
    : readComparison(reader);
}

function negated(inner: LogExpression): LogExpression {
  return (row, group) => !isTruthy(inner(row, group));
}

function readComparison(reader: LogsReader): LogExpression {
  const left = readArithmetic(reader, 0);
  const { kind, text } = reader.next;
  const operation = kind === "sign" && Object.hasOwn(COMPARISONS, text) ? COMPARISONS[text] : undefined;
  if (operation !== undefined) {
    reader.take();
    return joined(operation, left, readArithmetic(reader, 0));
  }
  if (reader.isNext("not", "like") || reader.isNext("not", "in")) {
    reader.take();
    return negated(readMatch(reader, left));
  }
  return readMatch(reader, left);
}

function joined(operation: Operation, left: LogExpression, right: LogExpression): LogExpression {
  return (row, group) => operation(left(row, group), right(row, group));
}

function readMatch(reader: LogsReader, left: LogExpression): LogExpression {
  if (reader.takeWord("in")) return readMembership(reader, left);
  if (!reader.takeWord("like") && !reader.takeSign("=~")) return left;
  const { kind, text } = reader.next;
  if (kind !== "text" && kind !== "regex")
    throw reader.unexpected("a text in quotes or a /regular expression/");
  reader.take();
  const pattern = kind === "regex" ? regularExpression(text) : undefined;
  return (row, group) => {
    const value = left(row, group);
    if (value === undefined) return false;
    return pattern === undefined ? logText(value).includes(text) : pattern.test(logText(value));
  };
}

/** Whether a group with an unbounded repetition is itself repeated without bound, as in `(a+)+`. */
function repeatsRepetition(source: string): boolean {
  const plain = source.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]/g, "x");
  const groups: boolean[] = [false];
  for (let at = 0; at < plain.length; at += 1) {
    const character = plain.charAt(at);
    if (character === "(") groups.push(false);
    const isEnd = character === ")";
    const held = isEnd && groups.length > 1 ? groups.pop() === true : false;
    const isRepeated = /^(?:[+*]|\{\d+,\})/.test(plain.slice(at + 1, at + 8));
    if (held && isRepeated) return true;
    if (held || (isRepeated && character !== "(")) groups[groups.length - 1] = true;
  }
  return false;
}

const INLINE_FLAGS = /\(\?([ims]+)\)/g;

/** The pattern between slashes. Flags such as `(?i)` hold for all of it, wherever they stand. */
export function regularExpression(source: string): RegExp {
  if (repeatsRepetition(source))
    throw new LogsQueryError(
      `log query: /${source}/ repeats a group that repeats, which may never end: repeat one of them only`,
    );
  const flags = [...source.matchAll(INLINE_FLAGS)].map(([, letters = ""]) => letters).join("");
  try {
    return new RegExp(source.replace(INLINE_FLAGS, ""), [...new Set(flags)].join(""));
  } catch (error) {
    throw new LogsQueryError(`log query: /${source}/ is not a regular expression`, { cause: error });
  }
}

function readMembership(reader: LogsReader, left: LogExpression): LogExpression {
  reader.expectSign("[");
  const items = readList(reader, "]");
  return (row, group) => {
    const value = left(row, group);
    return value !== undefined && items.some((item) => compareLogValues(item(row, group), value) === 0);
  };
}

function readList(reader: LogsReader, close: string): readonly LogExpression[] {
  const items: LogExpression[] = [];
  if (reader.takeSign(close)) return items;
  do items.push(readExpression(reader));
  while (reader.takeSign(","));
  reader.expectSign(close);
  return items;
}

function readArithmetic(reader: LogsReader, level: number): LogExpression {
  const operations = ARITHMETIC[level];
  if (operations === undefined) return readOperand(reader);
  let left = readArithmetic(reader, level + 1);
  for (;;) {
    const { kind, text } = reader.next;
    const operation = kind === "sign" && Object.hasOwn(operations, text) ? operations[text] : undefined;
    if (operation === undefined) return left;
    reader.take();
    left = joined(operation, left, readArithmetic(reader, level + 1));
  }
}

function readOperand(reader: LogsReader): LogExpression {
  const { kind, text } = reader.next;
  if (kind === "number" || kind === "text" || kind === "duration") {
    reader.take();
    const value = kind === "number" ? Number(text) : kind === "text" ? text : logPeriod(text);
    return () => value;
  }
  if (reader.takeSign("-")) {
    const inner = readOperand(reader);
    return (row, group) => finiteOrMissing(-logNumber(inner(row, group)));
  }
  if (reader.takeSign("(")) {
    const inner = readExpression(reader);
    reader.expectSign(")");
    return inner;
  }
  const name = reader.expectName("a field, a function, a number or a text");
  return reader.takeSign("(") ? readCall(reader, name) : (row) => row.get(name);
}

function readCall(reader: LogsReader, name: string): LogExpression {
  const key = name.toLowerCase();
  const isEveryRow = reader.isNext("*", ")");
  if (isEveryRow) reader.take();
  const args = readList(reader, ")");
  if (key === "bin") return bin(args);
  const aggregate = Object.hasOwn(LOG_AGGREGATES, key) ? LOG_AGGREGATES[key] : undefined;
  if (aggregate === undefined) {
    const apply = logFunction(name);
    return (row, group) => apply(args.map((argument) => argument(row, group)));
  }
  const of: LogExpression = isEveryRow || args[0] === undefined ? () => 1 : args[0];
  return (row, rows) => {
    if (rows.length === 0) throw new LogsQueryError(`log query: ${name} is only understood by stats`);
    return aggregate({
      values: rows.map((each) => of(each, [])).filter((value) => value !== undefined),
      parameter: logNumber(args[1]?.(row, rows)),
    });
  };
}

/** `bin(5m)` of the event's own time, or `bin(time, 5m)`. */
function bin(args: readonly LogExpression[]): LogExpression {
  const period = args.at(-1);
  if (period === undefined || args.length > 2)
    throw new LogsQueryError("log query: bin takes one period, as bin(5m)");
  const floor = logFunction("datefloor");
  const time: LogExpression = (args.length === 2 ? args[0] : undefined) ?? ((row) => row.get("@timestamp"));
  return (row, group) => floor([time(row, group), period(row, group)]);
}
