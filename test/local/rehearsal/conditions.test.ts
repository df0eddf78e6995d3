import { describe, expect, test } from "vitest";
import {
  blipsOf,
  delayMs,
  type DelayModel,
  mailDelayMs,
  type MetricRoute,
  strangerTimes,
  USUAL_CONDITIONS,
} from "../../../local/rehearsal/conditions.ts";
import { seededRandom } from "../../../local/random.ts";

const SECOND = 1000;
const DAY = 86_400_000;
const DRAWS = 100_000;

/** Draws of a delay in seconds, shortest first. */
function delays(model: DelayModel, route: MetricRoute): readonly number[] {
  const random = seededRandom(1);
  const drawn = Array.from({ length: DRAWS }, () => delayMs(random, model, route) / SECOND);
  return drawn.sort((a, b) => a - b);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? 0;
}

describe("a point on its way to CloudWatch", () => {
  test.each([
    ["prompt", { median: 11, p99: 36, late: 1 / 2000 }],
    ["usual", { median: 22, p99: 70, late: 1 / 1000 }],
  ] as const)(
    "in a line of a log takes, where metrics are %s, in seconds and shares %j",
    (model, { median, p99, late }) => {
      const drawn = delays(model, "emf");
      expect(quantile(drawn, 0.5)).toBeCloseTo(median, 0);
      expect(Math.abs(quantile(drawn, 0.99) - p99)).toBeLessThan(3);
      // The tail of a log-normal delay hardly reaches three minutes by itself.
      const veryLate = drawn.filter((seconds) => seconds > 180).length / DRAWS;
      expect(veryLate).toBeGreaterThan(late * 0.2);
      expect(veryLate).toBeLessThan(late);
    },
  );

  test("in a line of a log takes 10 to 90 s where metrics are slow, and one in a hundred longer", () => {
    const drawn = delays("slow", "emf");
    expect(drawn[0]).toBeGreaterThanOrEqual(10);
    expect(quantile(drawn, 0.5)).toBeCloseTo(50.3, 0);
    const beyond = drawn.filter((seconds) => seconds > 90).length / DRAWS;
    expect(beyond).toBeGreaterThan(0.003);
    expect(beyond).toBeLessThan(0.01);
  });

  test.each([
    ["service", 60, 180],
    ["direct", 1, 5],
    ["bill", 1800, 21_600],
  ] as const)("of the route %s takes %d to %d s", (route, least, most) => {
    const drawn = delays("usual", route);
    expect(drawn[0]).toBeGreaterThanOrEqual(least);
    expect(drawn.at(-1)).toBeLessThanOrEqual(most);
    expect(Math.abs(quantile(drawn, 0.5) - (least + most) / 2)).toBeLessThan((most - least) / 50);
  });

  test("takes no time where none is asked for", () => {
    expect(delays("none", "emf").at(-1)).toBe(0);
  });
});

describe("the surroundings of an agent", () => {
  test("hold so many short interruptions a day, so long in the mean, that never overlap", () => {
    const conditions = { ...USUAL_CONDITIONS, blips: { perDay: 5, meanSeconds: 60 } };
    const blips = blipsOf(seededRandom(2), conditions, { beginMs: 0, endMs: 1000 * DAY });
    const lengths = blips.map(({ beginMs, endMs }) => (endMs - beginMs) / SECOND);
    expect(Math.abs(blips.length / 1000 - 5)).toBeLessThan(0.3);
    expect(Math.abs(lengths.reduce((a, b) => a + b) / lengths.length - 60)).toBeLessThan(2);
    const ends = blips.map(({ endMs }) => endMs);
    expect(blips.every(({ beginMs }, n) => beginMs > (ends[n - 1] ?? 0))).toBe(true);
    expect(
      blipsOf(
        seededRandom(2),
        { ...conditions, blips: { perDay: 0, meanSeconds: 60 } },
        { beginMs: 0, endMs: DAY },
      ),
    ).toEqual([]);
  });

  test("hold up to so many strangers a day, most of them in clumps", () => {
    const random = seededRandom(3);
    const days = Array.from({ length: 300 }, () => strangerTimes(random, USUAL_CONDITIONS, 0));
    const counts = days.map(({ length }) => length);
    expect(Math.max(...counts)).toBe(50);
    expect(Math.min(...counts)).toBe(0);
    const pauses = days.flatMap((times) => times.slice(1).map((atMs, n) => atMs - (times[n] ?? 0)));
    expect(pauses.filter((ms) => ms >= 0 && ms < 10 * SECOND).length / pauses.length).toBeGreaterThan(0.8);
  });

  test("deliver a mail within the seconds that are stated", () => {
    const random = seededRandom(4);
    const drawn = Array.from({ length: 1000 }, () => mailDelayMs(random, USUAL_CONDITIONS));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(2 * SECOND);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(10 * SECOND);
    expect(Math.max(...drawn)).toBeGreaterThan(9 * SECOND);
  });
});
