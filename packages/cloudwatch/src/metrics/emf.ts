import { isJsonObject, type JsonObject, parseJsonObject } from "../json.ts";
import type { Datum } from "../metric.ts";
import {
  dimensionNameFault,
  dimensionValueFault,
  metricNameFault,
  MAX_DIMENSIONS,
  namespaceFault,
  timestampFault,
  unitFault,
  valueFault,
} from "./datum-limits.ts";

/** What became of one log message: its data, and what `AWS/Logs` would count of it. */
export interface EmfResult {
  /** Whether the message is meant as embedded metric format at all. */
  readonly isEmf: boolean;
  readonly data: readonly Datum[];
  /** 1 for a document that is malformed as a whole: `AWS/Logs EMFParsingErrors`. */
  readonly parsingErrors: number;
  /** Dimension sets and metric definitions that were not published: `AWS/Logs EMFValidationErrors`. */
  readonly validationErrors: number;
}

/**
 * Limits of the format.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
const LIMITS = { definitions: 100, values: 100, bytes: 1_048_576, dimensionName: 250 } as const;

/** Lambda's text log format puts `time \t request id \t level \t` before what `console.log` prints. */
const LAMBDA_PREFIX = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t[^\t]*\t[A-Z]+\t(?=\{)/;

const NOT_EMF: EmfResult = { isEmf: false, data: [], parsingErrors: 0, validationErrors: 0 };
const MALFORMED: EmfResult = { isEmf: true, data: [], parsingErrors: 1, validationErrors: 0 };

/** Takes the metrics out of one log message that was received at `receivedMs`. */
export function parseEmf(message: string, receivedMs: number): EmfResult {
  if (!message.includes('"_aws"')) return NOT_EMF;
  const text = message.charCodeAt(0) === BRACE ? message : message.replace(LAMBDA_PREFIX, "");
  if (text.charCodeAt(0) !== BRACE) return NOT_EMF;
  const root = parseJsonObject(text);
  if (root === undefined) return text.includes('"CloudWatchMetrics"') ? MALFORMED : NOT_EMF;
  if (root._aws === undefined) return NOT_EMF;
  return extract(root, text, receivedMs);
}

const BRACE = "{".charCodeAt(0);

function extract(root: JsonObject, text: string, receivedMs: number): EmfResult {
  const metadata = root._aws;
  if (!isJsonObject(metadata) || text.length > LIMITS.bytes) return MALFORMED;
  const { Timestamp: timestampMs, CloudWatchMetrics: directives } = metadata;
  if (!Number.isInteger(timestampMs) || !Array.isArray(directives)) return MALFORMED;
  const document = new EmfDocument(root, timestampMs as number);
  for (const directive of directives as unknown[]) {
    if (!isDirective(directive)) return MALFORMED;
    document.take(directive, receivedMs);
  }
  const { data, validationErrors } = document;
  return { isEmf: true, data, parsingErrors: 0, validationErrors };
}

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly unknown[];
  readonly Metrics: readonly unknown[];
}

function isDirective(value: unknown): value is Directive {
  return (
    isJsonObject(value) &&
    typeof value.Namespace === "string" &&
    Array.isArray(value.Dimensions) &&
    Array.isArray(value.Metrics)
  );
}

type Place = Pick<Datum, "namespace" | "dimensions" | "timestampMs">;

/** Collects the data of one document, directive by directive. */
class EmfDocument {
  readonly data: Datum[] = [];
  validationErrors = 0;
  readonly #root: JsonObject;
  readonly #timestampMs: number;

  constructor(root: JsonObject, timestampMs: number) {
    this.#root = root;
    this.#timestampMs = timestampMs;
  }

  take(directive: Directive, receivedMs: number): void {
    const { Namespace: namespace, Dimensions: sets, Metrics: definitions } = directive;
    const isRefused =
      namespaceFault(namespace) !== undefined ||
      timestampFault(this.#timestampMs, receivedMs) !== undefined ||
      sets.length === 0 ||
      definitions.length > LIMITS.definitions;
    if (isRefused) {
      this.validationErrors += Math.max(1, definitions.length);
      return;
    }
    const valid = this.#dimensionSets(sets);
    const dimensions = valid[0];
    const from = this.data.length;
    this.#measure(definitions, { namespace, dimensions: dimensions ?? {}, timestampMs: this.#timestampMs });
    if (dimensions === undefined) this.data.length = from;
    else if (valid.length > 1) this.#repeat(this.data.slice(from), valid.slice(1));
  }

  #dimensionSets(sets: readonly unknown[]): readonly Dimensions[] {
    const valid: Dimensions[] = [];
    for (const set of sets) {
      const dimensions = dimensionsOf(this.#root, set);
      if (dimensions === undefined) this.validationErrors++;
      else valid.push(dimensions);
    }
    return valid;
  }

  #measure(definitions: readonly unknown[], place: Place): void {
    for (let index = 0; index < definitions.length; index += 1) {
      const definition = checkedDefinition(definitions[index], index);
      const datum = definition && measure(this.#root, definition, place);
      if (datum === undefined) this.validationErrors++;
      else this.data.push(datum);
    }
  }

  /** The same data under further dimension sets. */
  #repeat(data: readonly Datum[], sets: readonly Dimensions[]): void {
    for (const dimensions of sets) for (const datum of data) this.data.push({ ...datum, dimensions });
  }
}

type Definition = Readonly<Required<Pick<Datum, "metricName" | "unit" | "storageResolution">>>;

/**
 * The good definitions that were seen last, by their place in a directive: most lines of a log define what
 * the line before did.
 */
const lastDefinitions: Definition[] = [];

/** A metric definition with what it leaves out; `undefined` when a rule is broken. */
function checkedDefinition(written: unknown, index: number): Definition | undefined {
  if (!isJsonObject(written)) return undefined;
  const { Name: metricName, Unit: unit = "None", StorageResolution: storageResolution = 60 } = written;
  const last = lastDefinitions[index];
  const isLast = metricName === last?.metricName && unit === last?.unit;
  if (isLast && storageResolution === last?.storageResolution) return last;
  if (typeof metricName !== "string" || metricNameFault(metricName) !== undefined) return undefined;
  if (unitFault(unit) !== undefined || (storageResolution !== 1 && storageResolution !== 60))
    return undefined;
  const definition = { metricName, unit: unit as string, storageResolution } as const;
  lastDefinitions[index] = definition;
  return definition;
}

/** The values of a definition's target, in the place of its document; `undefined` when a rule is broken. */
function measure(root: JsonObject, definition: Definition, place: Place): Datum | undefined {
  const { metricName, unit, storageResolution } = definition;
  const values = valuesOf(root[metricName]);
  if (values === undefined) return undefined;
  const { namespace, dimensions, timestampMs } = place;
  return { namespace, metricName, dimensions, timestampMs, unit, storageResolution, values };
}

function valuesOf(target: unknown): readonly number[] | undefined {
  if (typeof target === "number") return valueFault(target) === undefined ? [target] : undefined;
  const values: unknown[] = Array.isArray(target) ? target : [target];
  if (values.length === 0 || values.length > LIMITS.values) return undefined;
  for (const value of values) if (valueFault(value) !== undefined) return undefined;
  return values as number[];
}

type Dimensions = Readonly<Record<string, string>>;

/** A dimension set that was found good, with its names as they were listed. */
interface KnownSet {
  readonly names: readonly unknown[];
  /** Of each name. */
  readonly values: readonly string[];
  readonly dimensions: Dimensions;
}

/**
 * The good set that was seen last: most lines of a log have the set of the line before, and then they share
 * it.
 */
let lastSet: KnownSet = { names: [], values: [], dimensions: {} };

function dimensionsOf(root: JsonObject, set: unknown): Dimensions | undefined {
  if (!Array.isArray(set) || set.length > MAX_DIMENSIONS) return undefined;
  if (isLastSet(root, set)) return lastSet.dimensions;
  const dimensions = checkedDimensions(root, set);
  if (dimensions !== undefined)
    lastSet = { names: set, values: set.map((name) => dimensions[name as string] ?? ""), dimensions };
  return dimensions;
}

function isLastSet(root: JsonObject, set: readonly unknown[]): boolean {
  const { names, values } = lastSet;
  if (set.length !== names.length) return false;
  for (let i = 0; i < set.length; i++) {
    const name = names[i] as string;
    if (set[i] !== name || root[name] !== values[i]) return false;
  }
  return true;
}

function checkedDimensions(root: JsonObject, set: readonly unknown[]): Dimensions | undefined {
  const dimensions = Object.create(null) as Record<string, string>;
  for (const name of set) {
    if (typeof name !== "string" || name.length > LIMITS.dimensionName) return undefined;
    const value = root[name];
    if (typeof value !== "string" || dimensionNameFault(name) !== undefined) return undefined;
    if (dimensionValueFault(value) !== undefined) return undefined;
    dimensions[name] = value;
  }
  return dimensions;
}
