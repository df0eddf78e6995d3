import { METRICS, REQUEST_LINE } from "../../lambda/contract/metrics.ts";
import type { RequestColumn } from "../../local/server/wire.ts";

/** What the page and `tail` show of a request, from its EMF line, and what the page reads there. */
export const REQUEST_COLUMNS: readonly RequestColumn[] = [
  { field: REQUEST_LINE.mode, label: "mode", role: "mode" },
  { field: REQUEST_LINE.outcome, label: "outcome", role: "outcome" },
  { field: REQUEST_LINE.reason, label: "reason" },
  { field: METRICS.InputTokens.name, label: "input tokens" },
  { field: METRICS.OutputTokens.name, label: "output tokens" },
  { field: METRICS.CostUsd.name, label: "cost (USD)" },
  { field: REQUEST_LINE.attempts, label: "attempts", role: "attempts" },
  { field: REQUEST_LINE.client, label: "client", role: "client" },
  { field: REQUEST_LINE.version, label: "version" },
  { field: REQUEST_LINE.probe, label: "probe", role: "synthetic", isHidden: true },
  { field: REQUEST_LINE.verification, label: "verification", role: "synthetic", isHidden: true },
  { field: METRICS.ModelLatency.name, label: "model", role: "modelMs", isHidden: true },
  { field: METRICS.TimeToFirstToken.name, label: "first token", role: "firstTokenMs", isHidden: true },
  { field: METRICS.Latency.name, label: "handler", role: "handlerMs", isHidden: true },
];
