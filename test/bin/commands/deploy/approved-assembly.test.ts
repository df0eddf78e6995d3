import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { assemblyHash } from "../../../../bin/commands/deploy/run-deploy.ts";
import { maskedText, maskedWriter } from "../../../../bin/commands/deploy/cdk-process.ts";
import { foundationModelOf, quotaWords } from "../../../../bin/commands/deploy/model-access.ts";

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

describe("masked output", () => {
  test("hides addresses and account numbers, and nothing else", () => {
    expect(
      maskedText('"Endpoint": "ann@example.com", arn:aws:sns:us-west-2:123456789012:page aws-cdk@2.1148.1'),
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
