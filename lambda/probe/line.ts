import { PROBE_LINE, type ProbeFailure } from "../contract/probe.ts";
import type { Try } from "./tries.ts";

/** One run as it is told. */
export interface Line {
  /** Value of the probe's one metric. */
  readonly failed: 0 | 1;
  /** When the run began, epoch milliseconds. */
  readonly startedMs: number;
  /** Everything else, read with Logs Insights; a missing value is not written. */
  readonly properties: Readonly<Record<string, string | number | undefined>>;
}

/** What is known of a run beside its tries. */
export interface Around {
  readonly startedMs: number;
  readonly runMs: number;
  readonly probeRequestId: string;
  readonly version: string;
}

/** How a run ended: its tries, or the fault that kept it from an end of its own. */
export type RunEnd = { readonly tries: readonly Try[] } | { readonly fault: string };

/** The line of a run; one success among the tries makes it a success. */
export function lineOf(end: RunEnd, around: Around): Line {
  const told = "fault" in end ? broken(end.fault) : ofTries(end.tries);
  const { startedMs, runMs, probeRequestId, version } = around;
  const properties = {
    ...told,
    [PROBE_LINE.runMs]: Math.round(runMs),
    [PROBE_LINE.probeRequestId]: probeRequestId,
    [PROBE_LINE.version]: version,
  };
  return { failed: told[PROBE_LINE.failure] === undefined ? 0 : 1, startedMs, properties };
}

type Told = Readonly<Record<string, string | number | undefined>>;

function broken(fault: string): Told {
  const failure: ProbeFailure = "probe_broken";
  return { [PROBE_LINE.failure]: failure, [PROBE_LINE.detail]: fault };
}

function ofTries(tries: readonly Try[]): Told {
  const last = tries.at(-1);
  if (last === undefined) return broken("no try");
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
