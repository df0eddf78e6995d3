/** A piece of an alarm rule and where it stands. */
export interface RuleToken {
  readonly kind: "mark" | "word" | "quoted" | "end";
  /** Without quotes and escapes. */
  readonly text: string;
  /** Counted from 0, as CloudWatch's messages do. */
  readonly char: number;
}

const TOKEN = /\s*(?:([(),])|"((?:\\.|[^"\\])*)"|([^\s(),]+))/y;

/** Cuts an alarm rule into tokens; the last one is always `<EOF>`. */
export function ruleTokens(rule: string): readonly RuleToken[] {
  const tokens: RuleToken[] = [];
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(rule); found !== null; found = TOKEN.exec(rule)) tokens.push(token(found));
  return [...tokens, { kind: "end", text: "<EOF>", char: rule.length }];
}

function token(found: RegExpExecArray): RuleToken {
  const [whole, mark, quoted, word] = found;
  const char = found.index + whole.length - whole.trimStart().length;
  if (mark !== undefined) return { kind: "mark", text: mark, char };
  if (quoted !== undefined) return { kind: "quoted", text: quoted.replaceAll(/\\(.)/g, "$1"), char };
  return { kind: "word", text: word ?? "", char };
}
