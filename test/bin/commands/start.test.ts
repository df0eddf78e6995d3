import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exitCodeOf } from "../../../bin/cli/failure.ts";
import { assemblyToRun, startCommand } from "../../../bin/commands/start.ts";
import { listen } from "../../../local/server/listen.ts";
import { memoryTerminal } from "../../support/memory-terminal.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "wrist-agent-start-"));
});

afterEach(() => rm(directory, { recursive: true }));

/** Writes the list of an assembly's stacks, each with its tags. */
async function manifest(stacks: Readonly<Record<string, object>>): Promise<void> {
  const artifacts = Object.entries(stacks).map(([name, properties]) => [
    name,
    { type: "aws:cloudformation:stack", properties },
  ]);
  const text = JSON.stringify({ artifacts: Object.fromEntries(artifacts) as object });
  await writeFile(join(directory, "manifest.json"), text);
}

async function chosen() {
  const options = { stage: "development", data: directory, alarmEmail: "", assembly: directory };
  const terminal = memoryTerminal();
  try {
    return await assemblyToRun(terminal, options, new AbortController().signal);
  } catch (error) {
    return { code: exitCodeOf(error, terminal), err: terminal.written.err.join("\n") };
  }
}

describe("start --assembly", () => {
  test("runs under the stage that the tags of the stacks say", async () => {
    await manifest({ Billing: {}, Agent: { tags: { project: "wrist-agent", stage: "production" } } });
    expect(await chosen()).toEqual({ directory, stage: "production", isForeign: false });
  });

  test("takes the assembly of another project under the name of its first stack", async () => {
    await manifest({ Shop: { tags: { stage: 7 } }, Other: {} });
    expect(await chosen()).toEqual({ directory, stage: "Shop", isForeign: true });
  });

  test("refuses a folder without an assembly", async () => {
    const nothing = `error: cannot read ${join(directory, "manifest.json")}: synthesise the app first`;
    expect(await chosen()).toEqual({ code: 2, err: nothing });
  });

  test.each(["--stage=production", "--alarm-email=ann@example.com"])(
    "refuses %s beside it, which would do nothing",
    async (option) => {
      const terminal = memoryTerminal();
      const command = startCommand(terminal).exitOverride().configureOutput({ writeErr: terminal.err });
      const failure: unknown = await command
        .parseAsync(["--assembly", directory, option], { from: "user" })
        .catch((error: unknown) => error);
      expect(exitCodeOf(failure, terminal)).toBe(2);
      expect(terminal.written.err.join("")).toMatch(/--assembly.*cannot be used with.*--(stage|alarm-email)/);
    },
  );
});

describe("start", () => {
  const run = async (...options: string[]): Promise<{ code: number; err: string }> => {
    const terminal = memoryTerminal();
    const command = startCommand(terminal).exitOverride().configureOutput({ writeErr: terminal.err });
    const failure: unknown = await command
      .parseAsync(options, { from: "user" })
      .catch((error: unknown) => error);
    return { code: exitCodeOf(failure, terminal), err: terminal.written.err.join("") };
  };

  test("refuses a stage that does not exist, with those that do", async () => {
    const { code, err } = await run("--stage", "nope");
    expect(code).toBe(2);
    expect(err).toMatch(/nope.*Allowed choices are development, staging, production/);
  });

  test("tells of a busy port before it synthesises anything", async () => {
    const server = createServer();
    const port = await listen(server, { port: 0, option: "--port" });
    try {
      const { code, err } = await run("--data", directory, "--port", "0", "--url-port", String(port));
      expect(code).toBe(1);
      expect(err).toContain(`port ${port} is in use`);
      expect(err).toContain("--url-port");
      expect(await readdir(directory)).not.toContain("cdk.out");
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
