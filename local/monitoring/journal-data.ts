import type { Datum } from "@wrist-agent/cloudwatch/metric";
import type { JournalEntry } from "../journal/journal-entry.ts";
import { invocationMetricData, logMetricData, urlMetricData } from "./vended-metrics.ts";

/** The data that an entry of the journal puts into CloudWatch; none of an entry that measures nothing. */
export function journalData(entry: JournalEntry): readonly Datum[] {
  switch (entry.kind) {
    case "log":
      return logMetricData(entry.event, entry.atMs);
    case "invocation":
      return invocationMetricData(entry.record);
    case "url":
      return urlMetricData(entry.record);
    case "metrics":
      return entry.data;
    default:
      return [];
  }
}
