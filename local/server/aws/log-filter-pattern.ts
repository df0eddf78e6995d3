import { fieldPattern } from "./log-field-pattern.ts";
import { expressionOf, invalidPattern, type LineTest } from "./logs-input.ts";

const TERM = /([-?]?)(?:"((?:\\.|[^"\\])*)"|%([^%]+)%|(\S+))/g;

/**
 * A filter pattern of terms: `a b` wants both, `?a ?b` one of them, `-a` none, `"a b"` the very text, `%a+%`
 * a regular expression. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function filterPattern(pattern: string): LineTest {
  if (/^\s*[{[]/.test(pattern)) return fieldPattern(pattern);
  const terms = [...pattern.matchAll(TERM)].map(([, sign = "", quoted, regex, bare]) => ({
    sign,
    holds: termTest(quoted, regex, bare),
  }));
  const [all, any, none] = ["", "?", "-"].map((sign) => terms.filter((term) => term.sign === sign));
  // Beside terms that have to be there, those with a question mark count for nothing.
  const one = all?.length === 0 && any !== undefined && any.length > 0 ? any : undefined;
  return (message) =>
    (all ?? []).every(({ holds }) => holds(message)) &&
    (one?.some(({ holds }) => holds(message)) ?? true) &&
    !(none ?? []).some(({ holds }) => holds(message));
}

function termTest(quoted: string | undefined, regex: string | undefined, bare: string | undefined): LineTest {
  if (regex !== undefined) {
    const expression = expressionOf(regex);
    return (message) => expression.test(message);
  }
  if (bare !== undefined && !/^\w+$/.test(bare))
    throw invalidPattern(`Invalid character(s) in term '${bare}'`);
  const text = bare ?? quoted?.replace(/\\(["\\])/g, "$1") ?? "";
  return (message) => message.includes(text);
}
