import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import type { MemberReader } from "@wrist-agent/cloudwatch/read-definition";
import type { ResolvedResource } from "./resolved-stack.ts";
import { isStandIn, shortenedText } from "./physical-names.ts";
import { AssemblyError, InvalidResourceError } from "./template.ts";

/** The resource's place in its template, for errors. */
export function resourcePlace(resource: ResolvedResource): string {
  return `${resource.stackName}:Resources.${resource.logicalId}`;
}

/** Resolves a resource's properties for typed reading. */
export function readProperties(resource: ResolvedResource): PropertyReader {
  return new PropertyReader(resource.properties(), resourcePlace(resource));
}

/** Reads typed members of resolved properties; a wrong type is an error that names the place. */
export class PropertyReader implements MemberReader {
  readonly #properties: Readonly<Record<string, unknown>>;
  readonly #place: string;

  constructor(properties: Readonly<Record<string, unknown>>, place: string) {
    this.#properties = properties;
    this.#place = place;
  }

  has(name: string): boolean {
    return this.#properties[name] !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.#properties[name];
    if (value === undefined || typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    throw this.#wrong(name, "a string");
  }

  number(name: string): number | undefined {
    const value = this.#properties[name];
    if (value === undefined) return undefined;
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number !== "number" || !Number.isFinite(number)) throw this.#wrong(name, "a number");
    return number;
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (value !== "true" && value !== "false") throw this.#wrong(name, "true or false");
    return value === "true";
  }

  /** One of `allowed`. */
  word<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.text(name);
    const word = allowed.find((one) => one === value);
    if (value !== undefined && word === undefined) throw this.#wrong(name, allowed.join(", "));
    return word;
  }

  texts(name: string): readonly string[] | undefined {
    const value = this.#properties[name];
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || !value.every((entry) => typeof entry === "string"))
      throw this.#wrong(name, "a list of strings");
    return value;
  }

  /** A nested object, to be read in its turn. */
  object(name: string): PropertyReader | undefined {
    const value = this.#properties[name];
    if (value === undefined) return undefined;
    if (!isJsonObject(value)) throw this.#wrong(name, "an object");
    return new PropertyReader(value, `${this.#place}.${name}`);
  }

  objects(name: string): readonly PropertyReader[] | undefined {
    const value = this.#properties[name];
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw this.#wrong(name, "a list of objects");
    return value.map((entry, index) => {
      if (!isJsonObject(entry)) throw this.#wrong(`${name}.${index}`, "an object");
      return new PropertyReader(entry, `${this.#place}.${name}.${index}`);
    });
  }

  /** A map of strings, such as environment variables. */
  map(name: string): Readonly<Record<string, string>> {
    const value = this.#properties[name];
    if (value === undefined) return {};
    if (!isJsonObject(value)) throw this.#wrong(name, "an object");
    const inner = new PropertyReader(value, `${this.#place}.${name}`);
    return Object.fromEntries(Object.keys(value).map((key) => [key, inner.text(key) ?? ""]));
  }

  /** Names of the members that are there. */
  names(): readonly string[] {
    return Object.keys(this.#properties).filter((name) => this.has(name));
  }

  /** The value, which must be there. */
  required<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw new InvalidResourceError(`${this.#place} lacks ${name}: give it`);
    return value;
  }

  #wrong(name: string, wanted: string): AssemblyError {
    const received = JSON.stringify(this.#properties[name]);
    const message = `${this.#place}.${name} is ${shortenedText(received)}: give ${wanted}`;
    return isStandIn(received)
      ? new AssemblyError(`${message}, under physical or parameters`)
      : new InvalidResourceError(message);
  }
}
