import { LINE, METRICS } from "../../lambda/contract/metrics.ts";
import type { RequestColumn } from "../../local/server/wire.ts";

/** What the page shows of a request, from its EMF line. */
export const REQUEST_COLUMNS: readonly RequestColumn[] = [
  { field: LINE.mode, label: "mode" },
  { field: LINE.outcome, label: "outcome" },
  { field: LINE.reason, label: "reason" },
  { field: METRICS.InputTokens.name, label: "tokens in" },
  { field: METRICS.OutputTokens.name, label: "tokens out" },
  { field: METRICS.CostUsd.name, label: "USD" },
  { field: LINE.attempts, label: "attempts" },
];
