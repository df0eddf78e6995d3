import { describe, expect, it } from "vitest";
import { failuresToAlarm } from "../../../lib/monitoring/conditions.ts";

const DAY = 86_400;

/** Chance that `count` or more of `trials` fail, each with `share`. */
function atLeast(count: number, trials: number, share: number): number {
  let below = 0;
  for (let k = 0; k < count; k += 1) below += choose(trials, k) * share ** k * (1 - share) ** (trials - k);
  return 1 - below;
}

function choose(n: number, k: number): number {
  return k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k;
}

describe("the number of failures that raises an alarm", () => {
  it.each([
    [10, 300, 2],
    [30, 300, 2],
    [100, 300, 3],
    [20, 3_600, 3],
    [3_000, 3_600, 11],
    [10, DAY, 3],
    [30, DAY, 4],
    [100, DAY, 7],
  ])("at %d requests a day within %d seconds is %d", (requestsPerDay, windowSeconds, count) => {
    expect(failuresToAlarm(requestsPerDay, windowSeconds)).toBe(count);
  });

  it("catches 30 % of failures at 30 requests a day within 24 hours in 99 of 100 cases", () => {
    expect(atLeast(failuresToAlarm(30, DAY), 30, 0.3)).toBeGreaterThan(0.99);
  });

  it("never falls when traffic or window grows", () => {
    const traffics = [1, 10, 30, 100, 1000, 10_000, 100_000];
    for (const window of [300, 3600, DAY]) {
      const counts = traffics.map((requestsPerDay) => failuresToAlarm(requestsPerDay, window));
      expect(counts).toEqual([...counts].sort((a, b) => a - b));
    }
  });
});
