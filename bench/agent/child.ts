import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import type { Readable } from "node:stream";

const ENVIRONMENT = {
  STAGE: "bench",
  BEDROCK_MODEL_ID: "us.anthropic.claude-haiku-4-5-20251001-v1:0",
  CLIENT_TOKEN_PARAM_NAME: "/wrist-agent/bench/client-token",
  TIME_ZONE: "America/Los_Angeles",
  AWS_REGION: "us-west-2",
  AWS_LAMBDA_FUNCTION_NAME: "wrist-agent-bench",
} as const;

const PROLOGUE =
  'import { writeSync } from "node:fs"; const tell = (value) => writeSync(3, String(value));\n';

/** Runs code in a process of its own, whose `tell(number)` is the result; what it prints goes nowhere. */
export async function measuredInChild(
  code: string,
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", PROLOGUE + code], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, ...ENVIRONMENT, ...environment },
  });
  const exited = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [told, said] = await Promise.all([textOf(child.stdio[3]), textOf(child.stdio[2])]);
  const status = await exited;
  if (status !== 0 || told === "") throw new Error(`the measured process failed: ${said}`);
  return Number(told);
}

function textOf(stream: unknown): Promise<string> {
  return text(stream as Readable);
}
