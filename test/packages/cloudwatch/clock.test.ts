import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { zonedIso, zoneOffset } from "@wrist-agent/cloudwatch/zoned-time";
import { expect, test } from "vitest";

const START_MS = Date.UTC(2026, 0, 5, 10, 0, 30);

test("a clock runs what is due at whole multiples of its period, in the order of time", async () => {
  const clock = new ManualClock(START_MS);
  const ran: string[] = [];
  const note = (name: string) => (nowMs: number) => {
    expect(clock.now()).toBe(nowMs);
    ran.push(`${name} ${new Date(nowMs).toISOString().slice(11, 19)}`);
  };
  clock.every(60_000, note("minute"));
  const cancel = clock.every(45_000, note("other"));
  await clock.advance(60_000);
  expect(ran).toEqual(["other 10:00:45", "minute 10:01:00", "other 10:01:30"]);
  expect(clock.now()).toBe(START_MS + 60_000);
  cancel();
  await clock.advance(30_000);
  expect(ran.slice(3)).toEqual(["minute 10:02:00"]);
});

test("a task is waited for before the clock goes on", async () => {
  const clock = new ManualClock(0);
  const ended: number[] = [];
  clock.every(1000, async (nowMs) => {
    await Promise.resolve();
    ended.push(clock.now() - nowMs);
  });
  await clock.advance(2000);
  expect(ended).toEqual([0, 0]);
});

test.each([
  ["UTC", "2026-01-05T10:00:30+00:00"],
  ["America/Los_Angeles", "2026-01-05T02:00:30-08:00"],
  ["Asia/Kolkata", "2026-01-05T15:30:30+05:30"],
  ["America/St_Johns", "2026-01-05T06:30:30-03:30"],
])("a time of %s carries its offset: %s", (zone, expected) => {
  expect(zonedIso(START_MS, zoneOffset(zone) ?? (() => 0))).toBe(expected);
});
