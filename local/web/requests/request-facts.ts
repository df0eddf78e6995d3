import type { RequestColumn, RequestRole, RequestRow } from "../../server/wire.ts";
import type { Filter } from "../state/route.ts";

/** What the page reads of a request's log line by its meaning. */
export type ReadRole = (request: RequestRow, role: RequestRole) => string | number | undefined;

/** Reads roles as the columns of the system name them. */
export function roleReader(columns: readonly RequestColumn[]): ReadRole {
  return ({ line }, role) => {
    for (const column of columns)
      if (column.role === role && line[column.field] !== undefined) return line[column.field];
    return undefined;
  };
}

/** What stands for a request in an address: its id, or its number where the function was never asked. */
export function requestKey({ requestId, sequence }: RequestRow): string {
  return requestId ?? `request-${sequence}`;
}

/** Whether nobody dictated it: the probe or a deployment asked. */
export function isSynthetic(request: RequestRow, read: ReadRole): boolean {
  const mark = read(request, "synthetic") ?? (request.isSynthetic === true ? 1 : 0);
  return mark !== 0 && mark !== "";
}

/** How a request ended, in three: what alarms evaluate. */
export function requestResult({ status }: Pick<RequestRow, "status">): "good" | "refused" | "failed" {
  if (status >= 500 || status === 429) return "failed";
  return status >= 400 ? "refused" : "good";
}

/** The requests that a filter leaves; those of the probe only if it asks for them. */
export function filterRequests(
  requests: readonly RequestRow[],
  filter: Filter,
  read: ReadRole,
): readonly RequestRow[] {
  const { q = "", outcome, mode, client, probe, from, to } = filter;
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return requests.filter(
    (request) =>
      (probe === "shown" || !isSynthetic(request, read)) &&
      (outcome === undefined || read(request, "outcome") === outcome) &&
      (mode === undefined || read(request, "mode") === mode) &&
      (client === undefined || read(request, "client") === client) &&
      (from === undefined || request.timeMs >= Number(from)) &&
      (to === undefined || request.timeMs < Number(to)) &&
      words.every((word) => searchText(request).includes(word)),
  );
}

function searchText({ requestId, method, path, status, line }: RequestRow): string {
  return [requestId, method, path, status, ...Object.values(line)].join(" ").toLowerCase();
}

/** Every value that a role has, most frequent first, for a choice. */
export function roleValues(
  requests: readonly RequestRow[],
  role: RequestRole,
  read: ReadRole,
): readonly string[] {
  const counts = new Map<string, number>();
  for (const request of requests) {
    const value = read(request, role);
    if (value !== undefined) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([value]) => value);
}

/** A stretch of a request's time, milliseconds from its arrival. */
export interface Phase {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Where the time of a request went, as far as its log line says: before the handler, in it before the model,
 * waiting for the model's first token, while it wrote, and after it. The handler's start is not recorded; it
 * ends with the request.
 */
export function requestPhases(request: RequestRow, read: ReadRole): readonly Phase[] {
  const total = request.latencyMs;
  const number = (role: RequestRole): number | undefined => {
    const value = read(request, role);
    return typeof value === "number" ? Math.min(value, total) : undefined;
  };
  const handler = number("handlerMs") ?? total;
  const start = total - handler;
  const phases: Phase[] = start >= 0.5 ? [{ name: "before the handler", fromMs: 0, toMs: start }] : [];
  const model = number("modelMs");
  if (model === undefined) return [...phases, { name: "handler", fromMs: start, toMs: total }];
  const first = Math.min(number("firstTokenMs") ?? model, model);
  // Parsing takes well under a millisecond: what is not the model's is spent before it, on token and
  // parameters.
  const asked = total - model;
  return [
    ...phases,
    { name: "token, parameters and parsing", fromMs: start, toMs: asked },
    { name: "model, to its first token", fromMs: asked, toMs: asked + first },
    { name: "model, writing", fromMs: asked + first, toMs: total },
  ].filter(({ fromMs, toMs }) => toMs > fromMs);
}

/** How many requests a minute had, and how many of them did not go well. */
export interface MinuteCount {
  readonly fromMs: number;
  readonly good: number;
  readonly bad: number;
}

const MINUTE_MS = 60_000;

/** The last hour by minute, oldest first. */
export function lastHour(requests: readonly RequestRow[], nowMs: number): readonly MinuteCount[] {
  const first = Math.floor(nowMs / MINUTE_MS) - 59;
  const minutes = Array.from({ length: 60 }, (_none, i) => ({
    fromMs: (first + i) * MINUTE_MS,
    good: 0,
    bad: 0,
  }));
  for (const request of requests) {
    const minute = minutes[Math.floor(request.timeMs / MINUTE_MS) - first];
    if (minute !== undefined) minute[requestResult(request) === "good" ? "good" : "bad"] += 1;
  }
  return minutes;
}
