import { Metrics } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";
import { errorCode } from "../contract/logged-error.ts";
import { METRIC_NAMESPACE, METRICS, PROBE_METRIC, probeServiceName } from "../contract/metrics.ts";
import { PROBE_LIMITS, PROBE_LINE, type ProbeFailure } from "../contract/probe.ts";
import { type Try, type TryPorts, tryUntilServed } from "./tries.ts";

/** What Lambda tells with an invocation, as far as the probe uses it. */
type Invocation = Pick<Context, "awsRequestId">;

/** Everything the probe needs from outside. */
export interface ProbePorts extends TryPorts {
  readonly version: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Rejects after that many milliseconds, unless the signal ends it before. */
  readonly overdue: (milliseconds: number, signal: AbortSignal) => Promise<never>;
  /** Writes the line of a run. */
  readonly record: (line: RunLine) => void;
  /** Tells the log of a fault of the probe, by the cause's name and place alone. */
  readonly bug: (cause: unknown) => void;
}

/** The Lambda handler over its ports: whatever happens, a run ends in time and writes one line. */
export function createProbe(ports: ProbePorts): (event: unknown, invocation: Invocation) => Promise<void> {
  return async (_event, invocation) => {
    const startedMs = ports.now();
    const startMs = ports.elapsed();
    const end = await runWithinTime(ports);
    ports.record(
      runLineOf(end, {
        startedMs,
        runMs: ports.elapsed() - startMs,
        probeRequestId: invocation.awsRequestId,
        version: ports.version,
      }),
    );
  };
}

/** A bug or a hanging call is a failed run, and the next run starts afresh. */
async function runWithinTime(ports: ProbePorts): Promise<RunEnd> {
  const done = new AbortController();
  try {
    const tries = tryUntilServed(ports);
    return { tries: await Promise.race([tries, ports.overdue(PROBE_LIMITS.runMs, done.signal)]) };
  } catch (cause) {
    ports.bug(cause);
    return { fault: errorCode(cause) };
  } finally {
    done.abort();
  }
}

/** One run as it is told. */
interface RunLine {
  /** Value of the probe's one metric. */
  readonly failed: 0 | 1;
  /** When the run began, epoch milliseconds. */
  readonly startedMs: number;
  /** Everything else, read with Logs Insights; a missing value is not written. */
  readonly properties: Readonly<Record<string, string | number | undefined>>;
}

/** What is known of a run beside its tries. */
interface RunContext {
  readonly startedMs: number;
  readonly runMs: number;
  readonly probeRequestId: string;
  readonly version: string;
}

/** How a run ended: its tries, or the fault that kept it from an end of its own. */
type RunEnd = { readonly tries: readonly Try[] } | { readonly fault: string };

/** The line of a run; one success among the tries makes it a success. */
function runLineOf(end: RunEnd, around: RunContext): RunLine {
  const told = "fault" in end ? brokenRunProperties(end.fault) : triesProperties(end.tries);
  const { startedMs, runMs, probeRequestId, version } = around;
  const properties = {
    ...told,
    [PROBE_LINE.runMs]: Math.round(runMs),
    [PROBE_LINE.probeRequestId]: probeRequestId,
    [PROBE_LINE.version]: version,
  };
  return { failed: told[PROBE_LINE.failure] === undefined ? 0 : 1, startedMs, properties };
}

type RunProperties = Readonly<Record<string, string | number | undefined>>;

function brokenRunProperties(fault: string): RunProperties {
  const failure: ProbeFailure = "probe_broken";
  return { [PROBE_LINE.failure]: failure, [PROBE_LINE.detail]: fault };
}

function triesProperties(tries: readonly Try[]): RunProperties {
  const last = tries.at(-1);
  if (last === undefined) return brokenRunProperties("no try");
  const { verdict, travel, token } = last;
  const failed = tries.flatMap((each) => each.verdict.failure ?? []);
  return {
    [PROBE_LINE.failure]: verdict.failure,
    [PROBE_LINE.detail]: verdict.detail,
    [PROBE_LINE.tries]: tries.length,
    [PROBE_LINE.triesFailed]: failed.length === 0 ? undefined : failed.join(","),
    [PROBE_LINE.status]: verdict.status,
    [PROBE_LINE.requestId]: verdict.requestId,
    [PROBE_LINE.outcome]: verdict.outcome,
    [PROBE_LINE.reason]: verdict.reason,
    [PROBE_LINE.token]: token,
    [PROBE_LINE.latencyMs]: travel?.latencyMs,
    [PROBE_LINE.reached]: travel?.reached,
    [PROBE_LINE.lookupMs]: travel?.lookupMs,
    [PROBE_LINE.connectMs]: travel?.connectMs,
    [PROBE_LINE.handshakeMs]: travel?.handshakeMs,
    [PROBE_LINE.firstByteMs]: travel?.firstByteMs,
    [PROBE_LINE.address]: travel?.address,
    [PROBE_LINE.tlsProtocol]: travel?.tlsProtocol,
  };
}

/** Takes one finished line of text, without its newline. */
type WriteLine = (text: string) => void;

/**
 * Records runs as EMF made by Powertools, with the properties beside, as its metadata takes no numbers.
 *
 * A run is stamped with its start: the start lies in the schedule's minute whatever the run took, so points lie exactly an
 * interval apart and the alarm's window can be narrow.
 */
export function emfRunRecord(stage: string, write: WriteLine): (line: RunLine) => void {
  const serviceName = probeServiceName(stage);
  return ({ failed, startedMs, properties }) => {
    const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName });
    metrics.addMetric(PROBE_METRIC, METRICS[PROBE_METRIC].unit, failed);
    const { _aws, ...members } = metrics.serializeMetrics();
    write(JSON.stringify({ _aws: { ..._aws, Timestamp: startedMs }, ...members, ...properties }));
  };
}
