import { readFile } from "node:fs/promises";
import { parseDuration } from "cw-alarm-test/alarm-test";
import { isNode, LineCounter, parseDocument, type Document } from "yaml";
import type { FaultDefinition, FaultyTraffic } from "./fault-definition.ts";
import { type FaultBegin, parseBegin } from "./fault-timing.ts";
import { REQUEST_MODES, REQUEST_OUTCOMES, type RequestOutcome } from "./synthetic-traffic.ts";

/**
 * A file of faults that cannot be used as written; the message names file, line, member and what to write
 * instead.
 */
export class FaultFileError extends Error {
  override readonly name = "FaultFileError";
}

/** Reads the faults of a file; what is wrong is refused with its line. */
export async function readFaultFile(file: string): Promise<readonly FaultDefinition[]> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new FaultFileError(`cannot read ${file}: give the path of a readable file`, { cause });
  });
  return parseFaults(text, file);
}

/** The faults of a file's text. */
export function parseFaults(text: string, file: string): readonly FaultDefinition[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: "error" });
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    const line = lines.linePos(mistake.pos[0]).line;
    throw new FaultFileError(`${file}:${line}: ${mistake.message.split("\n")[0] ?? "not YAML"}`);
  }
  const source: Source = { document, file, lines };
  const { faults } = new Place(source, [], document.toJS()).members(["faults"]);
  const read = faults.items().map(readFault);
  read.forEach(({ name }, at) => {
    if (read.findIndex((other) => other.name === name) < at)
      throw faults.at(at).fail(`name is "${name}" a second time: give each fault a name of its own`);
  });
  return read;
}

const FAULT_MEMBERS = [
  "name",
  "description",
  "lasts",
  "begins",
  "timezone",
  "comesAndGoes",
  "requests",
  "extra",
  "probe",
  "reach",
  "mode",
] as const;

function readFault(place: Place): FaultDefinition {
  const read = place.members(FAULT_MEMBERS);
  const recurs = read.comesAndGoes.optional(readRecurrence);
  const begin = read.begins.optional((begins) => readBegin(begins, read.timezone));
  const requests = read.requests.optional(readRequests);
  const extra = read.extra.optional(readExtra);
  const probe = read.probe.optional(readProbe);
  const reach = read.reach.optional(readReach);
  const mode = read.mode.optional(readMode);
  if (requests === undefined && extra === undefined && probe === undefined)
    throw place.fail("nothing goes wrong: give requests, extra or probe");
  return {
    name: readName(read.name),
    description: read.description.text(),
    durationMs: read.lasts.duration(),
    ...(begin && { begin }),
    ...(recurs && { recurs }),
    ...(requests && { requests }),
    ...(extra && { extra }),
    ...(probe !== undefined && { probe }),
    ...(reach && { reach }),
    ...(mode !== undefined && { mode }),
  };
}

function readName(place: Place): string {
  const name = place.text();
  if (/^[a-z][a-z0-9-]*$/.test(name)) return name;
  throw place.fail(`"${name}": write lower-case letters, digits and hyphens`);
}

function readBegin(place: Place, timezone: Place): FaultBegin {
  const begin = parseBegin(place.text(), timezone.optional((given) => given.text()) ?? "UTC");
  if (typeof begin === "string") throw place.fail(begin);
  return begin;
}

function readRecurrence(place: Place): NonNullable<FaultDefinition["recurs"]> {
  const read = place.members(["for", "every"]);
  const recurs = { forMs: read.for.duration(), everyMs: read.every.duration() };
  if (recurs.forMs < recurs.everyMs) return recurs;
  throw place.fail("for must be shorter than every: otherwise the fault never goes");
}

function readRequests(place: Place): FaultyTraffic {
  const read = place.members(["share", "outcome", "latencyFactor", "costFactor", "metrics"]);
  const outcome = read.outcome.optional(readOutcome);
  const latencyFactor = read.latencyFactor.optional((given) => given.number({ above: 0 }));
  const costFactor = read.costFactor.optional((given) => given.number({ above: 0 }));
  const metrics = read.metrics.optional((given) => given.numbers());
  if ([outcome, latencyFactor, costFactor, metrics].every((change) => change === undefined))
    throw place.fail("nothing changes: give outcome, latencyFactor, costFactor or metrics");
  return {
    share: read.share.optional(readShare) ?? 1,
    ...(outcome && { outcome }),
    ...(latencyFactor !== undefined && { latencyFactor }),
    ...(costFactor !== undefined && { costFactor }),
    ...(metrics && { metrics }),
  };
}

function readOutcome(place: Place): RequestOutcome {
  const text = place.text();
  const outcome = REQUEST_OUTCOMES.find((known) => known === text);
  if (outcome === undefined) throw place.fail(`"${text}": use ${REQUEST_OUTCOMES.join(", ")}`);
  return outcome;
}

function readShare(place: Place): number {
  return place.number({ above: 0, most: 1 });
}

function readExtra(place: Place): NonNullable<FaultDefinition["extra"]> {
  const read = place.members(["perHour", "outcome", "takes", "costUsd"]);
  return {
    perHour: read.perHour.number({ above: 0 }),
    outcome: readOutcome(read.outcome),
    durationMs: read.takes.number({ above: 0 }),
    costUsd: read.costUsd.optional((given) => given.number({ least: 0 })) ?? 0,
  };
}

function readReach(place: Place): "model" | "agent" {
  const { value } = place;
  if (value === "model" || value === "agent") return value;
  throw place.fail("must be model or agent");
}

function readMode(place: Place): string {
  const text = place.text();
  if (REQUEST_MODES.includes(text)) return text;
  throw place.fail(`"${text}": use ${REQUEST_MODES.join(", ")}`);
}

function readProbe(place: Place): number | "silent" {
  return place.value === "silent" ? "silent" : readShare(place);
}

interface Source {
  readonly document: Document;
  readonly file: string;
  readonly lines: LineCounter;
}

interface NumberLimits {
  readonly above?: number;
  readonly least?: number;
  readonly most?: number;
}

/** A value of the file that knows where it stands. */
class Place {
  readonly #source: Source;
  readonly #path: readonly (string | number)[];
  readonly value: unknown;

  constructor(source: Source, path: readonly (string | number)[], value: unknown) {
    this.#source = source;
    this.#path = path;
    this.value = value;
  }

  fail(message: string): FaultFileError {
    const name = this.#path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
    const where = name === "" ? "" : `${name.replace(/^\./, "")}: `;
    return new FaultFileError(`${this.#source.file}:${this.#line()}: ${where}${message}`);
  }

  /** The line of the value, or of what should hold it. */
  #line(): number {
    for (let depth = this.#path.length; depth >= 0; depth -= 1) {
      const node: unknown = this.#source.document.getIn(this.#path.slice(0, depth), true);
      if (isNode(node) && node.range) return this.#source.lines.linePos(node.range[0]).line;
    }
    return 1;
  }

  at(key: string | number): Place {
    const value: unknown = (this.value as Readonly<Record<string | number, unknown>>)[key];
    return new Place(this.#source, [...this.#path, key], value);
  }

  members<Name extends string>(names: readonly Name[]): Readonly<Record<Name, Place>> {
    if (typeof this.value !== "object" || this.value === null || Array.isArray(this.value))
      throw this.fail(`must have members: ${names.join(", ")}`);
    const unknown = Object.keys(this.value).find((key) => !names.includes(key as Name));
    if (unknown !== undefined) throw this.at(unknown).fail(`is no member: use ${names.join(", ")}`);
    return Object.fromEntries(names.map((name) => [name, this.at(name)])) as Record<Name, Place>;
  }

  items(): readonly Place[] {
    if (!Array.isArray(this.value) || this.value.length === 0)
      throw this.fail("must be a list with at least one item");
    return this.value.map((_, at) => this.at(at));
  }

  optional<Value>(read: (place: Place) => Value): Value | undefined {
    return this.value === undefined || this.value === null ? undefined : read(this);
  }

  text(): string {
    if (typeof this.value === "string" && this.value !== "") return this.value;
    throw this.fail("must be a text");
  }

  number({ above = -Infinity, least = -Infinity, most = Infinity }: NumberLimits): number {
    const { value } = this;
    if (typeof value === "number" && value > above && value >= least && value <= most) return value;
    const limits = [
      ...(above === -Infinity ? [] : [`above ${above}`]),
      ...(least === -Infinity ? [] : [`of at least ${least}`]),
      ...(most === Infinity ? [] : [`of at most ${most}`]),
    ];
    throw this.fail(`must be a number ${limits.join(" and ")}`.trimEnd());
  }

  numbers(): Readonly<Record<string, number>> {
    if (typeof this.value !== "object" || this.value === null || Array.isArray(this.value))
      throw this.fail("must be names of metrics with their values");
    return Object.fromEntries(Object.keys(this.value).map((name) => [name, this.at(name).number({})]));
  }

  duration(): number {
    const ms = typeof this.value === "string" ? parseDuration(this.value) : undefined;
    if (ms !== undefined && ms >= MINUTE_MS) return ms;
    throw this.fail("must be a time of at least a minute, like 10m, 1h30m or 2d");
  }
}

const MINUTE_MS = 60_000;
