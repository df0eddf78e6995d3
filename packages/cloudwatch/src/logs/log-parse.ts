import { regularExpression } from "./log-expression.ts";
import { type LogRow, type LogRows, logText } from "./log-row.ts";
import { LogsQueryError, type LogsReader, readCommaSeparated } from "./query-reader.ts";

/** `parse [field] "glob * pattern" as a, b` or `parse [field] /…(?<name>…)…/`. */
export function readParse(reader: LogsReader): (input: LogRows) => LogRows {
  const field = reader.next.kind === "name" ? reader.take().text : "@message";
  const { kind, text } = reader.next;
  if (kind !== "text" && kind !== "regex")
    throw reader.unexpected("a text in quotes or a /regular expression/");
  reader.take();
  const names = reader.takeWord("as") ? readCommaSeparated(reader, () => reader.expectName("a name")) : [];
  const match = kind === "regex" ? regexMatch(text) : globMatch(text, names);
  return ({ rows, fields }) => {
    for (const row of rows) setParsed(row, match(logText(row.get(field))), names);
    return { rows, fields };
  };
}

/** What a pattern finds in a text: values in the order of the names, and those that name themselves. */
interface ParsedText {
  readonly values: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string>>;
}

type MatchText = (text: string) => ParsedText | undefined;

const GROUP_NAME = /\(\?<([@\w.-]*[@.-][@\w.-]*)>/g;

/** Groups may be named as fields are, `(?<@duration>…)`, which the language's own groups may not. */
function regexMatch(source: string): MatchText {
  const fieldNames = new Map<string, string>();
  const plain = source.replace(GROUP_NAME, (_group, field: string) => {
    const name = `field${fieldNames.size}_`;
    fieldNames.set(name, field);
    return `(?<${name}>`;
  });
  const pattern = regularExpression(plain);
  return (text) => {
    const match = pattern.exec(text);
    if (match === null) return undefined;
    const named = Object.entries(match.groups ?? {}).map(([name, value]) => [
      fieldNames.get(name) ?? name,
      value,
    ]);
    return { values: match.slice(1), named: Object.fromEntries(named) as Record<string, string> };
  };
}

/**
 * Each asterisk takes as little as it can, one at the end the rest. The first place of each text between two
 * of them is the right one: what cannot be found behind it cannot be found behind a later one. So it is read
 * once.
 */
function globMatch(glob: string, names: readonly string[]): MatchText {
  const parts = glob.split("*");
  if (parts.length - 1 !== names.length)
    throw new LogsQueryError(
      `log query: parse has ${parts.length - 1} asterisks and ${names.length} names: give one name for each`,
    );
  return (text) => {
    const values: string[] = [];
    let from = 0;
    for (const [index, part] of parts.entries()) {
      const isRest = index === parts.length - 1 && index > 0 && part === "";
      const at = isRest ? text.length : text.indexOf(part, from);
      if (at < 0) return undefined;
      if (index > 0) values.push(text.slice(from, at));
      from = at + part.length;
    }
    return { values, named: {} };
  };
}

function setParsed(row: LogRow, found: ParsedText | undefined, names: readonly string[]): void {
  if (found === undefined) return;
  names.forEach((name, index) => row.set(name, found.values[index]));
  for (const [name, value] of Object.entries(found.named)) row.set(name, value);
}
