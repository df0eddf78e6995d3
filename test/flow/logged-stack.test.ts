import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sourceMapsIn, withSourceFrames } from "../../bin/cli/source-frames.ts";
import { stackCommand } from "../../bin/commands/stack.ts";
import { functionBundle, functionBundles, SOURCE_MAPS_FOLDER } from "../../lib/bundles.ts";
import { postEvent, TOKEN } from "../support/agent-under-test.ts";
import { ssmServer } from "../support/aws-servers.ts";
import { startBundledAgent } from "../support/bundled-agent.ts";
import { memoryTerminal } from "../support/memory-terminal.ts";
import { PROJECT } from "../support/synthesise.ts";

interface BugLine {
  readonly at: readonly string[];
  readonly requestId: string;
}

let folder = "";
/** What the built agent logged of a bug: its context lacks what Lambda promises. */
let logged = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "logged-stack-"));
  const ssm = await ssmServer(() => ({ status: 200, body: { Parameter: { Value: TOKEN } } }));
  const agent = await startBundledAgent({
    STAGE: "test",
    BEDROCK_MODEL_ID: "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    CLIENT_TOKEN_PARAM_NAME: "/wrist-agent/test/client-token",
    AWS_REGION: "us-west-2",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL_SSM: ssm.endpoint,
  });
  const { result, lines } = await agent.call(postEvent({ text: "water the fern" }), 0);
  expect(result.statusCode).toBe(500);
  logged = lines.find((line) => line.includes("the agent failed")) ?? "";
  await agent.stop();
  await ssm.stop();
});

afterAll(() => rm(folder, { recursive: true }));

/** The line of the source that a translated frame names. */
async function sourceLine(frame: string): Promise<string> {
  const [, path = "", line = ""] = /(lambda\/[\w/.-]+\.ts):(\d+):\d+/.exec(frame) ?? [];
  return (await readFile(join(PROJECT, path), "utf8")).split("\n")[Number(line) - 1] ?? "";
}

describe("a bug in the built bundle", () => {
  test("is logged with the build that it is of, and the request", () => {
    const { at, requestId } = JSON.parse(logged) as BugLine;
    expect(at[0]).toContain(`${functionBundle("agent").name}:`);
    expect(requestId).toMatch(/^8f5e1c0a-/);
  });

  test("names file and line of the source once it is translated", async () => {
    const { text, translated, unknownBundles } = withSourceFrames(logged, sourceMapsIn([]));
    const { at } = JSON.parse(text) as BugLine;
    const [frame = ""] = at;
    expect(frame).toContain("lambda/agent/agent.ts:");
    expect(await sourceLine(frame)).toContain("getRemainingTimeInMillis()");
    expect(translated).toBeGreaterThan(1);
    expect(unknownBundles).toEqual([]);
  });

  test("is read by the map beside an older assembly, which this checkout would no longer build", async () => {
    const older = logged.replaceAll(functionBundle("agent").name, "agent-00112233aabb.cjs");
    const maps = join(folder, "older", SOURCE_MAPS_FOLDER);
    mkdirSync(maps, { recursive: true });
    await writeFile(join(maps, "agent-00112233aabb.cjs.map"), functionBundle("agent").sourceMap);
    const kept = withSourceFrames(older, sourceMapsIn([join(folder, "older")]));
    expect(kept.text).toBe(withSourceFrames(logged, sourceMapsIn([])).text);
  });

  test("stays as logged where no map is of its build, and says so", () => {
    const frame = "at f (agent-00112233aabb.cjs:52:8892)";
    expect(withSourceFrames(frame, sourceMapsIn([folder]))).toEqual({
      text: frame,
      translated: 0,
      unknownBundles: ["agent-00112233aabb.cjs"],
    });
  });
});

describe("a bundle", () => {
  test("carries its name at its end, holds no map and refers to none", () => {
    for (const [name, { name: file, code, sourceMap }] of functionBundles()) {
      const text = Buffer.from(code).toString();
      expect(file).toMatch(new RegExp(`^${name}-[0-9a-f]{12}\\.cjs$`));
      expect(text.endsWith(`\n//# sourceURL=${file}\n`)).toBe(true);
      expect(text).not.toContain("sourceMappingURL");
      expect(JSON.parse(Buffer.from(sourceMap).toString())).toMatchObject({
        sources: expect.arrayContaining([`lambda/${name}/handler.ts`]) as unknown,
      });
    }
  });

  test("is refused by name where there is no such function", () => {
    expect(() => functionBundle("oracle")).toThrow(
      "lambda/oracle/handler.ts is not there; there are agent, ",
    );
  });
});

describe("stack", () => {
  async function run(text: string): Promise<readonly string[]> {
    const terminal = memoryTerminal();
    const file = join(folder, "failure.log");
    await writeFile(file, text);
    const done = stackCommand(terminal).parseAsync([file, "--data", folder], { from: "user" });
    const error = await done.then(
      () => "",
      (cause: unknown) => String(cause),
    );
    return [...terminal.written.out, ...terminal.written.err, error].filter((line) => line !== "");
  }

  test("prints the text with places of the source", async () => {
    const [line = "", ...more] = await run(logged);
    expect(line).toContain("lambda/agent/agent.ts:");
    expect(line).not.toContain(".cjs:");
    expect(more).toEqual([]);
  });

  test.each([
    [
      "at f (agent-00112233aabb.cjs:52:8892)",
      [
        "agent-00112233aabb.cjs: no map here is of this build",
        "Failure: check out the commit that was deployed, run npm ci and ask again; --assembly names a kept cdk.out",
      ],
    ],
    [
      "at f (/var/task/index.cjs:52:8892)",
      [
        "Failure: index.cjs does not say which build it is of: it was deployed by 0.2.0 or earlier; the next deploy says it",
      ],
    ],
    [
      "all is well",
      ["Failure: no frame of a bundle is in this text; one looks like agent-0123456789ab.cjs:52:8892"],
    ],
  ])("says of %j what can be done", async (text, expected) => {
    expect(await run(text)).toEqual([text, ...expected]);
  });

  test("refuses a file that is not there", async () => {
    const missing = stackCommand(memoryTerminal()).parseAsync(["nothing.log"], { from: "user" });
    await expect(missing).rejects.toThrow("nothing.log is not a file: give one that holds the stack");
  });
});
