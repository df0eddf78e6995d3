import { readQuery } from "../../../cloudwatch/definition/read-query.ts";
import type { MetricDataQuery } from "../../../cloudwatch/metric.ts";
import { AwsError } from "../aws-error.ts";
import type { Reader } from "./reader.ts";

/** What a query may not hold here. */
export const OTHER_ACCOUNTS = { AccountId: "leave it out, there is one account" } as const;

/** Reads one entry of `MetricDataQueries`. */
export function queryInput(read: Reader): MetricDataQuery {
  read.refuse(OTHER_ACCOUNTS);
  return readQuery(read);
}

/** A span of time, epoch milliseconds; `endMs` is exclusive. */
export interface RangeInput {
  readonly startMs: number;
  readonly endMs: number;
}

/** Reads `StartTime` and `EndTime`, in this order. */
export function rangeInput(read: Reader): RangeInput {
  const startMs = read.required("StartTime", read.time("StartTime"));
  const endMs = read.required("EndTime", read.time("EndTime"));
  if (startMs < endMs) return { startMs, endMs };
  throw new AwsError("ValidationError", "The parameter StartTime must be less than the parameter EndTime.");
}

/** Refuses a period that no metric can be read with. */
export function checkPeriod(periodSeconds: number): void {
  if ([1, 5, 10, 20, 30].includes(periodSeconds) || (periodSeconds > 0 && periodSeconds % 60 === 0)) return;
  throw new AwsError(
    "InvalidParameterValue",
    `The value ${periodSeconds} for parameter Period is invalid: it must be 1, 5, 10, 20, 30 or a multiple of 60.`,
  );
}
