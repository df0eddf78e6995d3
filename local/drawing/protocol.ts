import type { DashboardAlarm } from "@wrist-agent/cloudwatch/dashboards/drawing";
import type { LogEvent } from "../function/function-records.ts";
import type { JournalEntry } from "../journal/journal-entry.ts";
import type { JournalPast } from "../journal/past-entries.ts";
import type { MetricsCall } from "../server/aws/cloudwatch-ports.ts";
import type { LogsCall } from "../server/aws/logs.ts";
import type { AwsError } from "../server/aws/service.ts";
import type { DashboardTexts } from "../server/page-api.ts";

/** Something that happened and that dashboards show. */
export type DrawnEntry = Extract<
  JournalEntry,
  { kind: "log" | "invocation" | "url" | "metrics" | "anomaly-detector" | "insight-rule" }
>;

const DRAWN: ReadonlySet<JournalEntry["kind"]> = new Set([
  "log",
  "invocation",
  "url",
  "metrics",
  "anomaly-detector",
  "insight-rule",
]);

/** Whether dashboards are drawn from an entry. */
export function isDrawnEntry(entry: JournalEntry): entry is DrawnEntry {
  return DRAWN.has(entry.kind);
}

/** A dashboard's body to draw over a span of time, epoch milliseconds, with the alarms as they are. */
export interface DrawRequest {
  readonly name: string;
  readonly body: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Whose metrics the widgets read. */
  readonly region: string;
  readonly alarms: readonly KnownAlarm[];
}

/** An alarm that widgets may name, by ARN or by name. */
export interface KnownAlarm extends DashboardAlarm {
  readonly arn: string;
}

/** What the main thread sends the worker, in order. */
export type ToWorker =
  | { readonly kind: "replay"; readonly id: number; readonly past: JournalPast }
  | { readonly kind: "put"; readonly entries: readonly DrawnEntry[] }
  | { readonly kind: "retain"; readonly nowMs: number }
  | { readonly kind: "draw"; readonly id: number; readonly request: DrawRequest }
  | { readonly kind: "lines"; readonly id: number; readonly requestId: string }
  | { readonly kind: "logs"; readonly id: number; readonly call: LogsCall }
  | { readonly kind: "metrics"; readonly id: number; readonly call: MetricsCall };

/** What the worker answers. */
export type FromWorker =
  | { readonly id: number; readonly drawn: DashboardTexts }
  | { readonly id: number; readonly lines: readonly LogEvent[] }
  | { readonly id: number; readonly replayed: true }
  | { readonly id: number; readonly output: object }
  | { readonly id: number; readonly refusal: Pick<AwsError, "code" | "message" | "status"> }
  | { readonly id: number; readonly error: string };
