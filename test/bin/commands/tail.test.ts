import fc from "fast-check";
import { expect, test } from "vitest";
import type { LogEvent } from "../../../bin/cli/log-events.ts";
import { LogFollower } from "../../../bin/commands/tail.ts";

const MINUTE = 60_000;

const event = (eventId: string, timeMs: number): LogEvent => ({
  eventId,
  timeMs,
  stream: "s",
  message: eventId,
});

test("a line that comes late, before one that was seen, is still taken, and each only once", () => {
  const follower = new LogFollower(0);
  expect(follower.take([event("a", 600_000)]).map(({ eventId }) => eventId)).toEqual(["a"]);
  expect(follower.startMs).toBe(300_000);
  expect(
    follower
      .take([event("late", 400_000), event("a", 600_000), event("b", 700_000)])
      .map(({ eventId }) => eventId),
  ).toEqual(["late", "b"]);
  expect(follower.take([event("late", 400_000), event("b", 700_000)])).toEqual([]);
});

test("two lines of the same time and text are two lines", () => {
  const follower = new LogFollower(0);
  expect(follower.take([event("1", 5), event("2", 5)])).toHaveLength(2);
});

test("never asks for what is before its beginning", () => {
  const follower = new LogFollower(1_000_000);
  follower.take([event("a", 1_000_001)]);
  expect(follower.startMs).toBe(1_000_000);
});

test("whatever is up to five minutes late, no line is lost and none comes twice", () => {
  const line = fc.record({
    atMs: fc.integer({ min: 0, max: 60 * MINUTE }),
    lateMs: fc.integer({ min: 0, max: 5 * MINUTE - 1 }),
  });
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 60 }),
      fc.integer({ min: 1_000, max: 4 * MINUTE }),
      (lines, everyMs) => {
        const follower = new LogFollower(0);
        const events = lines.map(({ atMs, lateMs }, at) => ({
          visibleMs: atMs + lateMs,
          ...event(String(at), atMs),
        }));
        const taken: string[] = [];
        for (let nowMs = 0; nowMs <= 70 * MINUTE; nowMs += everyMs) {
          const { startMs } = follower;
          const found = events.filter(({ visibleMs, timeMs }) => visibleMs <= nowMs && timeMs >= startMs);
          taken.push(...follower.take(found).map(({ eventId }) => eventId));
        }
        expect(taken.toSorted()).toEqual(events.map(({ eventId }) => eventId).toSorted());
      },
    ),
    { numRuns: 50 },
  );
});
