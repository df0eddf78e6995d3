import type { Clock } from "@wrist-agent/cloudwatch/clock";
import { describe, expect, test } from "vitest";
import { startEvaluationScheduler } from "../../../local/monitoring/alarm-evaluator.ts";

const WAKE = Date.UTC(2026, 10, 29, 20, 16, 7);
const SECOND = 1000;

/** A clock of which a test fires the turns itself, as a machine does that wakes up. */
class FiredClock implements Clock {
  nowMs = WAKE - 600 * SECOND;
  #turn: (nowMs: number) => unknown = () => undefined;

  now(): number {
    return this.nowMs;
  }

  every(periodMs: number, task: (nowMs: number) => unknown): () => void {
    if (periodMs === 10 * SECOND) this.#turn = task;
    return () => undefined;
  }

  async turn(atMs: number): Promise<void> {
    this.nowMs = atMs;
    await this.#turn(atMs);
  }
}

describe("alarms after a sleep of the machine", () => {
  test("are judged from the minute on whose windows hold what was made up for", async () => {
    const clock = new FiredClock();
    const judged: string[] = [];
    let answer: number | undefined;
    startEvaluationScheduler({
      regions: [],
      clock,
      caughtUp: () => Promise.resolve(answer),
      evaluate: (dueMs) => judged.push(new Date(dueMs).toISOString().slice(11, 19)),
    });
    answer = WAKE + 9 * SECOND;
    await clock.turn(WAKE);
    answer = undefined;
    for (const seconds of [13, 23, 33, 43, 53, 63]) await clock.turn(WAKE + seconds * SECOND);
    expect(judged).toEqual(["20:17:00"]);
  });

  test("are judged by the minute while nothing is overdue", async () => {
    const clock = new FiredClock();
    const judged: number[] = [];
    const caughtUp = (): Promise<undefined> => Promise.resolve(undefined);
    const evaluate = (dueMs: number): unknown => judged.push(dueMs - WAKE);
    startEvaluationScheduler({ regions: [], clock, caughtUp, evaluate });
    for (const seconds of [-7, 3, 13, 53, 63]) await clock.turn(WAKE + seconds * SECOND);
    expect(judged).toEqual([-7 * SECOND, 53 * SECOND]);
  });
});
