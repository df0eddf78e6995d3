import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { PROJECT } from "../support/synthesise.ts";

test("npm run bench -- --list names and describes every bench", async () => {
  const run = promisify(execFile);
  const words = ["--conditions=source", "--import", "tsx", "bench/run.ts", "--list"];
  const { stdout } = await run(process.execPath, words, { cwd: PROJECT });
  const lines = stdout.trimEnd().split("\n");
  expect(lines.map((line) => line.trim().split(/ +/)[0])).toContain("cloudwatch-alarms");
  for (const line of lines) expect(line).toMatch(/^ {2}[a-z-]+ +[A-Za-z0-9]/);
});
