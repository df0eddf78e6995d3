import { describe, expect, test } from "vitest";
import { Alarms } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import type { Grid } from "@wrist-agent/cloudwatch/metric";
import { wallClockBoundary, completedWallClockPeriods, zoneOffset } from "@wrist-agent/cloudwatch/zoned-time";
import { alarm, Scenario, START_MS } from "./scenario.ts";

const HOUR = 3_600_000;

function gridsAt(definition: MetricAlarmDefinition, ...times: readonly number[]): readonly Grid[] {
  const grids: Grid[] = [];
  const alarms = new Alarms({
    accountId: "1",
    region: "us-east-1",
    evaluationRange: (_period, n) => n,
    readSeries: (_queries, grid) => {
      grids.push(grid);
      return [];
    },
  });
  alarms.put(definition, START_MS);
  grids.length = 0;
  for (const time of times) alarms.evaluate(time);
  return grids;
}

function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}

describe("sliding windows", () => {
  test.each([
    ["12:15", ["12:00", "12:05", "12:10"]],
    ["12:16", ["12:01", "12:06", "12:11"]],
  ])("a five-minute alarm reads at %s the points of the guide", (at, starts) => {
    const [grid] = gridsAt(
      alarm({ periodSeconds: 300, evaluationPeriods: 3 }),
      Date.parse(`2026-09-14T${at}:08.775Z`),
    );
    expect([0, 1, 2].map((slot) => clock((grid?.startMs ?? 0) + slot * 300_000))).toEqual(starts);
  });

  test("an hour slides by the minute", () => {
    const grids = gridsAt(
      alarm({ periodSeconds: 3600 }),
      START_MS + 14 * HOUR + 420_000,
      START_MS + 14 * HOUR + 480_000,
    );
    expect(grids.map((grid) => clock(grid.startMs))).toEqual(["13:07", "13:08"]);
  });

  test("more than a day is evaluated every hour, up to the last full hour", () => {
    const scenario = new Scenario();
    scenario.nowMs += 3 * 60_000;
    scenario.put(alarm({ periodSeconds: 86_400, evaluationPeriods: 2, datapointsToAlarm: 1 }));
    scenario.feed(`0 _x600 5 _x100`);
    // Failed at 10:01; the evaluation of 10:03 sees up to 10:00, the one of 11:03 sees it.
    expect(scenario.run(700)).toEqual(["63m OK", "663m ALARM"]);
  });
});

describe("wall-clock windows", () => {
  const day = { periodSeconds: 86_400, evaluationPeriods: 1, evaluationWindow: { wallClock: {} } } as const;

  test("read exactly the completed periods and no extra points", () => {
    const grids = gridsAt(alarm({ ...day, evaluationPeriods: 1 }), START_MS + 5 * HOUR);
    expect(grids).toEqual([{ startMs: START_MS - 24 * HOUR, periodSeconds: 86_400, slots: 1 }]);
  });

  test("judge a day only when it is over", () => {
    const scenario = new Scenario().put(alarm({ ...day, treatMissingData: "ignore" }));
    scenario.feed("_x60 5 _x10");
    expect(scenario.run(1445)).toEqual(["1440m ALARM"]);
  });

  test("take in late data while the source's revision moves, and stay still otherwise", () => {
    let revision = 0;
    const scenario = new Scenario({ revision: () => revision }).put(alarm({ ...day, periodSeconds: 300 }));
    expect(scenario.run(7)).toEqual([]);
    scenario.feed("5");
    revision += 1;
    expect(scenario.run(8)).toEqual(["8m ALARM"]);
  });

  test("follow summer time: the day on which it begins has 23 hours", () => {
    const berlin = zoneOffset("Europe/Berlin") ?? (() => 0);
    const noon = Date.parse("2026-03-30T12:00:00Z");
    const boundaries = completedWallClockPeriods(noon, { seconds: 86_400, count: 2 }, berlin);
    expect(boundaries.map((ms) => new Date(ms).toISOString())).toEqual(
      ["2026-03-27T23:00:00.000Z", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"].map((text) =>
        new Date(text).toISOString(),
      ),
    );
  });

  test.each([
    ["+05:30", "2026-09-13T18:30:00.000Z"],
    ["UTC+05:30", "2026-09-13T18:30:00.000Z"],
    ["GMT-08:00", "2026-09-14T08:00:00.000Z"],
    ["Z", "2026-09-14T00:00:00.000Z"],
    ["Asia/Kolkata", "2026-09-13T18:30:00.000Z"],
  ])("a day of %s begins at %s", (zone, expected) => {
    const offset = zoneOffset(zone);
    expect(offset).toBeDefined();
    expect(new Date(wallClockBoundary(START_MS + 12 * HOUR, 86_400, offset ?? (() => 0))).toISOString()).toBe(
      expected,
    );
  });

  test("weeks begin on Monday", () => {
    expect(wallClockBoundary(START_MS + 6 * 24 * HOUR, 604_800, () => 0)).toBe(START_MS);
  });

  test.each(["Mars/Olympus", "+05:33", "+19:00", "UTC+5"])("%s is no time zone", (zone) => {
    expect(zoneOffset(zone)).toBeUndefined();
  });
});

describe("a warm-up", () => {
  const slow = { periodSeconds: 300, evaluationPeriods: 3 };

  test("ends early when the window can be filled: data from 10:04 begin to count at 10:19", () => {
    const scenario = new Scenario().put(alarm({ ...slow, warmUp: { minutes: 120 } })).feed("_x3 5x40");
    expect(scenario.run(3)).toEqual([]);
    expect(scenario.status().evaluationState).toBe("IN_WARM_UP");
    expect(scenario.run(30)).toEqual(["19m ALARM"]);
    expect(scenario.status().evaluationState).toBeUndefined();
  });

  test("lasts to its end when it must", () => {
    const warmUp = { minutes: 25, onlyAfterEnd: true };
    expect(
      new Scenario()
        .put(alarm({ ...slow, warmUp }))
        .feed("5x40")
        .run(40),
    ).toEqual(["25m ALARM"]);
  });

  test("ends without data too", () => {
    const warmUp = { minutes: 5 };
    const scenario = new Scenario().put(alarm({ warmUp, treatMissingData: "breaching" }));
    expect(scenario.run(9)).toEqual(["5m ALARM"]);
  });

  test("counts data that are older than the alarm", () => {
    const scenario = new Scenario().feed("5x40");
    scenario.nowMs += 20 * 60_000;
    expect(scenario.put(alarm({ ...slow, warmUp: { minutes: 60 } })).run(22)).toEqual(["21m ALARM"]);
  });
});
