import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  DataDirectoryHeldError,
  holdDataDirectory,
  readRunning,
} from "../../../local/journal/data-directory.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "data-"));
});
afterEach(() => rm(directory, { recursive: true }));

const RUNNING = {
  pid: process.pid,
  page: "http://127.0.0.1:7700",
  functionUrl: "http://127.0.0.1:7701/",
  awsEndpoint: "http://127.0.0.1:7702",
  stage: "development",
};
/** No process has an id beyond Linux's and macOS's bounds. */
const DEAD_PID = 2 ** 22 + 1;

describe("the hold on a data directory", () => {
  test("announces the running system, and leaves nothing when it is released", async () => {
    const hold = await holdDataDirectory(directory);
    expect(await readRunning(directory)).toBeUndefined();
    await hold.announce(RUNNING);
    expect(await readRunning(directory)).toEqual(RUNNING);
    await hold.release();
    expect(await readdir(directory)).toEqual([]);
  });

  test("keeps a second system out, and says who holds it and what to do", async () => {
    const hold = await holdDataDirectory(directory);
    await expect(holdDataDirectory(directory)).rejects.toThrow(/process \d+, which is starting/);
    await hold.announce(RUNNING);
    const refused: unknown = await holdDataDirectory(directory).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DataDirectoryHeldError);
    expect(refused).toMatchObject({ pid: process.pid, page: RUNNING.page });
    expect((refused as Error).message).toMatch(/page http:\/\/127\.0\.0\.1:7700: .* with --data$/);
    await hold.release();
    await (await holdDataDirectory(directory)).release();
  });

  test.each<[string, string]>([
    ["a dead process", JSON.stringify({ pid: DEAD_PID, startedMs: 1 })],
    ["an earlier life of this process id", JSON.stringify({ pid: process.pid, startedMs: 1 })],
    ["nobody that can be read", "{"],
  ])("is taken over from %s", async (_name, lock) => {
    await writeFile(join(directory, "lock.json"), lock);
    await writeFile(join(directory, "running.json"), JSON.stringify({ ...RUNNING, pid: DEAD_PID }));
    const hold = await holdDataDirectory(directory);
    expect(await readRunning(directory)).toBeUndefined();
    await hold.release();
  });

  test("what a dead process announced is not running", async () => {
    await writeFile(join(directory, "running.json"), JSON.stringify({ ...RUNNING, pid: DEAD_PID }));
    expect(await readRunning(directory)).toBeUndefined();
  });
});
