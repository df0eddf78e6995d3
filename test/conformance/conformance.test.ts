import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLOUDWATCH_PROTOCOLS, type CloudWatchProtocol } from "../support/cloudwatch-protocols.ts";
import { type CloudWatchSystem, startCloudWatch } from "../support/cloudwatch-system.ts";
import { type ConformanceCase, conformanceFiles } from "./conformance-case.ts";
import { differences } from "./differences.ts";
import { type ClientOf, runCase } from "./run-case.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const PROTOCOLS = Object.keys(CLOUDWATCH_PROTOCOLS) as readonly CloudWatchProtocol[];

let system: CloudWatchSystem;

beforeAll(async () => {
  system = await startCloudWatch(NOW);
});

afterAll(async () => {
  await system.stop();
  expect(system.bugs).toEqual([]);
});

let count = 0;

/** What no call of CloudWatch is in, is run once. */
function casesIn(
  cases: readonly ConformanceCase[],
  protocol: CloudWatchProtocol,
): readonly ConformanceCase[] {
  if (protocol === "json") return cases;
  return cases.filter(({ steps }) => steps.some(({ service }) => service === undefined));
}

describe.each(PROTOCOLS)("recorded answers of AWS in %s", (protocol) => {
  for (const { file, cases } of conformanceFiles())
    test.each(casesIn(cases, protocol))(`${file}: $name`, async (recorded) => {
      const prefix = `conformance-${protocol}-${count++}`;
      const names = { prefix, account: "123456789012", region: "us-west-2", nowMs: NOW };
      const clientOf: ClientOf = (service) =>
        service === "cloudwatch" ? system.clientIn("us-west-2", protocol) : system.clients[service];
      expect(await runCase(recorded, clientOf, names)).toEqual([]);
    });
});

describe("an answer differs", () => {
  test.each([
    [{ a: 1 }, { a: 2 }, ["it.a is 2, recorded 1"]],
    [{ a: [1] }, { a: [1, 2] }, ["it.a is [1,2], recorded [1]"]],
    [{ a: { $absent: true } }, { a: 0 }, ["it.a is 0, recorded none"]],
    [{ a: { $jsonText: { b: 1 } } }, { a: '{"b":2}' }, ["it.a.b is 2, recorded 1"]],
    [{ a: { b: 1 } }, {}, ['it.a is nothing, recorded {"b":1}']],
    [{ a: { $present: true } }, {}, ["it.a is nothing"]],
    [{ a: { $starts: "ab" } }, { a: "b" }, ['it.a is "b", recorded to begin with "ab"']],
    [{ a: { $length: 2 } }, { a: [1] }, ["it.a has length 1, recorded 2"]],
    [{ a: { $unordered: [1, 1] } }, { a: [1, 2] }, ["it.a has no 1"]],
    [{ a: { $unordered: [1] } }, { a: [] }, ["it.a is [], recorded [1]"]],
  ])("of %o in %o by %o", (expected, actual, found) => {
    expect(differences("it", expected, actual)).toEqual(found);
  });

  test("not by the order where that does not matter", () => {
    expect(differences("it", { $unordered: [{ a: 1 }, { a: 2 }] }, [{ a: 2, b: 0 }, { a: 1 }])).toEqual([]);
  });

  test("not by members that were not recorded", () => {
    expect(differences("it", { a: [{ b: 1 }] }, { a: [{ b: 1, c: 2 }], d: 3 })).toEqual([]);
  });
});
