import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseEmf } from "@wrist-agent/cloudwatch/metrics/emf";

const now = Date.UTC(2026, 10, 1, 12);

interface Parts {
  readonly aws?: Readonly<Record<string, unknown>>;
  readonly directive?: Readonly<Record<string, unknown>>;
  readonly definition?: Readonly<Record<string, unknown>>;
  readonly root?: Readonly<Record<string, unknown>>;
}

function line({ aws = {}, directive = {}, definition = {}, root = {} }: Parts = {}): string {
  const metrics = [{ Name: "latency", ...definition }];
  const directives = [{ Namespace: "App", Dimensions: [["service"]], Metrics: metrics, ...directive }];
  return JSON.stringify({
    _aws: { Timestamp: now, CloudWatchMetrics: directives, ...aws },
    service: "chat",
    latency: 12.5,
    ...root,
  });
}

describe("a line of embedded metric format", () => {
  it("gives one datum for each metric and each set of dimensions", () => {
    const { data, ...rest } = parseEmf(
      line({
        directive: {
          Dimensions: [["service"], ["service", "op"], []],
          Metrics: [
            { Name: "latency", Unit: "Milliseconds", StorageResolution: 1 },
            { Name: "retries", Unit: "Count" },
          ],
        },
        root: { op: "send", latency: [12.5, 30], retries: 0, requestId: "free text" },
      }),
      now,
    );
    expect(rest).toEqual({ isEmf: true, parsingErrors: 0, validationErrors: 0 });
    expect(data).toHaveLength(6);
    expect(data[2]).toEqual({
      namespace: "App",
      metricName: "latency",
      dimensions: { service: "chat", op: "send" },
      timestampMs: now,
      unit: "Milliseconds",
      storageResolution: 1,
      values: [12.5, 30],
    });
    expect(data[5]).toMatchObject({
      metricName: "retries",
      dimensions: {},
      values: [0],
      storageResolution: 60,
    });
  });

  it("has no unit and a resolution of a minute unless it says so", () => {
    expect(parseEmf(line(), now).data[0]).toMatchObject({ unit: "None", storageResolution: 60 });
  });

  it("looks for targets at the root only", () => {
    const nested = line({ definition: { Name: "a.b" }, root: { a: { b: 1 } } });
    expect(parseEmf(nested, now)).toMatchObject({ data: [], validationErrors: 1 });
    expect(parseEmf(line({ definition: { Name: "a.b" }, root: { "a.b": 1 } }), now).data).toHaveLength(1);
  });

  it("is found behind the prefix of Lambda's text log format", () => {
    const prefix = "2026-11-01T12:00:00.000Z\t8a-1\tINFO\t";
    expect(parseEmf(prefix + line(), now).data).toHaveLength(1);
  });

  it("is lost inside the envelope of Lambda's JSON log format, as on AWS", () => {
    const wrapped = JSON.stringify({ level: "INFO", message: JSON.parse(line()) as unknown });
    expect(parseEmf(wrapped, now)).toEqual({
      isEmf: false,
      data: [],
      parsingErrors: 0,
      validationErrors: 0,
    });
  });

  it.each(["START RequestId: 1 Version: $LATEST", '{"level":"INFO"}', 'text about "_aws"', '{"_aws" broken'])(
    "is not %s",
    (message) => {
      expect(parseEmf(message, now).isEmf).toBe(false);
    },
  );

  it.each([
    ["JSON that breaks off", line().slice(0, -5)],
    ["text after the document", `${line()} and more`],
    ["metadata that is no object", line().replace(/"_aws":\{.*?\]\}\]\}/, '"_aws":1')],
    ["no timestamp", line({ aws: { Timestamp: undefined } })],
    ["a timestamp in text", line({ aws: { Timestamp: String(now) } })],
    ["a fractional timestamp", line({ aws: { Timestamp: now + 0.5 } })],
    ["no directives", line({ aws: { CloudWatchMetrics: undefined } })],
    ["directives that are no array", line({ aws: { CloudWatchMetrics: {} } })],
    ["a directive that is no object", line({ aws: { CloudWatchMetrics: [1] } })],
    ["no namespace", line({ directive: { Namespace: undefined } })],
    ["no dimensions", line({ directive: { Dimensions: undefined } })],
    ["no metrics", line({ directive: { Metrics: undefined } })],
    ["more than a megabyte", line({ root: { text: "x".repeat(1_048_576) } })],
  ])("with %s counts one parsing error", (_, message) => {
    expect(parseEmf(message, now)).toEqual({
      isEmf: true,
      data: [],
      parsingErrors: 1,
      validationErrors: 0,
    });
  });

  it.each<readonly [string, Parts]>([
    ["a namespace that begins with a colon", { directive: { Namespace: ":App" } }],
    ["a namespace of 256 characters", { directive: { Namespace: "a".repeat(256) } }],
    ["an array without a dimension set", { directive: { Dimensions: [] } }],
    ["a timestamp of more than two weeks ago", { aws: { Timestamp: now - 15 * 86_400_000 } }],
    ["a timestamp more than two hours ahead", { aws: { Timestamp: now + 3 * 3_600_000 } }],
    ["a definition that is no object", { directive: { Metrics: ["latency"] } }],
    ["a definition without a name", { definition: { Name: undefined } }],
    ["a name of 256 characters", { definition: { Name: "a".repeat(256) }, root: { ["a".repeat(256)]: 1 } }],
    ["an unknown unit", { definition: { Unit: "Furlongs" } }],
    ["an unknown resolution", { definition: { StorageResolution: 10 } }],
    ["a missing target", { root: { latency: undefined } }],
    ["a target that is text", { root: { latency: "12" } }],
    ["a target with text in it", { root: { latency: [1, "2"] } }],
    ["an empty target", { root: { latency: [] } }],
    ["101 values", { root: { latency: Array(101).fill(1) } }],
    ["a value beyond 2^360", { root: { latency: 2 ** 361 } }],
    ["a dimension set that is no array", { directive: { Dimensions: ["service"] } }],
    ["a dimension that is no text", { directive: { Dimensions: [[1]] } }],
    ["a missing dimension", { root: { service: undefined } }],
    ["a numeric dimension", { root: { service: 7 } }],
    ["a blank dimension", { root: { service: " " } }],
    ["a dimension value with a line break", { root: { service: "a\nb" } }],
    ["a dimension value of 1025 characters", { root: { service: "a".repeat(1025) } }],
    ["a dimension name of 251 characters", { directive: { Dimensions: [["a".repeat(251)]] } }],
    ["a dimension name with a colon in front", { directive: { Dimensions: [[":a"]] }, root: { ":a": "1" } }],
    ["31 dimensions", { directive: { Dimensions: [Array(31).fill("service")] } }],
  ])("with %s publishes nothing and counts one validation error", (_, parts) => {
    expect(parseEmf(line(parts), now)).toEqual({
      isEmf: true,
      data: [],
      parsingErrors: 0,
      validationErrors: 1,
    });
  });

  it("publishes the good definitions beside a bad one", () => {
    const metrics = [{ Name: "latency" }, { Name: "absent" }];
    const { data, validationErrors } = parseEmf(line({ directive: { Metrics: metrics } }), now);
    expect([data.length, validationErrors]).toEqual([1, 1]);
  });

  it("takes 100 definitions and refuses each of 101", () => {
    const definitions = (count: number) => ({ Metrics: Array(count).fill({ Name: "latency" }) });
    expect(parseEmf(line({ directive: definitions(100) }), now).data).toHaveLength(100);
    expect(parseEmf(line({ directive: definitions(101) }), now)).toMatchObject({
      data: [],
      validationErrors: 101,
    });
  });
});

/** A definition, whether it is good, and the unit and resolution that it stands for. */
const DEFINITIONS = fc
  .record({
    Name: fc.constantFrom("latency", "retries", "cost", "", "\u00e9"),
    Unit: fc.constantFrom(undefined, "None", "Count", "Parsecs"),
    StorageResolution: fc.constantFrom(undefined, 1, 60, 5),
  })
  .map((written) => ({
    written,
    isGood: /^[a-z]+$/.test(written.Name) && written.Unit !== "Parsecs" && written.StorageResolution !== 5,
    unit: written.Unit ?? "None",
    storageResolution: written.StorageResolution ?? 60,
  }));

const LINES = fc.array(
  fc.record({
    definitions: fc.array(DEFINITIONS, { maxLength: 3 }),
    names: fc.constantFrom(["service"], ["op"], ["service", "op"], ["op", "service"], []),
    service: fc.constantFrom("chat", "mail"),
    op: fc.constantFrom("send", "read"),
  }),
  { minLength: 2, maxLength: 6 },
);

describe("lines one after the other", () => {
  it("give what each of them gives alone, whatever the line before defined", () => {
    fc.assert(
      fc.property(LINES, (lines) => {
        for (const { definitions, names, ...root } of lines) {
          const metrics = definitions.map(({ written }) => written);
          const directive = { Dimensions: [names], Metrics: metrics };
          const given = { ...root, latency: 1, retries: 2, cost: 3 };
          const { data, validationErrors } = parseEmf(line({ directive, root: given }), now);
          const good = definitions.filter(({ isGood }) => isGood);
          expect(validationErrors).toBe(definitions.length - good.length);
          expect(
            data.map(({ metricName, unit, storageResolution }) => [metricName, unit, storageResolution]),
          ).toEqual(
            good.map(({ written, unit, storageResolution }) => [written.Name, unit, storageResolution]),
          );
          for (const { dimensions } of data)
            expect(dimensions).toEqual(Object.fromEntries(names.map((name) => [name, root[name as "op"]])));
        }
      }),
      { numRuns: 300 },
    );
  });
});
