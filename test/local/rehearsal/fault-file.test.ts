import { describe, expect, test } from "vitest";
import { scenarioFrom } from "../../../local/rehearsal/fault-definition.ts";
import { parseFaults, readFaultFile } from "../../../local/rehearsal/fault-file.ts";
import { minDays, parseBegin, simulationStart } from "../../../local/rehearsal/fault-timing.ts";
import { simulatedWorld } from "../../../local/rehearsal/simulated-world.ts";
import { IDEAL_CONDITIONS } from "../../../local/rehearsal/conditions.ts";
import { seededRandom } from "../../../local/random.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const WOBBLE = `
faults:
  - name: wobble
    description: a third of the requests fail
    lasts: 6h
    begins: "14:30"
    timezone: Europe/Berlin
    comesAndGoes: { for: 10m, every: 1h }
    requests: { share: 0.5, outcome: failed, latencyFactor: 2, costFactor: 3, metrics: { ConfigFault: 1 } }
    probe: 0.5
    reach: model
    mode: research
  - name: flood
    description: somebody loops
    lasts: 2h
    extra: { perHour: 300, outcome: served, takes: 2000, costUsd: 0.002 }
    probe: silent
`;

function first(text: string) {
  const [fault] = parseFaults(text, "faults.yaml");
  if (fault === undefined) throw new Error("no fault");
  return fault;
}

describe("a file of faults", () => {
  test("is read member by member", () => {
    const [wobble, flood] = parseFaults(WOBBLE, "faults.yaml");
    expect(wobble).toEqual({
      name: "wobble",
      description: "a third of the requests fail",
      durationMs: 6 * HOUR,
      begin: { at: "time-of-day", minutes: 870, timezone: "Europe/Berlin" },
      recurs: { forMs: 10 * MINUTE, everyMs: HOUR },
      requests: {
        share: 0.5,
        outcome: "failed",
        latencyFactor: 2,
        costFactor: 3,
        metrics: { ConfigFault: 1 },
      },
      probe: 0.5,
      reach: "model",
      mode: "research",
    });
    expect(flood).toMatchObject({
      extra: { perHour: 300, outcome: "served", durationMs: 2000, costUsd: 0.002 },
      probe: "silent",
    });
  });

  test("changes the share of requests that it names, in all that it names", () => {
    const { injectFault } = scenarioFrom({ fault: first(WOBBLE) });
    const random = seededRandom(1);
    const request = { atMs: 0, durationMs: 100, costUsd: 1, outcome: "served", mode: "research" } as const;
    expect(injectFault?.({ ...request, mode: "note" }, () => 0)).toMatchObject({
      outcome: "served",
      costUsd: 1,
    });
    const all = Array.from({ length: 1000 }, () => injectFault?.(request, random));
    const hit = all.filter((each) => each?.outcome === "failed");
    expect(hit.length).toBeGreaterThan(450);
    expect(hit.length).toBeLessThan(550);
    expect(hit[0]).toEqual({
      ...request,
      durationMs: 200,
      costUsd: 3,
      outcome: "failed",
      extraMetrics: { ConfigFault: 1 },
    });
    expect(all.filter((each) => each === request).length).toBe(1000 - hit.length);
  });

  test("adds the requests that it names, within its span", () => {
    const fault = parseFaults(WOBBLE, "faults.yaml")[1];
    const span = { beginMs: 1000, endMs: 1000 + 2 * HOUR };
    const extra = fault && scenarioFrom({ fault }).extraTraffic?.(span, seededRandom(1));
    expect(extra).toHaveLength(600);
    expect(extra?.every(({ atMs }) => atMs >= span.beginMs && atMs < span.endMs)).toBe(true);
  });

  const fault = (members: string): string =>
    `faults:\n  - name: a\n    description: b\n    lasts: 1h\n${members}`;
  test.each([
    ["faults:\n  - name: a\n  x", /^f\.yaml:\d+: /],
    ["other: 1", "f.yaml:1: other: is no member: use faults"],
    ["faults: []", "f.yaml:1: faults: must be a list with at least one item"],
    [fault(""), "f.yaml:2: faults[0]: nothing goes wrong: give requests, extra or probe"],
    [fault("    probe: 2"), "f.yaml:5: faults[0].probe: must be a number above 0 and of at most 1"],
    [fault("    reqests: {}"), /f\.yaml:5: faults\[0\]\.reqests: is no member: use name, description, lasts/],
    [fault("    requests: { share: 0.2 }"), /f\.yaml:5: .*nothing changes: give outcome, latencyFactor/],
    [
      fault("    requests: { outcome: broken }"),
      /f\.yaml:5: faults\[0\]\.requests\.outcome: "broken": use served/,
    ],
    [
      fault("    probe: 1\n    begins: noon"),
      /f\.yaml:6: faults\[0\]\.begins: "noon" is no begin: write midnight/,
    ],
    [
      fault("    probe: 1\n    begins: summer-time"),
      /needs a time zone that has it, like Europe\/Berlin: UTC never/,
    ],
    [fault("    probe: 1\n    begins: midnight\n    timezone: Mars"), /"Mars" is no time zone/],
    [fault("    probe: 1\n    comesAndGoes: { for: 2h, every: 1h }"), /for must be shorter than every/],
    [fault("    probe: 1\n    reach: both"), "f.yaml:6: faults[0].reach: must be model or agent"],
    [
      fault("    probe: 1\n    mode: poem"),
      `f.yaml:6: faults[0].mode: "poem": use note, reminder, event, research, deepthink`,
    ],
    [
      fault("    probe: 1").replace("1h", "soon"),
      /f\.yaml:4: faults\[0\]\.lasts: must be a time of at least a minute/,
    ],
    [
      fault("    probe: 1").replace("name: a", "name: A b"),
      /f\.yaml:2: faults\[0\]\.name: "A b": write lower-case/,
    ],
    [
      `${fault("    probe: 1")}\n  - name: a\n    description: b\n    lasts: 1h\n    probe: 1`,
      /f\.yaml:6: faults\[1\]: name is "a" a second time/,
    ],
    [fault("    extra: { perHour: -1, outcome: served, takes: 5 }"), /perHour: must be a number above 0/],
    [
      fault("    requests: { metrics: { A: b } }"),
      "f.yaml:5: faults[0].requests.metrics.A: must be a number",
    ],
  ])("%j is refused with its place", (text, message) => {
    expect(() => parseFaults(text, "f.yaml")).toThrow(message);
  });

  test("that is not there is refused by name", async () => {
    await expect(readFaultFile("/nowhere/f.yaml")).rejects.toThrow("cannot read /nowhere/f.yaml");
  });
});

describe("the begin of a fault", () => {
  const spansOf = (begins: string, timezone: string, seed: number) => {
    const begin = parseBegin(begins, timezone);
    if (typeof begin === "string") throw new Error(begin);
    const scenario = scenarioFrom({ fault: "outage", begin });
    const plan = {
      scenario,
      perDay: 1,
      days: minDays(scenario, begin),
      seed,
      deadlineMs: 1,
      conditions: IDEAL_CONDITIONS,
    };
    return simulatedWorld({ ...plan, startMs: simulationStart(begin) });
  };
  const localTime = (ms: number, timeZone: string): string =>
    new Date(ms).toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });

  test.each([
    ["midnight", "Asia/Kolkata", "00:00"],
    ["14:30", "America/New_York", "14:30"],
    ["midnight", "UTC", "00:00"],
  ])("%s in %s is that time on the zone's clock, on one day or another", (begins, timezone, time) => {
    const begun = Array.from(
      { length: 20 },
      (_, seed) => spansOf(begins, timezone, seed).faults[0]?.beginMs ?? 0,
    );
    expect(new Set(begun.map((ms) => localTime(ms, timezone)))).toEqual(new Set([time]));
  });

  test.each([
    ["summer-time", "2027-03-28T00:00:00.000Z", "01:00"],
    ["winter-time", "2026-10-25T00:00:00.000Z", "02:00"],
  ])("%s is an hour before the clock changes in Berlin", (begins, begun, time) => {
    const { faults, startMs, endMs } = spansOf(begins, "Europe/Berlin", 1);
    const [{ beginMs, endMs: over } = { beginMs: 0, endMs: 0 }] = faults;
    expect(new Date(beginMs).toISOString()).toBe(begun);
    expect(localTime(beginMs, "Europe/Berlin")).toBe(time);
    expect(new Date(startMs).getUTCDay()).toBe(1);
    expect(beginMs - startMs).toBeGreaterThanOrEqual(48 * HOUR);
    expect(endMs - over).toBeGreaterThanOrEqual(48 * HOUR);
  });

  test("a fault that comes and goes is there for its part of each period", () => {
    const recurs = { forMs: 10 * MINUTE, everyMs: HOUR };
    const scenario = scenarioFrom({ fault: "outage", recurs });
    const plan = { scenario, perDay: 1, days: 6, seed: 1, deadlineMs: 1, conditions: IDEAL_CONDITIONS };
    const { faults } = simulatedWorld(plan);
    expect(faults).toHaveLength(24);
    expect(new Set(faults.map(({ beginMs, endMs }) => endMs - beginMs))).toEqual(new Set([10 * MINUTE]));
    expect((faults[1]?.beginMs ?? 0) - (faults[0]?.beginMs ?? 0)).toBe(HOUR);
  });
});
