import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "@wrist-agent/cloudwatch/clock";
import { systemClock } from "../../../local/clock.ts";
import { type FunctionPorts, LambdaFunction } from "../../../local/function/lambda-function.ts";
import type {
  FunctionDefinition,
  InvocationRecord,
  LogEvent,
} from "../../../local/function/function-records.ts";

/** A function over a handler written for one test, with everything it reported. */
export interface FunctionBench {
  readonly lambda: LambdaFunction;
  readonly logs: LogEvent[];
  readonly invocations: InvocationRecord[];
  /** The messages logged so far. */
  messages(): string[];
  stop(): Promise<void>;
}

interface BenchParts {
  readonly file: string;
  readonly clock: Clock;
}

/** Writes `source` as `index.mjs` (or `file`) into a folder of its own and makes a function of it. */
export function functionBench(
  source: string,
  changes: Partial<FunctionDefinition> & Pick<FunctionPorts, "initLimitMs"> & Partial<BenchParts> = {},
): FunctionBench {
  const { file = "index.mjs", clock = systemClock(), initLimitMs, ...definition } = changes;
  const codeDirectory = mkdtempSync(join(tmpdir(), "wrist-agent-function-"));
  writeFileSync(join(codeDirectory, file), source);
  const logs: LogEvent[] = [];
  const invocations: InvocationRecord[] = [];
  const lambda = new LambdaFunction(
    { ...exampleDefinition(codeDirectory), ...definition },
    {
      clock,
      ...(initLimitMs !== undefined && { initLimitMs }),
      records: {
        log: (event) => void logs.push(event),
        invocation: (record) => void invocations.push(record),
      },
    },
  );
  return {
    lambda,
    logs,
    invocations,
    messages: () => logs.map(({ message }) => message),
    async stop() {
      await lambda.stop();
      rmSync(codeDirectory, { recursive: true });
    },
  };
}

/** A definition like that of the agent's function. */
export function exampleDefinition(codeDirectory: string): FunctionDefinition {
  return {
    functionName: "wrist-agent-test",
    version: "1",
    qualifier: "live",
    runtime: "nodejs24.x",
    handler: "index.handler",
    codeDirectory,
    memoryMb: 128,
    timeoutSeconds: 20,
    environment: { STAGE: "test" },
    logGroupName: "/aws/lambda/wrist-agent-test",
    logFormat: "Text",
    region: "us-west-2",
    accountId: "123456789012",
  };
}
