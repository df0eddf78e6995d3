import { expect, test } from "vitest";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { timedPhase } from "../../../bin/commands/timed-phase.ts";
import { memoryTerminal } from "../../support/memory-terminal.ts";

interface PhaseAt {
  /** A terminal's width. */
  readonly columns?: number;
  readonly startMs?: number;
}

/** A phase of so many seconds, which has ended. */
async function phase(seconds: number, { columns, startMs = 0 }: PhaseAt = {}) {
  const terminal = { ...memoryTerminal(), ...(columns !== undefined && { columns }) };
  const clock = new ManualClock(startMs);
  let finish: (value: string) => void = () => undefined;
  const work = new Promise<string>((resolve) => (finish = resolve));
  const result = timedPhase({ terminal, clock }, "synthesising", work);
  await clock.advance(seconds * 1000);
  finish("done");
  expect(await result).toBe("done");
  return terminal.written.err;
}

test("a phase that lasts says so every two seconds", async () => {
  expect(await phase(9)).toEqual([
    "synthesising: 2 s so far",
    "synthesising: 4 s so far",
    "synthesising: 6 s so far",
    "synthesising: 8 s so far",
    "synthesising: 9.0 s",
  ]);
});

test("no two seconds go by without a line, wherever in the clock's second the phase began", async () => {
  for (const startMs of [100, 300, 499, 700, 999])
    expect(await phase(4.1, { startMs }), String(startMs)).toEqual([
      "synthesising: 2 s so far",
      "synthesising: 4 s so far",
      "synthesising: 4.1 s",
    ]);
  // On the clock's whole halves: at 2.0, not at 2.5.
  expect(await phase(1.9, { startMs: 250 })).toEqual(["synthesising: 2 s so far", "synthesising: 1.9 s"]);
});

test("a short phase is one line, and on a terminal the spinner speaks alone", async () => {
  expect(await phase(1)).toEqual(["synthesising: 1.0 s"]);
  expect(await phase(9, { columns: 80 })).toEqual(["synthesising: 9.0 s"]);
});

test("a phase that fails says nothing more", async () => {
  const terminal = memoryTerminal();
  const clock = new ManualClock(0);
  await expect(timedPhase({ terminal, clock }, "x", Promise.reject(new Error("no")))).rejects.toThrow("no");
  await clock.advance(60_000);
  expect(terminal.written.err).toEqual([]);
});
