import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { workerLines, type EarlyEnd } from "../../../bench/mutation/start-worker.ts";
import type { MutationLine } from "../../../bench/mutation/worker.ts";

let directory = "";

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "wrist-agent-mutation-"));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

const ORDER = { kind: "try", trials: [] } as const;
const NOTICED = { kind: "try", isKilled: true };

interface Task {
  /** What the worker does after it has written two lines. */
  readonly then: string;
  readonly lines: number;
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

let programs = 0;

function linesOf({ then, lines, limitMs = 600_000, signal }: Task): AsyncGenerator<MutationLine | EarlyEnd> {
  programs += 1;
  const program = join(directory, `${programs}.mjs`);
  const line = JSON.stringify(JSON.stringify(NOTICED));
  writeFileSync(program, `console.log(${line}); console.log(${line}); ${then}`);
  return workerLines({
    program,
    order: ORDER,
    limitMs,
    lines,
    signal: signal ?? new AbortController().signal,
  });
}

async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test("a worker that has said everything is not said to have ended early", async () => {
  expect(await all(linesOf({ then: "", lines: 2 }))).toEqual([NOTICED, NOTICED]);
});

test("one that ends before its last line died", async () => {
  const then = "process.kill(process.pid, 'SIGKILL');";
  expect(await all(linesOf({ then, lines: 3 }))).toEqual([NOTICED, NOTICED, "died"]);
});

test("one that says nothing for too long is stopped", async () => {
  const then = "setInterval(() => {}, 1000);";
  const heard = await all(linesOf({ then, lines: 4, limitMs: 1_000 }));
  expect(heard.at(-1)).toBe("took too long");
});

test("a sign of life answers nothing", async () => {
  const then = `console.log('{"kind":"alive"}');`;
  expect(await all(linesOf({ then, lines: 3 }))).toEqual([NOTICED, NOTICED, "died"]);
});

test("an interruption ends the worker and what it started", async () => {
  const interruption = new AbortController();
  const then = `
    import { spawn } from "node:child_process";
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    console.log(JSON.stringify({ kind: "try", isKilled: true, pid: child.pid }));
    setInterval(() => {}, 1000);`;
  const heard: (MutationLine | EarlyEnd)[] = [];
  for await (const line of linesOf({ then, lines: 5, signal: interruption.signal })) {
    heard.push(line);
    if (heard.length === 3) interruption.abort();
  }
  expect(heard).toHaveLength(3);
  const { pid } = heard[2] as MutationLine & { readonly pid: number };
  await expect.poll(() => isRunning(pid), { timeout: 600_000 }).toBe(false);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
