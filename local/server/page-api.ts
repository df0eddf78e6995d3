import type { Cancel } from "@wrist-agent/cloudwatch/clock";
import type { DashboardView } from "@wrist-agent/cloudwatch/dashboards/dashboard-view";
import { type AlarmRow, type Fault, FAULT_KINDS, type Mail, type Overview, type RequestRow } from "./wire.ts";

/** Which dashboard, and how far back from now. */
export interface DashboardQuery {
  readonly name: string;
  /** The dashboard's own range when missing. */
  readonly rangeSeconds?: number;
}

/** What the page server asks of the running system: the values of the page's API. */
export interface PagePort {
  overview(): Overview | Promise<Overview>;
  /** `undefined` when there is no dashboard of that name. */
  dashboard(query: DashboardQuery): DashboardView | undefined | Promise<DashboardView | undefined>;
  alarms(): readonly AlarmRow[] | Promise<readonly AlarmRow[]>;
  /** Newest first, at most `limit`. */
  requests(limit: number): readonly RequestRow[] | Promise<readonly RequestRow[]>;
  /** Newest first. */
  mails(): readonly Mail[] | Promise<readonly Mail[]>;
}

/** Tells `listener` of every change that a page may show: a request, an alarm, a mail, a fault, a minute gone by. */
export type Subscribe = (listener: () => void) => Cancel;

/** An HTTP answer whose body is sent as JSON. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

type Read = (port: PagePort, query: URLSearchParams) => Promise<JsonAnswer>;

const MAX_RANGE_SECONDS = 455 * 86_400;
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;

/** The readable half of the page's API, by path. */
export const READ_ROUTES: Readonly<Record<string, Read>> = {
  "/api/overview": async (port) => ok(await port.overview()),
  "/api/dashboard": answerDashboard,
  "/api/alarms": async (port) => ok(await port.alarms()),
  "/api/requests": answerRequests,
  "/api/mails": async (port) => ok(await port.mails()),
};

/** An error answer: `{"error": message}`. */
export function errorAnswer(status: number, message: string): JsonAnswer {
  return { status, body: { error: message } };
}

/** The fault that a posted body asks for, or why it is none. */
export function readFault(body: string): Fault | { readonly error: string } {
  const value = parseObject(body);
  if (value === undefined) return { error: 'body must be a JSON object like {"kind":"throttle","rate":1}' };
  const kind = FAULT_KINDS.find((known) => known === value.kind);
  if (kind === undefined)
    return { error: `kind must be one of ${FAULT_KINDS.join(", ")}; got ${JSON.stringify(value.kind)}` };
  const rate = value.rate ?? 1;
  if (typeof rate !== "number" || !(rate >= 0 && rate <= 1))
    return { error: `rate must be a number from 0 to 1; got ${JSON.stringify(rate)}` };
  return { kind, rate };
}

async function answerDashboard(port: PagePort, query: URLSearchParams): Promise<JsonAnswer> {
  const name = query.get("name");
  if (name === null || name === "")
    return errorAnswer(400, "name is missing: /api/dashboard?name=…&range=10800");
  if (!query.has("range")) return drawn(await port.dashboard({ name }), name);
  const rangeSeconds = readWhole(query.get("range"), Number.NaN);
  if (!(rangeSeconds >= 60 && rangeSeconds <= MAX_RANGE_SECONDS))
    return errorAnswer(
      400,
      `range must be whole seconds from 60 to ${MAX_RANGE_SECONDS}; got ${query.get("range") ?? ""}`,
    );
  return drawn(await port.dashboard({ name, rangeSeconds }), name);
}

function drawn(view: DashboardView | undefined, name: string): JsonAnswer {
  return view === undefined
    ? errorAnswer(404, `no dashboard is called ${name}: /api/overview lists them`)
    : ok(view);
}

async function answerRequests(port: PagePort, query: URLSearchParams): Promise<JsonAnswer> {
  const limit = readWhole(query.get("limit"), DEFAULT_LIMIT);
  if (!(limit >= 1 && limit <= MAX_LIMIT))
    return errorAnswer(
      400,
      `limit must be a whole number from 1 to ${MAX_LIMIT}; got ${query.get("limit") ?? ""}`,
    );
  return ok(await port.requests(limit));
}

function ok(body: unknown): JsonAnswer {
  return { status: 200, body };
}

function readWhole(text: string | null, fallback: number): number {
  if (text === null) return fallback;
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
