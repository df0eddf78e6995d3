import { ContributorInsights } from "@wrist-agent/cloudwatch/logs/contributor-insights";
import type { AnomalyDetector } from "@wrist-agent/cloudwatch/math/anomaly-detector";
import type { MathSources } from "@wrist-agent/cloudwatch/math/math-value";
import type { JournalEntry } from "../journal/journal-entry.ts";

/** What is written down of detectors and rules. */
export type InsightEntry = Extract<JournalEntry, { readonly kind: "anomaly-detector" | "insight-rule" }>;

/** What a Region learns of its metrics and counts of its log lines: whoever reads metrics keeps it too. */
export class RegionInsights {
  readonly rules = new ContributorInsights();
  readonly #detectors = new Map<string, AnomalyDetector>();
  /** What metric math reads of it. */
  readonly sources: MathSources = { detectors: () => this.detectors(), insights: this.rules };

  detectors(): readonly AnomalyDetector[] {
    return [...this.#detectors.values()];
  }

  /** Takes a change that is written down. */
  apply(entry: InsightEntry): void {
    if (entry.kind === "anomaly-detector") {
      if (entry.detector === undefined) this.#detectors.delete(entry.key);
      else this.#detectors.set(entry.key, entry.detector);
    } else if (entry.rule === undefined) this.rules.delete(entry.name);
    else this.rules.put(entry.rule);
  }
}
