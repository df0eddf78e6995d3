import { closeSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { stateChange } from "cw-alarm-test/backtest/cloudwatch-source";
import type { HistoryRequest, MetricSource, QueryPoints } from "cw-alarm-test/backtest/fetch-metrics";
import type { MetricCall, MetricQuery } from "cw-alarm-test/backtest/metric-requests";
import type { RecordedChange } from "cw-alarm-test/backtest/recorded-metrics";
import type { LocalMetrics } from "cw-alarm-test/commands/backtest-command";
import type { JournalEntry } from "./journal/journal-entry.ts";
import { parseJournalEntry } from "./journal/read-journal-entry.ts";
import { isStateEntry, JournalStates } from "./journal/journal-states.ts";
import { fileLines } from "./journal/past-entries.ts";
import { journalData } from "./monitoring/vended-metrics.ts";
import { readPlan } from "./runtime/plan.ts";

/** A journal that no metrics can be read from; the message says what to give instead. */
export class JournalMetricsError extends Error {
  override readonly name = "JournalMetricsError";
}

/** Which journal, and what it does not say itself. */
export interface JournalPlace {
  /** A data directory of `npm start`, or the file of a journal itself. */
  readonly path: string;
  readonly stage: string;
  /** The Region of the function, whose requests and log lines the journal holds. */
  readonly homeRegion: string;
}

/** The Region of the function that `npm start` would run from an assembly. */
export async function homeRegionOf(assemblyDirectory: string): Promise<string> {
  const { home } = await readPlan(assemblyDirectory);
  return home.home.region;
}

/**
 * The metrics of a journal, as CloudWatch would give them. The file is read only: `npm start` may be writing
 * it.
 */
export function readJournalMetrics({ path, stage, homeRegion }: JournalPlace): LocalMetrics {
  const file = journalFile(path, stage);
  const content = new JournalContent(homeRegion);
  const descriptor = openJournalFile(file);
  try {
    for (const { bytes } of fileLines(descriptor)) {
      const entry = bytes && parseJournalEntry(bytes.toString("utf8"));
      if (entry !== undefined) content.add(entry);
    }
  } finally {
    closeSync(descriptor);
  }
  const { fromMs, toMs } = content;
  if (fromMs > toMs)
    throw new JournalMetricsError(
      `${file} holds no metrics: let npm start run and ask it something, then backtest again`,
    );
  return { source: content.source(), fromMs, toMs };
}

function journalFile(path: string, stage: string): string {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return isDirectory ? join(path, stage, "journal.jsonl") : path;
}

function openJournalFile(file: string): number {
  try {
    return openSync(file, "r");
  } catch (cause) {
    throw new JournalMetricsError(
      `cannot read ${file}: give the data directory of npm start (.wrist-agent when it had no --data) and the stage that ran`,
      { cause },
    );
  }
}

/** What a journal holds of metrics and alarms. */
class JournalContent {
  readonly #stores = new Map<string, MetricStore>();
  readonly #states = new JournalStates();
  readonly #homeRegion: string;
  fromMs = Infinity;
  toMs = -Infinity;

  constructor(homeRegion: string) {
    this.#homeRegion = homeRegion;
  }

  add(entry: JournalEntry): void {
    if (isStateEntry(entry)) this.#states.add(entry);
    const data = journalData(entry);
    if (data.length === 0) return;
    const store = this.#store(entry.kind === "metrics" ? entry.region : this.#homeRegion);
    for (const datum of data) {
      store.put(datum);
      this.fromMs = Math.min(this.fromMs, datum.timestampMs);
      this.toMs = Math.max(this.toMs, datum.timestampMs, entry.atMs);
    }
  }

  source(): MetricSource {
    return {
      read: (call) => Promise.resolve(readCall(this.#store(call.region), call)),
      history: (asked) => Promise.resolve(this.#history(asked)),
    };
  }

  #store(region: string): MetricStore {
    const store = this.#stores.get(region) ?? new MetricStore();
    this.#stores.set(region, store);
    return store;
  }

  #history({ region, alarmNames, fromMs, toMs }: HistoryRequest): readonly RecordedChange[] {
    const names = new Set(alarmNames);
    return this.#states
      .alarms(region)
      .history.filter(({ alarmName, timestampMs }) => {
        return names.has(alarmName) && timestampMs >= fromMs && timestampMs <= toMs;
      })
      .flatMap(({ alarmName, timestampMs: atMs, historyItemType, historyData }) => {
        const change = historyItemType === "StateUpdate" ? stateChange(historyData) : undefined;
        return change === undefined ? [] : [{ region, alarmName, atMs, ...change }];
      });
  }
}

function readCall(store: MetricStore, { startMs, endMs, queries }: MetricCall): readonly QueryPoints[] {
  const readSeries = readSeriesFrom(store);
  return queries.map(({ metric, statistic, periodSeconds, unit }: MetricQuery) => {
    const metricStat = { metric, stat: statistic, periodSeconds, ...(unit === undefined ? {} : { unit }) };
    const slots = Math.ceil((endMs - startMs) / (periodSeconds * 1000));
    const [series] = readSeries([{ id: "m", metricStat }], { startMs, periodSeconds, slots });
    const points = (series?.values ?? []).flatMap((value, slot) =>
      value === undefined ? [] : [[startMs + slot * periodSeconds * 1000, value] as const],
    );
    return { timesMs: points.map(([ms]) => ms), values: points.map(([, value]) => value) };
  });
}
