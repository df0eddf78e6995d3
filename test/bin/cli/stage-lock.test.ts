import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lockStage, stageLockFile } from "../../../bin/cli/stage-lock.ts";

/** Above every process id that Linux and macOS give. */
const NOBODY = 99_999_999;

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stage-lock-"));
});

afterEach(() => rm(folder, { recursive: true }));

describe("the lock of a stage", () => {
  const file = (): string => join(folder, "stage.lock");

  test("is had by one, and again after it was given back", async () => {
    const release = await lockStage(file(), "production is being deployed");
    await expect(lockStage(file(), "production is being deployed")).rejects.toThrow(
      `production is being deployed from this machine already, by process ${process.pid}`,
    );
    await release();
    await (
      await lockStage(file(), "production is being deployed")
    )();
  });

  test("of a process that has ended is taken over by exactly one of twenty", async () => {
    for (let round = 0; round < 10; round += 1) {
      await writeFile(file(), String(NOBODY));
      const tries = await Promise.allSettled(
        Array.from({ length: 20 }, () => lockStage(file(), "production is being deployed")),
      );
      expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(await readFile(file(), "utf8")).toBe(String(process.pid));
      await rm(file());
    }
  });

  test("that nobody can read is left alone", async () => {
    await writeFile(file(), "");
    await expect(lockStage(file(), "production is being deployed")).rejects.toThrow("is being deployed");
  });
});

describe("the file of a lock", () => {
  const ofProduction = { stage: "production", accountId: "111122223333" };

  test("is another one for another stage, account, endpoint and work", () => {
    const endpoint = "http://127.0.0.1:5777";
    const files = [
      stageLockFile("deploy", ofProduction),
      stageLockFile("deploy", { ...ofProduction, stage: "staging" }),
      stageLockFile("deploy", { ...ofProduction, accountId: "444455556666" }),
      stageLockFile("deploy", { ...ofProduction, endpoint }),
      stageLockFile("deploy", { ...ofProduction, endpoint: "http://127.0.0.1:5778" }),
      stageLockFile("tune-memory", { stage: "production" }),
      stageLockFile("tune-memory", { stage: "production", endpoint }),
    ];
    expect(new Set(files).size).toBe(files.length);
    for (const file of files) expect(basename(file)).toMatch(/^wrist-agent-[\w-]+\.lock$/);
  });

  test("is the same one wherever this user works on the same stage", () => {
    expect(stageLockFile("deploy", { ...ofProduction, endpoint: undefined })).toBe(
      stageLockFile("deploy", ofProduction),
    );
  });
});
