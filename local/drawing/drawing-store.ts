import { dashboardView } from "@wrist-agent/cloudwatch/dashboards/dashboard";
import { checkDashboardBody } from "@wrist-agent/cloudwatch/dashboards/dashboard-check";
import { parseLogEvent } from "@wrist-agent/cloudwatch/logs/log-row";
import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";
import type { Datum, ReadSeries } from "@wrist-agent/cloudwatch/metric";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import type { LogEvent } from "../function/function-records.ts";
import { type JournalPast, pastLines } from "../journal/past-entries.ts";
import { journalData } from "../monitoring/vended-metrics.ts";
import { RegionInsights } from "../monitoring/region-insights.ts";
import { LogStore } from "../monitoring/log-store.ts";
import { metricsAnswer } from "../server/aws/cloudwatch-metrics.ts";
import type { MetricsCall } from "../server/aws/cloudwatch-ports.ts";
import { type LogsCall, LogsReadings } from "../server/aws/logs.ts";
import type { DashboardTexts } from "../server/page-api.ts";
import { type DrawnEntry, type DrawRequest, isDrawnEntry } from "./protocol.ts";

/**
 * The metrics and log lines that dashboards are drawn from: a copy of what the alarms read, kept by the
 * worker.
 */
export class DrawingStore {
  /** The Region of the functions. */
  readonly #home: string;
  readonly #stores = new Map<string, MetricStore>();
  readonly #insights = new Map<string, RegionInsights>();
  readonly #accountId: string | undefined;
  readonly #logs: LogStore;
  readonly #readings: LogsReadings;

  /** The account stands in `@log` of queries. */
  constructor(home: string, accountId?: string) {
    this.#home = home;
    this.#accountId = accountId;
    this.#logs = new LogStore({}, accountId);
    this.#readings = new LogsReadings(this.#logs);
  }

  put(entry: DrawnEntry): void {
    this.#take(entry);
    // Parsed as it comes: the first picture should not have to parse everything that is kept.
    if (entry.kind === "log") parseLogEvent(entry.event, this.#accountId);
  }

  #take(entry: DrawnEntry): void {
    if (entry.kind === "anomaly-detector" || entry.kind === "insight-rule")
      this.#insightsOf(entry.region).apply(entry);
    if (entry.kind === "log") this.#insightsOf(this.#home).rules.log(entry.event, entry.atMs);
    if (entry.kind === "log") this.#logs.put(entry.event);
    this.#putData(entry.kind === "metrics" ? entry.region : this.#home, journalData(entry));
  }

  /** Takes in what a journal holds; what cannot be taken in, the journal sets aside. */
  replay(past: JournalPast): void {
    for (const { entry, isKept } of pastLines(past)) {
      if (!isKept || entry === undefined || !isDrawnEntry(entry)) continue;
      try {
        this.#take(entry);
      } catch {
        // The thread that opened the journal has met the same line, and reported it.
      }
    }
    for (const { event } of this.#logs.events()) parseLogEvent(event, this.#accountId);
  }

  retain(nowMs: number): void {
    for (const store of this.#stores.values()) store.retain(nowMs);
    for (const { rules } of this.#insights.values()) rules.retain(nowMs);
  }

  draw({ region, alarms, ...request }: DrawRequest): DashboardTexts {
    const notices = new Set<string>();
    const view = dashboardView(request, {
      readSeries: this.#readSeries(region),
      alarm: (arn) => alarms.find((alarm) => alarm.arn === arn || alarm.definition.alarmName === arn),
      logs: (query) => {
        const missing = this.#logs.missingNotice(query.startMs);
        if (missing !== undefined) notices.add(missing);
        return this.#logs.query(query);
      },
    });
    const frame = {
      ...view,
      widgets: [],
      notices: [...refusalNotices(request.body), ...view.notices, ...notices],
    };
    return { frame: JSON.stringify(frame), widgets: view.widgets.map((widget) => JSON.stringify(widget)) };
  }

  /** The kept lines that name a request, oldest first. */
  linesOf(requestId: string): readonly LogEvent[] {
    return this.#logs.linesWith(requestId);
  }

  /** What CloudWatch Logs answers to a call. */
  logsAnswer(call: LogsCall): object {
    return this.#readings.answer(call);
  }

  /** What CloudWatch answers to a call that reads metrics. */
  metricsAnswer(call: MetricsCall): object {
    return metricsAnswer(this.#store(call.region), this.#insightsOf(call.region).sources, call);
  }

  #readSeries(region: string): ReadSeries {
    const empty = new MetricStore();
    return readSeriesFrom(
      this.#store(region),
      (other) => this.#stores.get(other) ?? empty,
      (other = region) => this.#insightsOf(other).sources,
    );
  }

  #insightsOf(region: string): RegionInsights {
    const insights = this.#insights.get(region) ?? new RegionInsights();
    this.#insights.set(region, insights);
    return insights;
  }

  #putData(region: string, data: readonly Datum[]): void {
    const store = this.#store(region);
    for (const datum of data) store.put(datum);
  }

  #store(region: string): MetricStore {
    const store = this.#stores.get(region) ?? new MetricStore();
    this.#stores.set(region, store);
    return store;
  }
}

/** What CloudWatch would refuse the dashboard for, were it deployed. */
function refusalNotices(body: string): readonly string[] {
  const { refusal, errors } = checkDashboardBody(body);
  if (refusal === undefined) return [];
  if (errors.length === 0) return [`CloudWatch refuses this dashboard: ${refusal}`];
  return errors.map(
    ({ dataPath, message }) => `CloudWatch refuses this dashboard: ${dataPath || "the body"}: ${message}`,
  );
}
