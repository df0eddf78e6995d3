import { appendFile, readFile, rename, rm, writeFile } from "node:fs/promises";
import { parseJson } from "@wrist-agent/cloudwatch/json";
import { metricKey } from "../alarm-metrics.ts";
import type { MetricCall, MetricQuery } from "./metric-requests.ts";
import {
  METRICS_FORMAT,
  type RecordedChange,
  type RecordedMetrics,
  type RecordedSeries,
} from "./recorded-metrics.ts";
import { isRecordedStatistic } from "./recorded-totals.ts";

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
interface AnswerCache {
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

interface Answer {
  readonly key: string;
  readonly points: readonly QueryPoints[];
}

/** The first line: what was asked for, and until when. */
interface Head {
  readonly asked: string;
  readonly toMs: number;
}

/** Answers in a file beside the one that is to be saved, one a line: a break loses at most the last one. */
export class AnswerFile implements AnswerCache {
  readonly #file: string;
  readonly #answers: Map<string, readonly QueryPoints[]>;
  /** The range of the run that was interrupted, so that this one asks for the same. */
  readonly toMs: number | undefined;

  private constructor(file: string, answers: Map<string, readonly QueryPoints[]>, toMs: number | undefined) {
    this.#file = file;
    this.#answers = answers;
    this.toMs = toMs;
  }

  /** Opens the answers of a broken run; there are none the first time. A torn last line is left out. */
  static async open(saved: string, range: string): Promise<AnswerFile> {
    const file = `${saved}.part`;
    const text = await readFile(file, "utf8").catch(() => "");
    const [head = "", ...lines] = text.split("\n");
    const { asked, toMs } = (parseJson(head) ?? {}) as Partial<Head>;
    if (asked !== range) return new AnswerFile(file, new Map(), undefined);
    const answers = lines.flatMap((line) => (parseJson(line) as Answer | undefined) ?? []);
    return new AnswerFile(file, new Map(answers.map(({ key, points }) => [key, points])), toMs);
  }

  /** Begins the file when there is no broken run to go on with. */
  async begin(range: string, toMs: number): Promise<void> {
    if (this.toMs === undefined)
      await writeFile(this.#file, `${JSON.stringify({ asked: range, toMs })}\n`, { mode: 0o600 });
  }

  get(key: string): readonly QueryPoints[] | undefined {
    return this.#answers.get(key);
  }

  async add(key: string, points: readonly QueryPoints[]): Promise<void> {
    this.#answers.set(key, points);
    await appendFile(this.#file, `${JSON.stringify({ key, points })}\n`);
  }

  /** Writes the whole, at once or not at all, and forgets the answers. */
  async finish(saved: string, metrics: RecordedMetrics): Promise<void> {
    await saveMetrics(saved, metrics);
    await rm(this.#file, { force: true });
  }
}

/** Writes recorded metrics at once or not at all. */
export async function saveMetrics(file: string, metrics: RecordedMetrics): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(metrics), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
