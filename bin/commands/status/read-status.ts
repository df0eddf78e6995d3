import {
  wallClockBoundary,
  zonedInstant,
  zoneOffset,
  type ZoneOffset,
} from "@wrist-agent/cloudwatch/zoned-time";
import { AGENT_ENVIRONMENT } from "../../../lambda/contract/environment.ts";
import {
  agentServiceName,
  METRIC_NAMESPACE,
  METRICS,
  PROBE_METRIC,
  probeServiceName,
  REQUEST_LINE,
  SERVICE_DIMENSION,
} from "../../../lambda/contract/metrics.ts";
import { Failure } from "../../cli/failure.ts";
import { askLogs, type LogsRow } from "../../cli/log-events.ts";
import {
  metricQuery,
  readSeries,
  type SeriesPoint,
  type SeriesRange,
  valuesByPeriod,
} from "../../cli/metric-series.ts";
import { isPageRaised, missingAlarms, readStageAlarms, type StageAlarm } from "../../cli/stage-alarms.ts";
import { readAllStacks, type StageConnection } from "../../cli/stage-connection.ts";
import { readStageSubscriptions } from "../../cli/subscriptions.ts";
import type { WatchPorts } from "../../cli/watch.ts";
import { readModel, readServing, readTokenAge } from "./read-deployment.ts";
import type {
  Availability,
  FailedRequest,
  Spending,
  StatusAlarm,
  StatusReport,
  Traffic,
} from "./status-report.ts";

/** How far back failures are looked for. */
const FAILURE_DAYS = 7;
const SHOWN_FAILURES = 5;

/**
 * Reads the whole status. The alarms must be readable, for without them nobody knows whether a page is open;
 * every other part that is not is named and left out.
 */
export async function readStatus(
  stage: StageConnection,
  ports: Pick<WatchPorts, "now" | "wait">,
): Promise<StatusReport> {
  const nowMs = ports.now();
  const unreadable: string[] = [];
  const part = async <T>(read: Promise<T>): Promise<T | undefined> => {
    try {
      return await read;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      unreadable.push(error.message);
      return undefined;
    }
  };
  const stacks = await readAllStacks(stage);
  const serving = part(readServing(stage));
  const environment = serving.then((found) => found?.environment ?? {});
  const [alarms, lastDay, spending, failures, subscribed, live, model, token] = await Promise.all([
    readStageAlarms(stage, stacks),
    part(readLastDay(stage, nowMs)),
    part(
      environment.then((variables) =>
        readSpending(stage, variables[AGENT_ENVIRONMENT.timeZone] ?? "UTC", nowMs),
      ),
    ),
    part(readFailures(stage, ports)),
    part(readStageSubscriptions(stage, stacks)),
    serving,
    part(
      environment.then((variables) => readModel(stage, variables, (sentence) => unreadable.push(sentence))),
    ),
    part(readTokenAge(stage, nowMs)),
  ]);
  unreadable.push(...(subscribed?.unreadable ?? []));
  const { target, region } = stage;
  return {
    stage: target.stage,
    where: target.where,
    region,
    atMs: nowMs,
    availability: lastDay?.probed ?? availabilityByAlarms(alarms),
    alarms: alarms.map(shownAlarm),
    missingAlarms: missingAlarms(stacks, alarms),
    ...(lastDay && { traffic: lastDay.traffic }),
    ...(spending && { spending }),
    ...(failures && { failures }),
    ...(subscribed && { subscriptions: subscribed.subscriptions, silentTopics: subscribed.silentTopics }),
    ...(live && { version: live.live }),
    ...(model && { model }),
    ...(token !== undefined && { token }),
    unreadable: [...new Set(unreadable)],
  };
}

function shownAlarm({
  definition: _definition,
  description: _description,
  ...shown
}: StageAlarm): StatusAlarm {
  return shown;
}

/** Without a probe: down while a page is open, and since the first of them. */
function availabilityByAlarms(alarms: readonly StageAlarm[]): Availability {
  const pages = alarms.filter(({ severity }) => severity === "page");
  const raised = pages.filter(({ state }) => state === "ALARM").map(({ sinceMs }) => sinceMs);
  if (isPageRaised(alarms)) return { state: "down", sinceMs: Math.min(...raised), by: "page alarms" };
  const good = pages.filter(({ state }) => state === "OK").map(({ sinceMs }) => sinceMs);
  if (good.length === 0) return { state: "unknown", by: "page alarms" };
  return { state: "up", sinceMs: Math.max(...good), by: "page alarms" };
}

/** The newest requests of people that failed, newest first. */
async function readFailures(
  stage: StageConnection,
  ports: Pick<WatchPorts, "now" | "wait">,
): Promise<readonly FailedRequest[]> {
  const endMs = ports.now();
  const fields = [
    REQUEST_LINE.outcome,
    REQUEST_LINE.reason,
    REQUEST_LINE.mode,
    REQUEST_LINE.status,
    REQUEST_LINE.requestId,
  ];
  const rows = await askLogs(
    stage,
    {
      logGroup: stage.names.logGroup,
      query: [
        `fields @timestamp, ${fields.join(", ")}`,
        `filter ispresent(${REQUEST_LINE.status}) and not ispresent(${REQUEST_LINE.probe}) and not ispresent(${REQUEST_LINE.verification})`,
        `filter ${METRICS.Failure.name} = 1`,
        "sort @timestamp desc",
        `limit ${SHOWN_FAILURES}`,
      ],
      startMs: endMs - FAILURE_DAYS * 86_400_000,
      endMs,
    },
    ports,
  );
  return rows.map(failedRequest);
}

function failedRequest(row: LogsRow): FailedRequest {
  const field = (name: string): string => row[name] ?? "";
  return {
    timeMs: Date.parse(`${field("@timestamp").replace(" ", "T")}Z`),
    outcome: field(REQUEST_LINE.outcome),
    reason: field(REQUEST_LINE.reason),
    mode: field(REQUEST_LINE.mode),
    httpStatus: field(REQUEST_LINE.status),
    requestId: field(REQUEST_LINE.requestId),
  };
}

const MINUTE_MS = 60_000;
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;
const DAY_MS = 1000 * DAY_SECONDS;

/** A probe that has not reported for so long says nothing about now; the alarm on it waits as long. */
const PROBE_SILENCE_MS = 9 * MINUTE_MS;

/** What the metrics of the last 24 hours say. */
export interface LastDay {
  readonly traffic: Traffic;
  /** Missing where the stage has no probe. */
  readonly probed?: Availability;
}

/** Reads traffic and the probe's points of the last 24 hours, in hours that end now. */
async function readLastDay(stage: StageConnection, nowMs: number): Promise<LastDay> {
  const endMs = Math.ceil(nowMs / MINUTE_MS) * MINUTE_MS;
  const range = { startMs: endMs - DAY_MS, endMs };
  const people = { [SERVICE_DIMENSION]: agentServiceName(stage.target.stage) };
  const of = (metricName: string, statistic: string, periodSeconds: number) => ({
    namespace: METRIC_NAMESPACE,
    dimensions: people,
    metricName,
    statistic,
    periodSeconds,
  });
  const { Failure, Latency } = METRICS;
  const found = await readSeries(
    stage,
    [
      metricQuery("requests", of(Failure.name, "SampleCount", HOUR_SECONDS)),
      metricQuery("failures", of(Failure.name, "Sum", HOUR_SECONDS)),
      metricQuery("p50", of(Latency.name, "p50", HOUR_SECONDS)),
      metricQuery("p90", of(Latency.name, "p90", HOUR_SECONDS)),
      metricQuery("dayP50", of(Latency.name, "p50", DAY_SECONDS)),
      metricQuery("dayP90", of(Latency.name, "p90", DAY_SECONDS)),
      metricQuery("probe", {
        ...of(PROBE_METRIC, "Maximum", 60),
        dimensions: { [SERVICE_DIMENSION]: probeServiceName(stage.target.stage) },
      }),
    ],
    range,
  );
  const points = (id: string): readonly SeriesPoint[] => found.get(id) ?? [];
  const probed = availabilityOf(points("probe"), nowMs);
  return { traffic: trafficOf(points, range), ...(probed && { probed }) };
}

function trafficOf(points: (id: string) => readonly SeriesPoint[], range: SeriesRange): Traffic {
  const sum = (id: string): number => points(id).reduce((total, { value }) => total + value, 0);
  const hourly = (id: string): readonly (number | null)[] =>
    valuesByPeriod(points(id), range, HOUR_SECONDS).map((value) => value ?? null);
  return {
    requests: sum("requests"),
    failures: sum("failures"),
    p50Ms: points("dayP50").at(-1)?.value ?? null,
    p90Ms: points("dayP90").at(-1)?.value ?? null,
    hourly: {
      requests: hourly("requests"),
      failures: hourly("failures"),
      p50Ms: hourly("p50"),
      p90Ms: hourly("p90"),
    },
  };
}

/** A run of the probe failed when all its tries did: then its point is 1. */
function availabilityOf(points: readonly SeriesPoint[], nowMs: number): Availability | undefined {
  const newest = points.at(-1);
  if (newest === undefined) return undefined;
  if (nowMs - newest.timeMs > PROBE_SILENCE_MS)
    return { state: "unknown", sinceMs: newest.timeMs, by: "probe" };
  const isFailed = ({ value }: SeriesPoint): boolean => value >= 1;
  const state = isFailed(newest) ? "down" : "up";
  const changed = points.findLastIndex((point) => isFailed(point) !== isFailed(newest));
  const first = points[changed + 1];
  return {
    state,
    by: "probe",
    ...(first !== undefined && (changed >= 0 || isYoung(first, nowMs)) && { sinceMs: first.timeMs }),
  };
}

/** Whether the first point is so late that nothing was measured before it. */
function isYoung({ timeMs }: SeriesPoint, nowMs: number): boolean {
  return timeMs > nowMs - DAY_MS + PROBE_SILENCE_MS;
}

/** Reads what the model has cost since the month began in the stage's time zone. */
async function readSpending(stage: StageConnection, timeZone: string, nowMs: number): Promise<Spending> {
  const offset = zoneOffset(timeZone) ?? (() => 0);
  const startMs = monthStart(nowMs, offset);
  const request = {
    namespace: METRIC_NAMESPACE,
    metricName: METRICS.CostUsd.name,
    dimensions: { [SERVICE_DIMENSION]: agentServiceName(stage.target.stage) },
    statistic: "Sum",
    periodSeconds: HOUR_SECONDS,
  };
  const endMs = Math.ceil(nowMs / MINUTE_MS) * MINUTE_MS;
  const points =
    (await readSeries(stage, [metricQuery("usd", request)], { startMs, endMs })).get("usd") ?? [];
  return { timeZone, ...spendingOf(points, { startMs, endMs }, offset) };
}

function spendingOf(
  points: readonly SeriesPoint[],
  { startMs, endMs }: SeriesRange,
  offset: ZoneOffset,
): Omit<Spending, "timeZone"> {
  const dayOf = (ms: number): number => wallClockBoundary(ms, DAY_SECONDS, offset);
  const days: number[] = [];
  for (let day = dayOf(startMs); day < endMs; day = dayOf(day + 1.5 * DAY_MS)) days.push(day);
  const byDay = new Map(days.map((day) => [day, 0]));
  for (const { timeMs, value } of points) {
    const day = dayOf(timeMs);
    byDay.set(day, (byDay.get(day) ?? 0) + value);
  }
  const today = { startMs: dayOf(endMs - 1), endMs };
  return {
    todayUsd: byDay.get(today.startMs) ?? 0,
    monthUsd: points.reduce((total, { value }) => total + value, 0),
    hourlyUsd: valuesByPeriod(points, today, HOUR_SECONDS).map((value) => value ?? 0),
    dailyUsd: days.map((day) => byDay.get(day) ?? 0),
  };
}

function monthStart(nowMs: number, offset: ZoneOffset): number {
  const local = new Date(nowMs + offset(nowMs));
  const first = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), 1);
  return zonedInstant(first, offset) ?? first - offset(first);
}
