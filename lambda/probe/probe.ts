import { type CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import type { Context } from "aws-lambda";
import { errorCode } from "../contract/logged-error.ts";
import {
  METRIC_NAMESPACE,
  METRICS,
  PROBE_METRIC,
  probeServiceName,
  SERVICE_DIMENSION,
} from "../contract/metrics.ts";
import {
  PROBE_LIMITS,
  PROBE_LINE,
  PROBE_QUESTIONS,
  type ProbeEvent,
  type ProbeFailure,
  type ProbeQuestion,
} from "../contract/probe.ts";
import { type Try, type TryPorts, tryUntilServed } from "./tries.ts";

/** What Lambda passes with an invocation, as far as the probe uses it. */
type Invocation = Pick<Context, "awsRequestId">;

/** Everything the probe needs from outside. */
export interface ProbePorts extends TryPorts {
  readonly version: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Rejects after that many milliseconds, unless the signal ends it before. */
  readonly overdue: (milliseconds: number, signal: AbortSignal) => Promise<never>;
  /** Makes the run's value known to CloudWatch at once: a line of the log would take minutes now and then. */
  readonly publish: (value: number, startedMs: number) => Promise<void>;
  /** Writes the line of a run. */
  readonly record: (line: RunLine) => void;
  /** Tells the log of a fault of the probe, by the cause's name and place alone. */
  readonly bug: (cause: unknown) => void;
}

/**
 * The Lambda handler over its ports: whatever happens, a run ends in time, publishes one value and writes one
 * line.
 */
export function createProbe(ports: ProbePorts): (event: unknown, invocation: Invocation) => Promise<void> {
  return async (event, invocation) => {
    const startedMs = ports.now();
    const startMs = ports.elapsed();
    const asks = questionOf(event);
    const end = await runWithinTime(asks, ports);
    const value = failedShare(end);
    const unpublished = await publishSafely(value, startedMs, ports);
    ports.record({
      value,
      properties: {
        ...("fault" in end ? brokenRunProperties(end.fault) : triesProperties(end.tries)),
        [PROBE_LINE.asks]: asks,
        [PROBE_LINE.runMs]: Math.round(ports.elapsed() - startMs),
        [PROBE_LINE.probeRequestId]: invocation.awsRequestId,
        [PROBE_LINE.version]: ports.version,
        [PROBE_LINE.unpublished]: unpublished,
      },
    });
  };
}

function questionOf(event: unknown): ProbeQuestion {
  const { asks } = (isJsonObject(event) ? event : {}) as Partial<ProbeEvent>;
  return PROBE_QUESTIONS.find((question) => question === asks) ?? "model";
}

/** A value that is lost is a run that was never heard of: the alarm notices. */
async function publishSafely(
  value: number,
  startedMs: number,
  ports: ProbePorts,
): Promise<string | undefined> {
  try {
    await ports.publish(value, startedMs);
    return undefined;
  } catch (cause) {
    ports.bug(cause);
    return errorCode(cause);
  }
}

/** A bug or a hanging call is a failed run, and the next run starts afresh. */
async function runWithinTime(asks: ProbeQuestion, ports: ProbePorts): Promise<RunEnd> {
  const done = new AbortController();
  try {
    const tries = tryUntilServed(asks, ports);
    return { tries: await Promise.race([tries, ports.overdue(PROBE_LIMITS.runMs, done.signal)]) };
  } catch (cause) {
    ports.bug(cause);
    return { fault: errorCode(cause) };
  } finally {
    done.abort();
  }
}

/** One run as its log line says it. */
interface RunLine {
  /** The value that was published. */
  readonly value: number;
  /** Everything else, read with Logs Insights; a missing value is not written. */
  readonly properties: RunProperties;
}

/** How a run ended: its tries, or the fault that kept it from an end of its own. */
type RunEnd = { readonly tries: readonly Try[] } | { readonly fault: string };

/** Share of the tries that failed; a success makes it less than 1, and a run that broke is a failed one. */
function failedShare(end: RunEnd): number {
  if ("fault" in end) return 1;
  const failed = end.tries.filter(({ verdict }) => verdict.failure !== undefined).length;
  return Math.round((1000 * failed) / PROBE_LIMITS.triesAtMs.length) / 1000;
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
    [PROBE_LINE.mode]: verdict.mode,
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

/** Records runs as lines of JSON that Logs Insights reads; their metric is published by itself. */
export function runRecord(stage: string, write: WriteLine): (line: RunLine) => void {
  const service = { [SERVICE_DIMENSION]: probeServiceName(stage) };
  return ({ value, properties }) => {
    write(JSON.stringify({ ...service, [PROBE_METRIC]: value, ...properties }));
  };
}

/**
 * Publishes a run's value by PutMetricData, stamped with the start of the run.
 *
 * A point of an EMF line is there after half a minute in the median and after minutes now and then; this one
 * within seconds. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 */
export function publishFailure(
  client: Pick<CloudWatchClient, "send">,
  stage: string,
): (value: number, startedMs: number) => Promise<void> {
  const Dimensions = [{ Name: SERVICE_DIMENSION, Value: probeServiceName(stage) }];
  return async (value, startedMs) => {
    const datum = { MetricName: PROBE_METRIC, Dimensions, Unit: METRICS[PROBE_METRIC].unit, Value: value };
    await client.send(
      new PutMetricDataCommand({
        Namespace: METRIC_NAMESPACE,
        MetricData: [{ ...datum, Timestamp: new Date(startedMs) }],
      }),
      { abortSignal: AbortSignal.timeout(PROBE_LIMITS.publishMs) },
    );
  };
}
