import type { ComparisonOperator } from "../alarm-definition.ts";

/** What a point is compared with: equal bounds for a plain threshold, the two edges for a band. */
export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

interface Comparison {
  readonly band: boolean;
  readonly breaches: (value: number, lower: number, upper: number) => boolean;
  /** As state reasons spell it, after "was" or "was not". */
  readonly words: string;
  /** As one-line conditions spell it. */
  readonly sign: string;
}

/** The comparison operators of PutMetricAlarm. */
export const COMPARISONS: Readonly<Record<ComparisonOperator, Comparison>> = {
  GreaterThanOrEqualToThreshold: {
    band: false,
    breaches: (value, lower) => value >= lower,
    words: "greater than or equal to",
    sign: ">=",
  },
  GreaterThanThreshold: {
    band: false,
    breaches: (value, lower) => value > lower,
    words: "greater than",
    sign: ">",
  },
  LessThanThreshold: {
    band: false,
    breaches: (value, lower) => value < lower,
    words: "less than",
    sign: "<",
  },
  LessThanOrEqualToThreshold: {
    band: false,
    breaches: (value, lower) => value <= lower,
    words: "less than or equal to",
    sign: "<=",
  },
  LessThanLowerOrGreaterThanUpperThreshold: {
    band: true,
    breaches: (value, lower, upper) => value < lower || value > upper,
    words: "less than the lower thresholds or greater than the upper thresholds",
    sign: "outside",
  },
  LessThanLowerThreshold: {
    band: true,
    breaches: (value, lower) => value < lower,
    words: "less than the lower thresholds",
    sign: "below",
  },
  GreaterThanUpperThreshold: {
    band: true,
    breaches: (value, _lower, upper) => value > upper,
    words: "greater than the upper thresholds",
    sign: "above",
  },
};
