import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { alignedColumns, localTime, processTerminal, withSpinner } from "../../../bin/cli/terminal.ts";

describe("columns", () => {
  test("pads every cell to its column and leaves no blanks at the end", () => {
    expect(
      alignedColumns([
        ["a", "bb"],
        ["ccc", "d"],
      ]),
    ).toEqual(["a    bb", "ccc  d"]);
  });

  test("lines numbers up on the right", () => {
    expect(alignedColumns([["1"], ["20"]], ["right"])).toEqual([" 1", "20"]);
  });

  test("copes with rows of different lengths", () => {
    expect(alignedColumns([["a"], ["b", "c"]])).toEqual(["a", "b  c"]);
  });
});

test("a time is shown in the zone of whoever reads, to the second", () => {
  const date = new Date(2026, 10, 3, 4, 5, 6);
  expect(localTime(date.getTime())).toBe("2026-11-03 04:05:06");
});

test("progress on something that is not a terminal only waits for the work", async () => {
  expect(await processTerminal().progress("working", Promise.resolve(7))).toBe(7);
});

test("a spinner leaves Ctrl-C to a command that listens for it", async () => {
  const own = (): void => undefined;
  const done = (): boolean => true;
  const screen = Object.assign(new PassThrough(), {
    isTTY: true,
    cursorTo: done,
    clearLine: done,
    moveCursor: done,
  });
  process.on("SIGINT", own);
  try {
    const listeners = process.listeners("SIGINT");
    const during = Promise.resolve().then(() => process.listeners("SIGINT"));
    expect(await withSpinner(screen as unknown as NodeJS.WriteStream, "working", during)).toEqual(listeners);
    expect(String(screen.read())).toContain("working");
  } finally {
    process.off("SIGINT", own);
  }
});
