import { METRICS, REQUEST_LINE } from "../../../lambda/contract/metrics.ts";
import { AGENT_ENVIRONMENT } from "../../../lambda/contract/environment.ts";
import { Failure } from "../../cli/failure.ts";
import { askLogs, type LogsRow } from "../../cli/logs-insights.ts";
import { isPageRaised, missingAlarms, readStageAlarms, type StageAlarm } from "../../cli/stage-alarms.ts";
import { readAllStacks, type StageConnection } from "../../cli/stage-connection.ts";
import { readStageSubscriptions } from "../../cli/stage-subscriptions.ts";
import type { WatchPorts } from "../../cli/watch.ts";
import { readModel, readServing, readTokenAge } from "./read-deployment.ts";
import { readLastDay, readSpending } from "./read-metrics.ts";
import type { Availability, FailedRequest, StatusAlarm, StatusReport } from "./status-report.ts";

/** How far back failures are looked for. */
const FAILURE_DAYS = 7;
const SHOWN_FAILURES = 5;

/**
 * Reads the whole status. The alarms must be readable, for without them nobody knows whether a page is open; every other part
 * that is not is named and left out.
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
