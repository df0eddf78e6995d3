import { PROBE_LINE } from "../../../lambda/contract/probe.ts";

/** The newest failed runs of the probe, from its own log group. */
export const LAST_FAILED_RUNS: readonly string[] = [
  `fields @timestamp, ${[
    PROBE_LINE.failure,
    PROBE_LINE.detail,
    PROBE_LINE.status,
    PROBE_LINE.outcome,
    PROBE_LINE.reason,
    PROBE_LINE.requestId,
  ].join(", ")}`,
  `filter ispresent(${PROBE_LINE.failure})`,
  "sort @timestamp desc",
  "limit 10",
];
