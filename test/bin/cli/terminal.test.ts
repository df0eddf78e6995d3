import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";
import { beforeEach, describe, expect, test } from "vitest";
import { sparkline } from "../../../bin/cli/plot.ts";
import {
  alignedColumns,
  localTime,
  openScreen,
  processTerminal,
  type Terminal,
  withSpinner,
} from "../../../bin/cli/terminal.ts";
import { watchFrames, type WatchPorts } from "../../../bin/cli/watch.ts";

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

const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l";
const LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";

let written: string;
let rows: number | undefined;
let exits: (() => void)[];

beforeEach(() => {
  written = "";
  rows = undefined;
  exits = [];
});

function screen() {
  return openScreen(
    {
      write: (text) => (written += text),
      get rows() {
        return rows;
      },
    },
    (leave) => {
      exits.push(leave);
      return () => (exits = exits.filter((each) => each !== leave));
    },
  );
}

describe("a screen", () => {
  test("draws from the top, clears what was there, and gives the terminal back once", () => {
    const { draw, close } = screen();
    draw(["one", "two"]);
    close();
    close();
    expect(written).toBe(`${ENTER}\u001b[Hone\u001b[K\r\ntwo\u001b[K\u001b[J${LEAVE}`);
    expect(exits).toEqual([]);
  });

  test("gives the terminal back when the process ends otherwise", () => {
    screen();
    exits[0]?.();
    expect(written).toBe(`${ENTER}${LEAVE}`);
  });

  test("says how many lines a low window leaves out", () => {
    rows = 2;
    screen().draw(["one", "two", "three"]);
    expect(written).toContain("one\u001b[K\r\n… 2 more lines: make the window higher\u001b[K\u001b[J");
  });
});

describe("frames", () => {
  let out: string[];
  let stop: () => void;
  let waits: number[];
  let nowMs: number;

  beforeEach(() => {
    out = [];
    waits = [];
    nowMs = Date.UTC(2026, 10, 23, 12);
  });

  const terminal = (place: "screen" | "pipe"): Terminal => ({
    out: (line) => void out.push(line),
    err: () => undefined,
    colours: pc.createColors(false),
    progress: (_text, work) => (typeof work === "function" ? work(() => undefined) : work),
    ...(place === "screen" && { openScreen: screen }),
  });

  /** Interrupts in the wait after so many frames. */
  const ports = (frames: number): WatchPorts => ({
    onInterrupt: (interrupt) => {
      stop = interrupt;
      return () => undefined;
    },
    wait: (milliseconds, signal) => {
      waits.push(milliseconds);
      nowMs += milliseconds;
      if (waits.length < frames) return Promise.resolve();
      stop();
      return Promise.reject(signal.reason as Error);
    },
    now: () => nowMs,
  });

  test("follow one another in place until Ctrl-C, and the last one stays", async () => {
    let count = 0;
    await watchFrames(
      {
        terminal: terminal("screen"),
        everyMs: 5000,
        draw: () => Promise.resolve([`frame ${(count += 1)}`]),
      },
      ports(2),
    );
    expect(written).toContain("frame 1");
    expect(written.endsWith(`frame 2\u001b[K\u001b[J${LEAVE}`)).toBe(true);
    expect(out).toEqual(["frame 2"]);
    expect(waits).toEqual([5000, 5000]);
  });

  test("stand one below the other, without escape sequences, where there is no terminal", async () => {
    await watchFrames(
      { terminal: terminal("pipe"), everyMs: 1, draw: () => Promise.resolve(["frame"]) },
      ports(2),
    );
    expect(out).toEqual(["frame", "", "frame", ""]);
    expect(written).toBe("");
  });

  test("a later one that fails leaves the last one, and says of when it is and why", async () => {
    let count = 0;
    const draw = (): Promise<readonly string[]> =>
      (count += 1) === 2 ? Promise.reject(new Error("Rate exceeded")) : Promise.resolve([`frame ${count}`]);
    await watchFrames({ terminal: terminal("screen"), everyMs: 5000, draw }, ports(3));
    const plain = stripVTControlCharacters(written);
    expect(plain).toMatch(/frame 1\r\n\r\nas of [-\d]+ [:\d]+; not read since: Rate exceeded/);
    expect(out).toEqual(["frame 3"]);
  });

  test("the first one must succeed, and the terminal was never taken", async () => {
    const draw = () => Promise.reject(new Error("no stack"));
    await expect(watchFrames({ terminal: terminal("screen"), everyMs: 1, draw }, ports(1))).rejects.toThrow(
      "no stack",
    );
    expect(written).toBe("");
  });
});

test("a sparkline tells a gap from zero, and the highest from the rest", () => {
  expect(sparkline([0, undefined, 1, 4, 8])).toBe("▁ ▂▅█");
  expect(sparkline([0, 0])).toBe("▁▁");
  expect(sparkline([5], 10)).toBe("▅");
  expect(sparkline([])).toBe("");
});
