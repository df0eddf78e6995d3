import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { assemblyHash, lockStage } from "../../../../bin/commands/deploy/approved-assembly.ts";
import { masked, maskedWriter } from "../../../../bin/commands/deploy/masked-output.ts";
import { foundationModelOf, quotaWords } from "../../../../bin/commands/deploy/model-access.ts";

/** Above every process id that Linux and macOS give. */
const NOBODY = 99_999_999;

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "approved-"));
});

afterEach(() => rm(folder, { recursive: true }));

describe("the hash of an assembly", () => {
  test("changes with a name and with a byte, and not with what the CDK CLI writes beside it", async () => {
    await writeFile(join(folder, "a.template.json"), "{}");
    const before = await assemblyHash(folder);
    await mkdir(join(folder, ".cache"));
    await writeFile(join(folder, ".cache", "asset.zip"), "zip");
    await writeFile(join(folder, "read.1.1.lock"), "1");
    expect(await assemblyHash(folder)).toBe(before);
    await writeFile(join(folder, "a.template.json"), "{ }");
    expect(await assemblyHash(folder)).not.toBe(before);
    expect(before).toMatch(/^[0-9a-f]{16}$/);
  });
});

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

describe("masked output", () => {
  test("hides addresses and account numbers, and nothing else", () => {
    expect(
      masked('"Endpoint": "ann@example.com", arn:aws:sns:us-west-2:123456789012:page aws-cdk@2.1148.1'),
    ).toBe('"Endpoint": "***@***", arn:aws:sns:us-west-2:************:page aws-cdk@2.1148.1');
  });

  test("is not fooled by an address that comes in two pieces", () => {
    const written: string[] = [];
    const { write, end } = maskedWriter((text) => void written.push(text));
    write("to ann@exam");
    write("ple.com\nlast bob@exam");
    write("ple.com");
    end();
    expect(written.join("")).toBe("to ***@***\nlast ***@***");
  });
});

describe("the name of a model in quotas", () => {
  test.each([
    ["us.anthropic.claude-haiku-4-5-20251001-v1:0", "Claude Haiku 4.5"],
    ["eu.anthropic.claude-sonnet-4-20250514-v1:0", "Claude Sonnet 4"],
    ["global.anthropic.claude-opus-4-6-v1", "Claude Opus 4.6"],
    ["us.amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"],
  ])("%s is %s", (profileId, words) => {
    expect(quotaWords(foundationModelOf(profileId))).toBe(words);
  });
});
