import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cdkProcess, pinnedCdk } from "../../../../bin/commands/deploy/cdk-process.ts";

/** Stands in for the CDK CLI: tells its arguments, then does what the first one says. */
const FAKE = `
console.log(process.argv.slice(2).join(" "), process.env.NO_COLOR ?? "-");
console.error("progress");
if (process.argv[2] === "fail") process.exit(3);
if (process.argv[2] === "hang") {
  process.on("SIGINT", () => { console.log("interrupted"); process.exit(130); });
  setInterval(() => {}, 1000);
  console.log("hanging");
}
`;

describe("the process of the CDK CLI", () => {
  let folder = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cdk-process-"));
    await writeFile(join(folder, "cdk.cjs"), FAKE);
  });

  afterAll(() => rm(folder, { recursive: true }));

  function cdk(write: (text: string) => void) {
    return cdkProcess({ executable: join(folder, "cdk.cjs"), directory: folder, write, colours: false });
  }

  test("shows everything as it comes, and gives it with the exit code", async () => {
    const shown: string[] = [];
    const result = await cdk((text) => void shown.push(text))(["fail", "x"], new AbortController().signal);
    expect(result.exitCode).toBe(3);
    expect(result.output).toContain("fail x --no-notices 1");
    expect(result.output).toContain("progress");
    expect(shown.join("")).toBe(result.output);
  });

  test("is asked to end when the signal fires", async () => {
    const stopping = new AbortController();
    const write = (text: string): void => {
      if (text.includes("hanging")) stopping.abort();
    };
    const { exitCode, output } = await cdk(write)(["hang"], stopping.signal);
    expect(exitCode).toBe(130);
    expect(output).toContain("interrupted");
  });

  test("is the CLI that the project is pinned to", () => {
    expect(pinnedCdk()).toMatch(/node_modules\/aws-cdk\/bin\/cdk$/);
  });
});
