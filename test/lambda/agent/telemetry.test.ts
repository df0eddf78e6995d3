import { Metrics } from "@aws-lambda-powertools/metrics";
import { expect, test } from "vitest";
import type { RequestLine } from "../../../lambda/agent/request-line.ts";
import { emfRecord } from "../../../lambda/agent/telemetry.ts";
import { REQUEST_LINE, METRICS } from "../../../lambda/contract/metrics.ts";
import { emfProblems } from "../../support/emf-problems.ts";

const TIMESTAMP_MS = Date.now();

const LINES: readonly RequestLine[] = [
  { service: "wrist-agent-test", metrics: [["Failure", 1]], properties: { outcome: "upstream" } },
  {
    service: "wrist-agent-test",
    metrics: [
      ["Failure", 0],
      ["CostUsd", 0.00088],
    ],
    properties: { outcome: "ok", attempts: 1 },
  },
  { service: "wrist-agent-test-probe", metrics: [["Failure", 0]], properties: { attempts: 1 } },
];

/** The document that Powertools itself makes of the same values. */
function documentOf({ service, metrics, properties }: RequestLine): object {
  const whole = new Metrics({ namespace: "WristAgent", serviceName: service });
  for (const [name, value] of metrics) whole.addMetric(name, METRICS[name].unit, value);
  whole.setTimestamp(TIMESTAMP_MS);
  return { ...whole.serializeMetrics(), ...properties };
}

test("every line is the document that Powertools makes, the second of a kind and the later ones too", () => {
  const written: string[] = [];
  const record = emfRecord(
    (text) => written.push(text),
    () => TIMESTAMP_MS,
  );
  const all = [...LINES, ...LINES, ...LINES];
  for (const line of all) record(line);
  expect(written.map((text) => JSON.parse(text) as unknown)).toEqual(all.map(documentOf));
  expect(written.flatMap(emfProblems)).toEqual([]);
});

test("a line without a metric keeps its dimension and its time", () => {
  const written: string[] = [];
  const record = emfRecord(
    (text) => written.push(text),
    () => TIMESTAMP_MS,
  );
  record({ service: "wrist-agent-test-probe", metrics: [], properties: { outcome: "ok" } });
  expect(written.map((text) => JSON.parse(text) as unknown)).toEqual([
    {
      _aws: { Timestamp: TIMESTAMP_MS, CloudWatchMetrics: [] },
      service: "wrist-agent-test-probe",
      outcome: "ok",
    },
  ]);
  expect(written.flatMap(emfProblems)).toEqual([]);
});

test("no property has the name of a metric, a dimension or the directive", () => {
  const taken = [...Object.keys(METRICS), "service", "_aws"];
  expect(Object.values<string>(REQUEST_LINE).filter((name) => taken.includes(name))).toEqual([]);
});
