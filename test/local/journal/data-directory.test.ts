import { fork } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
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

  test("does not mind a directory with the name of a lock, and says which one has the name of its file", async () => {
    await mkdir(join(directory, "lock-9.json"));
    const hold = await holdDataDirectory(directory);
    await hold.release();
    await (await holdDataDirectory(directory)).release();
    expect(await readdir(directory)).toEqual(["lock-9.json"]);
    await mkdir(join(directory, "running.json"));
    await expect(holdDataDirectory(directory)).rejects.toThrow(
      `${join(directory, "running.json")} cannot be used: move it away, or choose another directory with --data`,
    );
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

  test("is taken over from a process whose id another one has now", async () => {
    const hold = await holdDataDirectory(directory);
    const lock = JSON.parse(await readFile(join(directory, "lock.json"), "utf8")) as { started?: string };
    await hold.release();
    await writeFile(join(directory, "lock.json"), JSON.stringify({ ...lock, started: "another boot 1" }));
    await writeFile(
      join(directory, "running.json"),
      JSON.stringify({ ...RUNNING, started: "another boot 1" }),
    );
    expect(await readRunning(directory)).toBeUndefined();
    await (await holdDataDirectory(directory)).release();
    expect(await readdir(directory)).toEqual([]);
  });

  test("makes the directory its owner's alone", async () => {
    await chmod(directory, 0o777);
    const hold = await holdDataDirectory(directory);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(join(directory, "lock.json"))).mode & 0o777).toBe(0o600);
    await hold.release();
  });

  test("is not taken of a directory of another user", async () => {
    const uid = process.getuid?.() ?? 0;
    Object.assign(process, { getuid: () => uid + 1 });
    await expect(holdDataDirectory(directory)).rejects.toThrow(
      `data directory ${directory} belongs to another user (${uid}): choose one of your own with --data`,
    );
    Object.assign(process, { getuid: () => uid });
  });

  test("follows no link that stands where it writes", async () => {
    const target = join(directory, "elsewhere");
    await writeFile(target, "mine");
    await symlink(target, join(directory, "running.json.new"));
    const hold = await holdDataDirectory(directory);
    await hold.announce(RUNNING);
    expect(await readFile(target, "utf8")).toBe("mine");
    await hold.release();
  });

  test("is won by one of many processes that find the same dead one", async () => {
    const runners = Array.from({ length: 4 }, () =>
      fork(join(import.meta.dirname, "hold-contender.ts"), [directory], {
        execArgv: ["--conditions=source", "--import", "tsx"],
      }),
    );
    await Promise.all(runners.map((runner) => once(runner, "message")));
    for (let round = 0; round < 25; round += 1) {
      await writeFile(join(directory, "lock.json"), JSON.stringify({ pid: DEAD_PID }));
      const outcomes = runners.map((runner) => once(runner, "message"));
      for (const runner of runners) runner.send("take");
      const won = (await Promise.all(outcomes)).filter(([outcome]) => outcome === "won");
      expect([round, won.length]).toEqual([round, 1]);
      const released = runners.map((runner) => once(runner, "message"));
      for (const runner of runners) runner.send("release");
      await Promise.all(released);
      expect(await readdir(directory)).toEqual([]);
    }
    await Promise.all(
      runners.map((runner) => {
        runner.disconnect();
        return once(runner, "exit");
      }),
    );
  });

  test("what a dead process announced is not running", async () => {
    await writeFile(join(directory, "running.json"), JSON.stringify({ ...RUNNING, pid: DEAD_PID }));
    expect(await readRunning(directory)).toBeUndefined();
  });
});
