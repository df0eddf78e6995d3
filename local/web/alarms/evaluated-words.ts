import type { EvaluatedInput, EvaluatedPeriod } from "../../server/wire.ts";
import { quantityText, shortNumber, type Unit, unitOf } from "../format/quantity.ts";

/** What one datum of a counting metric stands for, and what it says when it counts. */
const COUNTED: Readonly<Record<string, readonly [noun: string, what: string]>> = {
  Failure: ["request", "failed"],
  Degraded: ["request", "answered as plain text"],
  Rejected: ["request", "refused"],
  ConfigFault: ["request", "met a wrong configuration"],
  PreviousToken: ["request", "with the previous token"],
  Errors: ["invocation", "failed"],
  Url5xxCount: ["request", "answered with 5xx"],
  Url4xxCount: ["request", "answered with 4xx"],
};

/**
 * What a period of an alarm came to, in words: `3 of 4 requests failed`, `average 5.4 s of 12`, `no data`.
 */
export function evaluatedWords({ value, inputs }: EvaluatedPeriod): string {
  const known = inputs.filter((input) => input.value !== null);
  if (known.length === 0) return value === null ? "no data" : `no data, counted as ${shortNumber(value)}`;
  return shareOfRequests(inputs) ?? known.map(inputWords).join(", ");
}

/** The expressions over shares name what they read `failed`, and `served`, `answered` or `requests`. */
function shareOfRequests(inputs: readonly EvaluatedInput[]): string | undefined {
  const valueOf = (id: string): number | undefined => {
    const input = inputs.find((one) => one.id === id);
    return input === undefined ? undefined : (input.value ?? 0);
  };
  const failed = valueOf("failed");
  const [served, answered, requests] = [valueOf("served"), valueOf("answered"), valueOf("requests")];
  if (failed === undefined) return undefined;
  const total =
    served !== undefined
      ? failed + served
      : (answered ?? (requests === undefined ? undefined : requests - (valueOf("refused") ?? 0)));
  const what = inputs.find(({ id }) => id === "failed")?.label ?? "failed";
  return total === undefined ? undefined : `${countOf(failed, total, "request")} ${what}`;
}

/** The probe publishes for each run the share of its tries that failed, which is no count of anything. */
function isShareOfTries({ metricName, dimensions }: EvaluatedInput): boolean {
  return metricName === "Failure" && Object.values(dimensions).some((value) => value.endsWith("-probe"));
}

function probeWords({ stat, value, samples }: EvaluatedInput): string {
  const runs = samples === 1 ? "1 run of the probe" : `${shortNumber(samples)} runs of the probe`;
  if (stat === "Sum") return `failed shares of ${runs} add up to ${shortNumber(value)}`;
  const failed = quantityText(value === null ? null : 100 * value, "percent");
  if (stat === "Maximum") return `${failed} of the tries failed in the worst of ${runs}`;
  return `${STATISTICS[stat] ?? stat} ${failed} of the tries failed in ${runs}`;
}

function inputWords(input: EvaluatedInput): string {
  const { metricName, stat, value, samples, label } = input;
  if (isShareOfTries(input)) return probeWords(input);
  const counted = COUNTED[metricName];
  if (counted !== undefined && samples !== null && value !== null && (stat === "Sum" || stat === "Average")) {
    const count = Math.round(stat === "Sum" ? value : value * samples);
    return `${countOf(count, samples, counted[0])} ${counted[1]}`;
  }
  const text = quantityText(value, inputUnit(input));
  if (stat === "Sum" || stat === "SampleCount") return `${label} ${text}`;
  const of = samples === null || samples < 2 ? "" : ` among ${shortNumber(samples)} values`;
  return `${STATISTICS[stat] ?? stat} ${text}${of}`;
}

const STATISTICS: Readonly<Record<string, string>> = { Average: "average", Maximum: "max", Minimum: "min" };

const UNITS: Readonly<Record<string, Unit>> = {
  Milliseconds: "ms",
  Seconds: "seconds",
  Percent: "percent",
  Bytes: "bytes",
  USD: "usd",
};

/** The unit of a metric: CloudWatch's, or what its name says. */
function inputUnit({ unit, metricName }: EvaluatedInput): Unit | undefined {
  return UNITS[unit] ?? unitOf(metricName);
}

function countOf(count: number, total: number, noun: string): string {
  return `${shortNumber(count)} of ${shortNumber(total)} ${total === 1 ? noun : `${noun}s`}`;
}
