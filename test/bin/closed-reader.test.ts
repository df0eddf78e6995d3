import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

test("a reader that leaves early, as head does, is no error", async () => {
  const child = spawn(process.execPath, ["--conditions=source", "--import", "tsx", "bin/cli.ts", "--help"], {
    cwd: join(import.meta.dirname, "..", ".."),
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.destroy();
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
});
