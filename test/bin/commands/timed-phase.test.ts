import { expect, test } from "vitest";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { timedPhase } from "../../../bin/commands/timed-phase.ts";
import { memoryTerminal } from "../../support/memory-terminal.ts";

/** A phase of so many seconds, which has ended. */
async function phase(seconds: number, columns?: number) {
  const terminal = { ...memoryTerminal(), ...(columns !== undefined && { columns }) };
  const clock = new ManualClock(0);
  let finish: (value: string) => void = () => undefined;
  const work = new Promise<string>((resolve) => (finish = resolve));
  const result = timedPhase({ terminal, clock }, "synthesising", work);
  await clock.advance(seconds * 1000);
  finish("done");
  expect(await result).toBe("done");
  return terminal.written.err;
}

test("a phase that lasts says so after two seconds, and then ever less often", async () => {
  expect(await phase(19)).toEqual([
    "synthesising: 2 s so far",
    "synthesising: 4 s so far",
    "synthesising: 8 s so far",
    "synthesising: 16 s so far",
    "synthesising: 19.0 s",
  ]);
});

test("a short phase is one line, and on a terminal the spinner speaks alone", async () => {
  expect(await phase(1)).toEqual(["synthesising: 1.0 s"]);
  expect(await phase(9, 80)).toEqual(["synthesising: 9.0 s"]);
});

test("a phase that fails says nothing more", async () => {
  const terminal = memoryTerminal();
  const clock = new ManualClock(0);
  await expect(timedPhase({ terminal, clock }, "x", Promise.reject(new Error("no")))).rejects.toThrow("no");
  await clock.advance(60_000);
  expect(terminal.written.err).toEqual([]);
});
