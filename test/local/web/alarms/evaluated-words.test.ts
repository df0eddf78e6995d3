import { expect, test } from "vitest";
import type { EvaluatedInput, EvaluatedPeriod } from "../../../../local/server/wire.ts";
import { evaluatedWords } from "../../../../local/web/alarms/evaluated-words.ts";

function input(id: string, metricName: string, change: Partial<EvaluatedInput>): EvaluatedInput {
  const nothing = { dimensions: {}, value: null, samples: null };
  return { id, label: id, metricName, stat: "Sum", unit: "Count", ...nothing, ...change };
}

function period(value: number | null, inputs: readonly EvaluatedInput[]): EvaluatedPeriod {
  return { startMs: 0, endMs: 300_000, value, isBreaching: false, inputs };
}

const PROBE = { dimensions: { service: "wrist-agent-production-probe" } };

test.each<[string, EvaluatedPeriod]>([
  [
    "3 of 4 requests failed",
    period(1, [input("failed", "Failure", { value: 3 }), input("served", "Latency", { value: 1 })]),
  ],
  [
    "3 of 3 requests failed",
    period(1, [input("failed", "Failure", { value: 3 }), input("served", "Latency", { value: null })]),
  ],
  [
    "2 of 9 requests degraded",
    period(0, [
      input("failed", "Degraded", { label: "degraded", value: 2 }),
      input("answered", "Latency", { value: 9 }),
    ]),
  ],
  [
    "4 of 7 requests answered with 5xx",
    period(1, [
      input("failed", "Url5xxCount", { label: "answered with 5xx", value: 4 }),
      input("requests", "UrlRequestCount", { value: 10 }),
      input("refused", "Url4xxCount", { value: 3 }),
    ]),
  ],
  [
    "1 of 4 requests failed",
    period(0.25, [input("m", "Failure", { stat: "Average", value: 0.25, samples: 4 })]),
  ],
  ["1 of 1 invocation failed", period(1, [input("m", "Errors", { value: 1, samples: 1 })])],
  ["5 of 12 requests refused", period(5, [input("counted", "Rejected", { value: 5, samples: 12 })])],
  [
    "average 5.4 s among 12 values",
    period(5400, [
      input("m", "Latency", { stat: "Average", unit: "Milliseconds", value: 5400, samples: 12 }),
    ]),
  ],
  [
    "CostUsd $1.25",
    period(1.25, [input("m", "CostUsd", { label: "CostUsd", unit: "USD", value: 1.25, samples: 300 })]),
  ],
  [
    "throttled 2, ran 5",
    period(1, [input("throttled", "Throttles", { value: 2 }), input("ran", "I", { value: 5 })]),
  ],
  ["max 1", period(1, [input("m", "Failure", { stat: "Maximum", value: 1, samples: 1 })])],
  [
    "failed shares of 60 runs of the probe add up to 0.333",
    period(0.333, [input("m", "Failure", { ...PROBE, value: 0.333, samples: 60 })]),
  ],
  [
    "11.1 % of the tries failed in the worst of 5 runs of the probe",
    period(0.111, [input("m", "Failure", { ...PROBE, stat: "Maximum", value: 0.111, samples: 5 })]),
  ],
  [
    "100 % of the tries failed in the worst of 1 run of the probe",
    period(1, [input("m", "Failure", { ...PROBE, stat: "Maximum", value: 1, samples: 1 })]),
  ],
  [
    "average 2 % of the tries failed in 60 runs of the probe",
    period(0.02, [input("m", "Failure", { ...PROBE, stat: "Average", value: 0.02, samples: 60 })]),
  ],
  ["no data, counted as 1", period(1, [input("counted", "Failure", { stat: "Maximum" })])],
  ["no data", period(null, [input("m", "Failure", {})])],
])("%s", (words, one) => {
  expect(evaluatedWords(one)).toBe(words);
});
