import { AlarmError } from "../../../cloudwatch/alarm/alarm-error.ts";
import { PutMetricDataError } from "../../../cloudwatch/metrics/put-metric-data.ts";
import { QueryError } from "../../../cloudwatch/query-error.ts";
import { AwsError } from "../aws-error.ts";
import type { Operation } from "../service.ts";

/** Names of error shapes in JSON by the code that the query protocol has for them. */
const SHAPES: Readonly<Record<string, string>> = {
  InvalidParameterValue: "InvalidParameterValueException",
  InvalidParameterCombination: "InvalidParameterCombinationException",
  MissingParameter: "MissingRequiredParameterException",
  InvalidParameterInput: "DashboardInvalidInputError",
  LimitExceeded: "LimitExceededFault",
};

/** Codes of the query protocol by error shape: what `x-amzn-query-error` says. */
export const QUERY_ERROR_CODES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(SHAPES).map(([code, shape]) => [shape, code]),
);

/** Lets refusals of the engine out as errors of the API, under the names that JSON has for them. */
export function refusing(operation: Operation): Operation {
  return async (input, call) => {
    try {
      return await operation(input, call);
    } catch (error) {
      throw wireError(error);
    }
  };
}

function wireError(error: unknown): unknown {
  if (error instanceof AlarmError) return shaped(error.code, error.message, error.httpStatus);
  if (error instanceof PutMetricDataError) return shaped(error.code, error.message);
  if (error instanceof QueryError) return shaped("ValidationError", error.message);
  if (error instanceof AwsError && Object.hasOwn(SHAPES, error.code))
    return shaped(error.code, error.message, error.status);
  return error;
}

function shaped(code: string, message: string, status = 400): AwsError {
  return new AwsError(SHAPES[code] ?? code, message, status);
}
