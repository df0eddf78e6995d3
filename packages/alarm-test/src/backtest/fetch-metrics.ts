import type { MetricCall, MetricQuery } from "./metric-requests.ts";
import {
  METRICS_FORMAT,
  type RecordedChange,
  type RecordedMetrics,
  type RecordedSeries,
} from "./recorded-metrics.ts";
import { isRecordedStatistic } from "./recorded-totals.ts";
import { metricKey } from "../alarm-metrics.ts";

/** The points of one query: times (epoch milliseconds) and values, in any order. */
export interface QueryPoints {
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}

/** Where metrics come from: CloudWatch, or the AWS endpoint of `npm start`. */
export interface MetricSource {
  /** The points of each query of a call, in its order. */
  readonly read: (call: MetricCall) => Promise<readonly QueryPoints[]>;
  /** What really happened to alarms. */
  readonly history: (asked: HistoryRequest) => Promise<readonly RecordedChange[]>;
}

/** Alarms of one Region and the time that is asked for. */
export interface HistoryRequest {
  readonly region: string;
  readonly alarmNames: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** Answers of calls that were already made, so that a break costs nothing twice. */
export interface AnswerCache {
  readonly get: (key: string) => readonly QueryPoints[] | undefined;
  readonly add: (key: string, points: readonly QueryPoints[]) => Promise<void>;
}

/** What is fetched. */
export interface FetchRequest {
  readonly calls: readonly MetricCall[];
  readonly histories: readonly HistoryRequest[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** How it is fetched. */
export interface FetchDoor {
  readonly source: MetricSource;
  readonly cache: AnswerCache;
  readonly onProgress: (done: number, all: number) => void;
}

/** Makes the calls that the cache has no answer of, and puts everything together. */
export async function fetchMetrics(
  request: FetchRequest,
  { source, cache, onProgress }: FetchDoor,
): Promise<RecordedMetrics> {
  const joined = new JoinedSeries();
  for (const [index, call] of request.calls.entries()) {
    const key = JSON.stringify(call);
    let points = cache.get(key);
    if (points === undefined) {
      points = await source.read(call);
      await cache.add(key, points);
    }
    call.queries.forEach((query, at) => joined.add(call, query, points[at]));
    onProgress(index + 1, request.calls.length);
  }
  const histories = await Promise.all(request.histories.map((asked) => source.history(asked)));
  const { fromMs, toMs } = request;
  return { format: METRICS_FORMAT, fromMs, toMs, series: joined.series(), history: histories.flat() };
}

/** The calls that the cache has no answer of. */
export function missingCalls(calls: readonly MetricCall[], cache: AnswerCache): readonly MetricCall[] {
  return calls.filter((call) => cache.get(JSON.stringify(call)) === undefined);
}

interface Joined {
  readonly query: MetricQuery;
  readonly region: string;
  readonly points: Map<number, number>;
  startMs: number;
  endMs: number;
}

/** Points of the same query from several calls. */
class JoinedSeries {
  readonly #joined = new Map<string, Joined>();

  add({ region, startMs, endMs }: MetricCall, query: MetricQuery, found: QueryPoints | undefined): void {
    const key = JSON.stringify([
      region,
      metricKey(query.metric),
      query.unit ?? "",
      query.statistic,
      query.periodSeconds,
    ]);
    const joined = this.#joined.get(key) ?? {
      query,
      region,
      points: new Map<number, number>(),
      startMs,
      endMs,
    };
    joined.startMs = Math.min(joined.startMs, startMs);
    joined.endMs = Math.max(joined.endMs, endMs);
    found?.timesMs.forEach((timeMs, index) => joined.points.set(timeMs, found.values[index] ?? 0));
    this.#joined.set(key, joined);
  }

  series(): readonly RecordedSeries[] {
    return [...this.#joined.values()].map(({ query, region, points, startMs, endMs }) => {
      const { metric, statistic, periodSeconds, unit } = query;
      const stepSeconds = isRecordedStatistic(statistic) ? periodSeconds : 60;
      const length = Math.ceil((endMs - startMs) / (stepSeconds * 1000));
      return {
        ...metric,
        region,
        ...(unit === undefined ? {} : { unit }),
        statistic,
        periodSeconds,
        stepSeconds,
        startMs,
        values: Array.from(
          { length },
          (_, index) => points.get(startMs + index * stepSeconds * 1000) ?? null,
        ),
      };
    });
  }
}
