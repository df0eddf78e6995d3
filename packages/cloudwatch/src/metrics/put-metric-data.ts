import type { Datum, StatisticSet } from "../metric.ts";
import { QueryError } from "../metric.ts";
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

/** AWS's codes for what is wrong with a PutMetricData request. */
export type PutMetricDataCode = "InvalidParameterValue" | "MissingParameter" | "InvalidParameterCombination";

/** A PutMetricData request that is refused as a whole. */
export class PutMetricDataError extends QueryError {
  override readonly name = "PutMetricDataError";
  readonly code: PutMetricDataCode;

  constructor(code: PutMetricDataCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** One entry of `MetricData` as it comes over the wire. */
export interface WireDatum {
  readonly MetricName?: string;
  readonly Dimensions?: readonly { readonly Name?: string; readonly Value?: string }[];
  /** Epoch seconds, or ISO 8601 in the query protocol; the time of receipt when missing. */
  readonly Timestamp?: number | string;
  readonly Value?: number;
  readonly Values?: readonly number[];
  readonly Counts?: readonly number[];
  readonly StatisticValues?: {
    readonly SampleCount?: number;
    readonly Sum?: number;
    readonly Minimum?: number;
    readonly Maximum?: number;
  };
  readonly Unit?: string;
  readonly StorageResolution?: number;
}

/** A PutMetricData request as it comes over the wire. */
export interface WireMetricData {
  readonly Namespace?: string;
  readonly MetricData?: readonly WireDatum[];
}

const LIMITS = { data: 1000, values: 150 } as const;

/**
 * Reads a PutMetricData request that was received at `nowMs`; one bad datum refuses all of them.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 */
export function readPutMetricData(
  { Namespace, MetricData }: WireMetricData,
  nowMs: number,
): readonly Datum[] {
  const namespace = required("Namespace", Namespace);
  check("Namespace", namespace, namespaceFault(namespace));
  const data = required("MetricData", MetricData);
  atMost("MetricData", data.length, LIMITS.data);
  return data.map((datum, index) => {
    const read = new WireReader(`MetricData.member.${index + 1}`, datum);
    return { namespace, ...read.identity(), ...read.time(nowMs), ...read.values() };
  });
}

/** Reads one datum; `path` is how AWS names it in messages. */
class WireReader {
  readonly #path: string;
  readonly #datum: WireDatum;

  constructor(path: string, datum: WireDatum) {
    this.#path = path;
    this.#datum = datum;
  }

  identity(): Pick<Datum, "metricName" | "dimensions" | "unit"> {
    const { MetricName, Dimensions = [], Unit = "None" } = this.#datum;
    const metricName = required(`${this.#path}.MetricName`, MetricName);
    check(`${this.#path}.MetricName`, metricName, metricNameFault(metricName));
    atMost(`${this.#path}.Dimensions`, Dimensions.length, MAX_DIMENSIONS);
    check(`${this.#path}.Unit`, Unit, unitFault(Unit));
    const dimensions = Object.create(null) as Record<string, string>;
    Dimensions.forEach(({ Name, Value }, index) => {
      const path = `${this.#path}.Dimensions.member.${index + 1}`;
      const name = required(`${path}.Name`, Name);
      const value = required(`${path}.Value`, Value);
      check(`${path}.Name`, name, dimensionNameFault(name));
      check(`${path}.Value`, value, dimensionValueFault(value));
      dimensions[name] = value;
    });
    return { metricName, dimensions, unit: Unit };
  }

  time(nowMs: number): Pick<Datum, "timestampMs" | "storageResolution"> {
    const { Timestamp = nowMs / 1000, StorageResolution: resolution = 60 } = this.#datum;
    const timestampMs = typeof Timestamp === "number" ? Timestamp * 1000 : Date.parse(Timestamp);
    const fault = Number.isNaN(timestampMs) ? "must be a time" : timestampFault(timestampMs, nowMs);
    check(`${this.#path}.Timestamp`, Timestamp, fault);
    if (resolution === 1 || resolution === 60) return { timestampMs, storageResolution: resolution };
    throw invalid(`${this.#path}.StorageResolution`, resolution, "must be 1 or 60");
  }

  values(): Pick<Datum, "values" | "counts"> {
    const given = (["Value", "Values", "StatisticValues"] as const).filter(
      (name) => this.#datum[name] !== undefined,
    );
    const [first, second] = given;
    // CloudWatch takes a list beside a statistic set, which the list then makes superfluous.
    if (first === "Value" && second !== undefined)
      throw exclusive(`${this.#path}.${first}`, `${this.#path}.${second}`);
    const { Value, Values, StatisticValues } = this.#datum;
    if (Value !== undefined) return { values: [this.#number("Value", Value)] };
    const set = StatisticValues && this.#set(StatisticValues);
    return set === undefined || Values !== undefined ? this.#list() : { values: set };
  }

  #list(): Pick<Datum, "values" | "counts"> {
    const values = required(`${this.#path}.Value`, this.#datum.Values);
    const { Counts: counts } = this.#datum;
    atMost(`${this.#path}.Values`, values.length, LIMITS.values);
    values.forEach((value, index) => this.#number(`Values.member.${index + 1}`, value));
    if (counts === undefined) return { values };
    counts.forEach((count, index) => this.#number(`Counts.member.${index + 1}`, count));
    if (counts.length === values.length) return { values, counts };
    throw new PutMetricDataError(
      "InvalidParameterValue",
      `The parameters ${this.#path}.Values and ${this.#path}.Counts must be of the same size.`,
    );
  }

  #set(set: NonNullable<WireDatum["StatisticValues"]>): StatisticSet {
    const part = (name: keyof typeof set): number =>
      this.#number(`StatisticValues.${name}`, required(`${this.#path}.StatisticValues.${name}`, set[name]));
    const read = {
      sampleCount: part("SampleCount"),
      sum: part("Sum"),
      minimum: part("Minimum"),
      maximum: part("Maximum"),
    };
    if (read.minimum <= read.maximum) return read;
    throw invalid(`${this.#path}.StatisticValues.Minimum`, read.minimum, "must not be greater than Maximum");
  }

  #number(name: string, value: number): number {
    check(`${this.#path}.${name}`, value, valueFault(value));
    return value;
  }
}

function required<Value>(path: string, value: Value | undefined): Value {
  if (value !== undefined) return value;
  throw new PutMetricDataError("MissingParameter", `The parameter ${path} is required.`);
}

function check(path: string, value: string | number, fault: string | undefined): void {
  if (fault !== undefined) throw invalid(path, value, fault);
}

function atMost(path: string, length: number, most: number): void {
  if (length <= most) return;
  const message = `The collection ${path} must not have a size greater than ${most}.`;
  throw new PutMetricDataError("InvalidParameterValue", message);
}

function invalid(path: string, value: string | number, fault: string): PutMetricDataError {
  return new PutMetricDataError(
    "InvalidParameterValue",
    `The value ${value} for parameter ${path} is invalid: it ${fault}.`,
  );
}

function exclusive(first: string, second: string): PutMetricDataError {
  const message = `The parameters ${first} and ${second} are mutually exclusive and you have specified both.`;
  return new PutMetricDataError("InvalidParameterCombination", message);
}
