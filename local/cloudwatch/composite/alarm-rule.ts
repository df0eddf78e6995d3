import type { AlarmState } from "../alarm-definition.ts";
import { AlarmError } from "../alarm/alarm-error.ts";
import { type RuleToken, ruleTokens } from "./rule-tokens.ts";

/** An alarm rule as a tree; alarms stand in it by name or ARN, as written. */
export type AlarmRule =
  | { readonly kind: "literal"; readonly value: boolean }
  | { readonly kind: "state"; readonly state: AlarmState; readonly alarm: string }
  | { readonly kind: "not"; readonly of: AlarmRule }
  | { readonly kind: "and" | "or"; readonly left: AlarmRule; readonly right: AlarmRule }
  | AtLeast;

interface AtLeast {
  readonly kind: "atLeast";
  readonly count: number;
  /** `NOT STATE`: counts the alarms in other states. */
  readonly negated: boolean;
  readonly state: AlarmState;
  readonly alarms: readonly string[];
}

const OPERAND = "'(', 'NOT', AT_LEAST, TRUE or FALSE, ALARM, OK, or INSUFFICIENT_DATA";
const STATES: readonly string[] = ["ALARM", "OK", "INSUFFICIENT_DATA"] satisfies AlarmState[];

/**
 * Reads an alarm rule and refuses a bad one in CloudWatch's words.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 */
export function parseAlarmRule(text: string): AlarmRule {
  if (text.length > 10_240) throw new AlarmError("ValidationError", "AlarmRule takes up to 10240 characters");
  const parser = new RuleParser(ruleTokens(text));
  const rule = parser.expression();
  parser.end();
  checkSize(rule, text);
  return rule;
}

/** Every alarm that a rule names, once each, as written. */
export function ruleAlarms(rule: AlarmRule): readonly string[] {
  return [...new Set(mentions(rule))];
}

function mentions(rule: AlarmRule): readonly string[] {
  switch (rule.kind) {
    case "literal":
      return [];
    case "state":
      return [rule.alarm];
    case "not":
      return mentions(rule.of);
    case "atLeast":
      return rule.alarms;
    default:
      return [...mentions(rule.left), ...mentions(rule.right)];
  }
}

function checkSize(rule: AlarmRule, text: string): void {
  if (ruleAlarms(rule).length > 100)
    throw new AlarmError(
      "ValidationError",
      "AlarmRule takes up to 100 alarms: split it into several composite alarms",
    );
  const elements = mentions(rule).length + (text.match(/\b(?:TRUE|FALSE)\b|[()]/g) ?? []).length;
  if (elements > 500)
    throw new AlarmError(
      "ValidationError",
      "AlarmRule takes up to 500 elements: split it into several composite alarms",
    );
}

class RuleParser {
  readonly #tokens: readonly RuleToken[];
  #next = 0;

  constructor(tokens: readonly RuleToken[]) {
    this.#tokens = tokens;
  }

  expression(): AlarmRule {
    let left = this.#conjunction();
    while (this.#takes("OR")) left = { kind: "or", left, right: this.#conjunction() };
    return left;
  }

  end(): void {
    if (this.#peek().kind !== "end") throw this.#unexpected("<EOF>, 'AND', 'OR'");
  }

  #conjunction(): AlarmRule {
    let left = this.#operand();
    while (this.#takes("AND")) left = { kind: "and", left, right: this.#operand() };
    return left;
  }

  #operand(): AlarmRule {
    if (this.#takes("NOT")) return { kind: "not", of: this.#operand() };
    if (this.#takes("(")) return this.#grouped();
    if (this.#takes("TRUE")) return { kind: "literal", value: true };
    if (this.#takes("FALSE")) return { kind: "literal", value: false };
    if (this.#takes("AT_LEAST")) return this.#atLeast();
    const state = this.#state(OPERAND);
    this.#expect("(");
    const alarm = this.#alarm();
    this.#expect(")");
    return { kind: "state", state, alarm };
  }

  #grouped(): AlarmRule {
    const rule = this.expression();
    if (!this.#takes(")")) throw this.#unexpected("')', 'AND', 'OR'");
    return rule;
  }

  #atLeast(): AlarmRule {
    this.#expect("(");
    const amount = this.#peek();
    this.#next += 1;
    this.#expect(",");
    const negated = this.#takes("NOT");
    const state = this.#state("'NOT', ALARM, OK, or INSUFFICIENT_DATA");
    this.#expect(",");
    const alarms = this.#list();
    this.#expect(")");
    return { kind: "atLeast", count: countOf(amount, alarms.length), negated, state, alarms };
  }

  #list(): readonly string[] {
    this.#expect("(");
    const alarms = [this.#alarm()];
    while (this.#takes(",")) alarms.push(this.#alarm());
    if (!this.#takes(")")) throw this.#unexpected("')', ','");
    return alarms;
  }

  #state(expected: string): AlarmState {
    const { kind, text } = this.#peek();
    const state = kind === "word" ? STATES.find((name) => name === text) : undefined;
    if (state === undefined) throw this.#unexpected(expected);
    this.#next += 1;
    return state as AlarmState;
  }

  #alarm(): string {
    const { kind, text } = this.#peek();
    if (kind !== "word" && kind !== "quoted") throw this.#unexpected("an alarm name or ARN");
    this.#next += 1;
    return text;
  }

  #expect(mark: string): void {
    if (!this.#takes(mark)) throw this.#unexpected(`'${mark}'`);
  }

  #takes(text: string): boolean {
    const token = this.#peek();
    if (token.kind === "quoted" || token.text !== text) return false;
    this.#next += 1;
    return true;
  }

  #peek(): RuleToken {
    return this.#tokens[this.#next] ?? { kind: "end", text: "<EOF>", char: 0 };
  }

  #unexpected(expected: string): AlarmError {
    const { text, char } = this.#peek();
    return ruleError(`Unsupported token '${text}' at char ${char}, must be: ${expected}`);
  }
}

function ruleError(detail: string): AlarmError {
  return new AlarmError("ValidationError", `Error in AlarmRule [${detail}]`);
}

/** A percentage counts its share of the list, rounded up. */
function countOf({ text, char }: RuleToken, listed: number): number {
  const [, digits, percent] = /^(\d+)(%?)$/.exec(text) ?? [];
  const amount = Number(digits);
  const highest = percent === "%" ? 100 : listed;
  if (!(amount >= 1 && amount <= highest)) {
    const allowed = `a number from 1 to ${listed}, or a percentage from 1% to 100%`;
    throw ruleError(`Unsupported token '${text}' at char ${char}, must be: ${allowed}`);
  }
  return percent === "%" ? Math.ceil((amount * listed) / 100) : amount;
}
