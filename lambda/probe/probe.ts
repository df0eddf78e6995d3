import type { Context } from "aws-lambda";
import { PROBE_LIMITS } from "../contract/probe.ts";
import { codeOf } from "../log/cause.ts";
import { lineOf, type Line, type RunEnd } from "./line.ts";
import { tryUntilServed, type TryPorts } from "./tries.ts";

/** What Lambda tells with an invocation, as far as the probe uses it. */
export type Invocation = Pick<Context, "awsRequestId">;

/** Everything the probe needs from outside. */
export interface ProbePorts extends TryPorts {
  readonly version: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Rejects after that many milliseconds, unless the signal ends it before. */
  readonly overdue: (milliseconds: number, signal: AbortSignal) => Promise<never>;
  /** Writes the line of a run. */
  readonly record: (line: Line) => void;
  /** Tells the log of a fault of the probe, by the cause's name and place alone. */
  readonly bug: (cause: unknown) => void;
}

/** The Lambda handler over its ports: whatever happens, a run ends in time and writes one line. */
export function createProbe(ports: ProbePorts): (event: unknown, invocation: Invocation) => Promise<void> {
  return async (_event, invocation) => {
    const startedMs = ports.now();
    const startMs = ports.elapsed();
    const end = await runIn(ports);
    ports.record(
      lineOf(end, {
        startedMs,
        runMs: ports.elapsed() - startMs,
        probeRequestId: invocation.awsRequestId,
        version: ports.version,
      }),
    );
  };
}

/** A bug or a hanging call is a failed run, and the next run starts afresh. */
async function runIn(ports: ProbePorts): Promise<RunEnd> {
  const done = new AbortController();
  try {
    const tries = tryUntilServed(ports);
    return { tries: await Promise.race([tries, ports.overdue(PROBE_LIMITS.runMs, done.signal)]) };
  } catch (cause) {
    ports.bug(cause);
    return { fault: codeOf(cause) };
  } finally {
    done.abort();
  }
}
