import type { MemberReader } from "../../../cloudwatch/definition/member-reader.ts";
import { AwsError } from "../aws-error.ts";
import type { Input } from "../service.ts";

/** Reads typed members of an operation's input; what is missing or wrong is refused as AWS does. */
export class Reader implements MemberReader {
  readonly #input: Input;
  /** How AWS names the place in messages, with its dot: `MetricDataQueries.member.1.`. */
  readonly #path: string;

  constructor(input: Input, path = "") {
    this.#input = input;
    this.#path = path;
  }

  has(name: string): boolean {
    return this.#input[name] !== undefined && this.#input[name] !== null;
  }

  text(name: string): string | undefined {
    return this.#typed(name, "a string", (value) => typeof value === "string");
  }

  number(name: string): number | undefined {
    return this.#typed(name, "a number", (value) => typeof value === "number");
  }

  flag(name: string): boolean | undefined {
    return this.#typed(name, "true or false", (value) => typeof value === "boolean");
  }

  texts(name: string): readonly string[] | undefined {
    return this.#typed(name, "a list of strings", (value): value is readonly string[] =>
      isList(value, (item) => typeof item === "string"),
    );
  }

  numbers(name: string): readonly number[] | undefined {
    return this.#typed(name, "a list of numbers", (value): value is readonly number[] =>
      isList(value, (item) => typeof item === "number"),
    );
  }

  /** Epoch milliseconds; the wire has epoch seconds. */
  time(name: string): number | undefined {
    const seconds = this.number(name);
    return seconds === undefined ? undefined : Math.round(seconds * 1000);
  }

  object(name: string): Reader | undefined {
    const value = this.#typed(name, "an object", isInput);
    return value && new Reader(value, `${this.#path}${name}.`);
  }

  objects(name: string): readonly Reader[] | undefined {
    const list = this.#typed(name, "a list of objects", (value): value is readonly Input[] =>
      isList(value, isInput),
    );
    return list?.map((value, index) => new Reader(value, `${this.#path}${name}.member.${index + 1}.`));
  }

  /** One of the choices. */
  word<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const known = choices.find((choice) => choice === value);
    if (known !== undefined) return known;
    const member = `${this.#path}${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    throw new AwsError(
      "ValidationError",
      `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy enum value set: [${choices.join(", ")}]`,
    );
  }

  /** The value, which must be there. */
  required<Value>(name: string, value: Value | undefined): Value {
    if (value !== undefined) return value;
    throw new AwsError("MissingParameter", `The parameter ${this.#path}${name} is required.`);
  }

  /** Refuses members that AWS knows and this runtime does nothing with. */
  refuse(instead: Readonly<Record<string, string>>): void {
    for (const [name, why] of Object.entries(instead)) {
      if (!this.has(name)) continue;
      throw new AwsError(
        "InvalidParameterValue",
        `${this.#path}${name} is not supported by the local runtime: ${why}`,
      );
    }
  }

  #typed<Value>(name: string, kind: string, is: (value: unknown) => value is Value): Value | undefined {
    const value = this.#input[name];
    if (value === undefined || value === null) return undefined;
    if (is(value)) return value;
    throw new AwsError("SerializationException", `${this.#path}${name} must be ${kind}`);
  }
}

function isInput(value: unknown): value is Input {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}
