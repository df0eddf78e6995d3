import { AlarmError, type AlarmState } from "../alarm.ts";

/** A piece of an alarm rule and where it stands. */
interface RuleToken {
  readonly kind: "mark" | "word" | "quoted" | "end";
  /** Without quotes and escapes. */
  readonly text: string;
  /** Counted from 0, as CloudWatch's messages do. */
  readonly char: number;
}

const TOKEN = /\s*(?:([(),])|"((?:\\.|[^"\\])*)"|([^\s(),]+))/y;

/** Cuts an alarm rule into tokens; the last one is always `<EOF>`. */
function ruleTokens(rule: string): readonly RuleToken[] {
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
  if (elements > MAX_ELEMENTS) throw tooManyElements();
}

const MAX_ELEMENTS = 500;

function tooManyElements(): AlarmError {
  return new AlarmError(
    "ValidationError",
    `AlarmRule takes up to ${MAX_ELEMENTS} elements: split it into several composite alarms`,
  );
}

class RuleParser {
  readonly #tokens: readonly RuleToken[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly RuleToken[]) {
    this.#tokens = tokens;
  }

  expression(): AlarmRule {
    let left = this.#conjunction();
    while (this.#takes("OR")) left = { kind: "or", left, right: this.#conjunction() };
    return left;
  }

  end(): void {
    if (this.#peek().kind === "end") return;
    // CloudWatch takes one superfluous token at the end for just that, and expects nothing else.
    const isLast = this.#tokens[this.#next + 1]?.kind === "end";
    throw this.#unexpected(isLast ? "<EOF>" : "<EOF>, 'AND', 'OR'");
  }

  #conjunction(): AlarmRule {
    let left = this.#operand();
    while (this.#takes("AND")) left = { kind: "and", left, right: this.#operand() };
    return left;
  }

  /** Refused while it is read: a rule nested deeper than it may have elements would take the whole stack. */
  #operand(): AlarmRule {
    this.#depth += 1;
    if (this.#depth > MAX_ELEMENTS) throw tooManyElements();
    const rule = this.#operandHere();
    this.#depth -= 1;
    return rule;
  }

  #operandHere(): AlarmRule {
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
  if (digits === undefined)
    throw ruleError(`Unsupported token '${text}' at char ${char}, must be: NUMBER, PERCENTAGE NUMBER`);
  const amount = Number(digits);
  const isPercentage = percent === "%";
  if (amount < 1 || amount > (isPercentage ? 100 : listed))
    throw ruleError(
      isPercentage
        ? "AT_LEAST percentage threshold must be between 1% and 100%"
        : `AT_LEAST absolute threshold must be between 1 and number of alarms (${listed})`,
    );
  return isPercentage ? Math.ceil((amount * listed) / 100) : amount;
}

/** Whether a rule holds, given the state of each alarm that it names; an alarm that is gone has no data. */
export function alarmRuleHolds(rule: AlarmRule, stateOf: (alarm: string) => AlarmState): boolean {
  switch (rule.kind) {
    case "literal":
      return rule.value;
    case "state":
      return stateOf(rule.alarm) === rule.state;
    case "not":
      return !alarmRuleHolds(rule.of, stateOf);
    case "and":
      return alarmRuleHolds(rule.left, stateOf) && alarmRuleHolds(rule.right, stateOf);
    case "or":
      return alarmRuleHolds(rule.left, stateOf) || alarmRuleHolds(rule.right, stateOf);
    case "atLeast":
      return (
        rule.alarms.filter((alarm) => (stateOf(alarm) === rule.state) !== rule.negated).length >= rule.count
      );
  }
}

/**
 * The alarms whose being in ALARM helps a rule to hold, once each, as written.
 *
 * `NOT ALARM(x)` names no cause: the rule holds in spite of x. `NOT OK(x)` does.
 */
export function alarmRuleCauses(rule: AlarmRule): readonly string[] {
  return [...new Set(causes(rule, "holds"))];
}

type Wanted = "holds" | "fails";

const OPPOSITE: Readonly<Record<Wanted, Wanted>> = { holds: "fails", fails: "holds" };

function causes(rule: AlarmRule, wanted: Wanted): readonly string[] {
  switch (rule.kind) {
    case "literal":
      return [];
    case "state":
      return helpsRaised(rule.state, wanted) ? [rule.alarm] : [];
    case "not":
      return causes(rule.of, OPPOSITE[wanted]);
    case "atLeast":
      return helpsRaised(rule.state, rule.negated ? OPPOSITE[wanted] : wanted) ? rule.alarms : [];
    default:
      return [...causes(rule.left, wanted), ...causes(rule.right, wanted)];
  }
}

/** Whether an alarm in ALARM is what makes "the alarm is in this state" come out as wanted. */
function helpsRaised(state: string, wanted: Wanted): boolean {
  return (state === "ALARM") === (wanted === "holds");
}
