import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { currentClientToken, newClientToken, TokenFile } from "../../../local/runtime/stage-parameters.ts";

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "token-"));
  file = join(directory, "token");
});
afterEach(() => rm(directory, { recursive: true }));

const mode = async () => (await stat(file)).mode & 0o777;

describe("the token file", () => {
  test("is for the owner alone, and is replaced whole", async () => {
    const tokens = new TokenFile(file);
    expect(tokens.read()).toBeUndefined();
    for (const token of ["first", "second"]) {
      tokens.write(token);
      expect(tokens.read()).toBe(token);
    }
    expect(await readFile(file, "utf8")).toBe("second\n");
    expect(await mode()).toBe(0o600);
    expect(await readdir(directory)).toEqual(["token"]);
    tokens.write(undefined);
    expect(await readdir(directory)).toEqual([]);
  });

  test("that others may read is closed to them again", async () => {
    await writeFile(file, "first\n");
    await chmod(file, 0o644);
    expect(new TokenFile(file).read()).toBe("first");
    expect(await mode()).toBe(0o600);
  });
});

test("a new token is 32 random bytes in base64", () => {
  expect(Buffer.from(newClientToken(), "base64")).toHaveLength(32);
  expect(newClientToken()).not.toBe(newClientToken());
});

test.each([
  ["bare\n", "bare"],
  ['{"current":"new","previous":"old"}', "new"],
  ['{"previous":"old"}', '{"previous":"old"}'],
  ['{"current":7}', ""],
  ["[1", "[1"],
])("the current token of %s is %s", (value, token) => {
  expect(currentClientToken(value)).toBe(token);
});
