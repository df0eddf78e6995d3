import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { systemClock } from "../../local/clock.ts";

const MINUTE = 60_000;

describe("the manual clock", () => {
  test("stands still until it is advanced", () => {
    expect(new ManualClock(5).now()).toBe(5);
  });

  test("runs a task at every whole minute passed, with that minute as now", async () => {
    const clock = new ManualClock(30_000);
    const seen: number[] = [];
    clock.every(MINUTE, (nowMs) => void seen.push(nowMs));
    await clock.advance(2 * MINUTE);
    expect(seen).toEqual([MINUTE, 2 * MINUTE]);
    expect(clock.now()).toBe(150_000);
  });

  test("runs tasks of different periods in the order of their due times", async () => {
    const clock = new ManualClock(0);
    const seen: string[] = [];
    clock.every(MINUTE, () => void seen.push("minute"));
    clock.every(40_000, () => void seen.push("forty"));
    await clock.advance(80_000);
    expect(seen).toEqual(["forty", "minute", "forty"]);
  });

  test("waits for a slow task before the next one", async () => {
    const clock = new ManualClock(0);
    const seen: string[] = [];
    clock.every(MINUTE, async () => {
      seen.push("in");
      await Promise.resolve();
      seen.push("out");
    });
    await clock.advance(2 * MINUTE);
    expect(seen).toEqual(["in", "out", "in", "out"]);
  });

  test("does not run a cancelled task", async () => {
    const clock = new ManualClock(0);
    const task = vi.fn();
    const cancel = clock.every(MINUTE, task);
    cancel();
    await clock.advance(MINUTE);
    expect(task).not.toHaveBeenCalled();
  });
});

describe("the system clock", () => {
  beforeEach(() => void vi.useFakeTimers({ now: 30_000 }));
  afterEach(() => void vi.useRealTimers());

  test("starts its turns at whole multiples of the period", async () => {
    const seen: number[] = [];
    const cancel = systemClock().every(MINUTE, (nowMs) => void seen.push(nowMs));
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    cancel();
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    expect(seen).toEqual([MINUTE, 2 * MINUTE]);
  });

  test("skips a turn while the one before is still running", async () => {
    let finish: () => void = () => undefined;
    const task = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
    const cancel = systemClock().every(MINUTE, task);
    await vi.advanceTimersByTimeAsync(3 * MINUTE);
    expect(task).toHaveBeenCalledTimes(1);
    finish();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(task).toHaveBeenCalledTimes(2);
    cancel();
  });
});
