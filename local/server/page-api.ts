import { parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { isDatum } from "../json.ts";
import type { Cancel } from "@wrist-agent/cloudwatch/clock";
import { ALARM_STATES } from "@wrist-agent/cloudwatch/alarm";
import type { Datum } from "@wrist-agent/cloudwatch/metric";
import {
  type AlarmDetail,
  type AlarmRow,
  type AlarmStateSetting,
  type Fault,
  FAULT_KINDS,
  PARAMETER_FAULTS,
  faultKindOf,
  type Mail,
  type Overview,
  type PagePart,
  type Question,
  type RequestDetail,
  type RequestRow,
  type SubscriptionRequest,
} from "./wire.ts";

/** Which dashboard, and which span of time. */
export interface DashboardQuery {
  readonly name: string;
  /** The dashboard's own range when missing. */
  readonly rangeSeconds?: number;
  /** Epoch milliseconds at which the span ends; now when missing. */
  readonly endMs?: number;
  /** Leaves the log queries out, which take the longest; asked when missing. */
  readonly logs?: "later";
}

/** Which alarm, and over which span of time. */
export interface AlarmQuery {
  readonly alarmName: string;
  /** Three of the alarm's windows, an hour to a week, when missing. */
  readonly rangeSeconds?: number;
  /** Epoch milliseconds; now when missing. */
  readonly endMs?: number;
}

/** A dashboard as texts of JSON: nobody takes it apart on its way to the page. */
export interface DashboardTexts {
  /** The view without its widgets. */
  readonly frame: string;
  readonly widgets: readonly string[];
}

/** What the page server asks of the running system: the values of the page's API. */
export interface PagePort {
  overview(): Overview | Promise<Overview>;
  /** `undefined` when there is no dashboard of that name. */
  drawDashboard(query: DashboardQuery): DashboardTexts | undefined | Promise<DashboardTexts | undefined>;
  alarms(): readonly AlarmRow[] | Promise<readonly AlarmRow[]>;
  /** `undefined` when there is no alarm of that name. */
  alarm(query: AlarmQuery): Promise<AlarmDetail | undefined>;
  /** A document by its path below docs/; `undefined` when there is none. */
  document(path: string): Promise<string | undefined>;
  /** Newest first, at most `limit`, those after a sequence number. */
  requests(limit: number, after?: number): readonly RequestRow[] | Promise<readonly RequestRow[]>;
  /** What is kept of one request besides its row. */
  request(requestId: string): Promise<RequestDetail>;
  /** Newest first. */
  mails(): readonly Mail[] | Promise<readonly Mail[]>;
}

/** Hears which parts of the page have changed. */
export type ChangeListener = (parts: readonly PagePart[]) => void;

/**
 * Tells `listener` of every change that a page may show: a request, an alarm, a mail, a fault, a minute gone
 * by.
 */
export type Subscribe = (listener: ChangeListener) => Cancel;

/** An HTTP answer whose body is sent as JSON, or is JSON already. */
export type JsonAnswer = { readonly status: number } & (
  | { readonly body: unknown }
  | { readonly json: string }
);

/** What the page is answered from: the running system, and the drawings that readers have. */
export interface PageSource {
  readonly port: PagePort;
  readonly versions: DashboardVersions;
}

type Read = (source: PageSource, query: URLSearchParams) => Promise<JsonAnswer>;

const MAX_RANGE_SECONDS = 455 * 86_400;
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;

/** The readable half of the page's API, by path. */
export const READ_ROUTES: Readonly<Record<string, Read>> = {
  "/api/overview": async ({ port }) => ok(await port.overview()),
  "/api/dashboard": answerDashboard,
  "/api/alarms": async ({ port }) => ok(await port.alarms()),
  "/api/alarm": answerAlarm,
  "/api/document": answerDocument,
  "/api/requests": answerRequests,
  "/api/request": answerRequest,
  "/api/mails": async ({ port }, query) => ok(mailsAfter(await port.mails(), query.get("after"))),
};

/** An error answer: `{"error": message}`. */
export function errorAnswer(status: number, message: string): JsonAnswer {
  return { status, body: { error: message } };
}

/** The fault that a posted body asks for, or why it is none. */
export function readFault(body: string, nowMs: number): Fault | { readonly error: string } {
  const value = parseJsonObject(body);
  if (value === undefined) return { error: 'body must be a JSON object like {"kind":"throttle","rate":1}' };
  const kind = faultKindOf(value.kind);
  if (kind === undefined)
    return { error: `kind must be one of ${FAULT_KINDS.join(", ")}; got ${JSON.stringify(value.kind)}` };
  const rate = value.rate ?? 1;
  if (typeof rate !== "number" || !(rate >= 0 && rate <= 1))
    return { error: `rate must be a number from 0 to 1; got ${JSON.stringify(rate)}` };
  const ofMode = faultMode(value.mode, kind);
  if ("error" in ofMode) return ofMode;
  const minutes = value.minutes;
  if (minutes === undefined) return { kind, rate, ...ofMode };
  if (typeof minutes !== "number" || !(minutes > 0 && minutes <= MAX_FAULT_MINUTES))
    return {
      error: `minutes must be a number above 0, at most ${MAX_FAULT_MINUTES}; got ${JSON.stringify(minutes)}`,
    };
  return { kind, rate, ...ofMode, untilMs: nowMs + minutes * 60_000 };
}

/** The one mode that a fault hits; nothing where it hits all of them. */
function faultMode(mode: unknown, kind: Fault["kind"]): Pick<Fault, "mode"> | { readonly error: string } {
  if (mode === undefined) return {};
  if (PARAMETER_FAULTS.some((known) => known === kind))
    return { error: `${kind} hits readings of parameters, which have no mode: leave mode out` };
  if (typeof mode === "string" && /^[a-z]{1,32}$/.test(mode)) return { mode };
  return { error: `mode must be the name of one, such as research; got ${JSON.stringify(mode)}` };
}

/** A day: whoever wants more does without a timer. */
const MAX_FAULT_MINUTES = 1440;

/** The question that a posted body holds, or why it is none; what the text may be says the agent. */
export function readQuestion(body: string): Question | { readonly error: string } {
  const value = parseJsonObject(body);
  if (typeof value?.text !== "string")
    return { error: 'body must be a JSON object like {"text":"dentist friday at two","mode":"event"}' };
  if (value.mode !== undefined && typeof value.mode !== "string")
    return { error: `mode must be a text; got ${JSON.stringify(value.mode)}` };
  return { text: value.text, ...(value.mode !== undefined && { mode: value.mode }) };
}

/** The state that a posted body sets, or why it sets none; what a reason may be says the engine. */
export function readAlarmState(body: string): AlarmStateSetting | { readonly error: string } {
  const value = parseJsonObject(body);
  const { alarmName, reason } = value ?? {};
  if (typeof alarmName !== "string" || alarmName === "" || typeof reason !== "string")
    return {
      error: 'body must be a JSON object like {"alarmName":"a-b","state":"ALARM","reason":"Drill"}',
    };
  const state = ALARM_STATES.find((one) => one === value?.state);
  if (state === undefined)
    return { error: `state must be one of ${ALARM_STATES.join(", ")}; got ${JSON.stringify(value?.state)}` };
  return { alarmName, state, reason };
}

/** What a posted body asks of a subscription, or why it asks nothing. */
export function readSubscriptionRequest(body: string): SubscriptionRequest | { readonly error: string } {
  const { action, topicArn, token, subscriptionArn } = parseJsonObject(body) ?? {};
  if (action === "confirm" && typeof topicArn === "string" && typeof token === "string")
    return { action, topicArn, token };
  if (action === "unsubscribe" && typeof subscriptionArn === "string") return { action, subscriptionArn };
  return {
    error:
      'body must be a JSON object like {"action":"confirm","topicArn":"arn:…","token":"…"} or {"action":"unsubscribe","subscriptionArn":"arn:…"}',
  };
}

/** Data for a Region, as they come from outside. */
export interface MetricFeed {
  readonly region: string;
  readonly data: readonly Datum[];
}

/** The data that a posted body feeds, or why it feeds none. */
export function readMetricFeed(body: string): MetricFeed | { readonly error: string } {
  const { region, data } = parseJsonObject(body) ?? {};
  const isFeed = typeof region === "string" && Array.isArray(data) && data.every(isDatum);
  if (isFeed) return { region, data: data as readonly Datum[] };
  return {
    error:
      'body must be a JSON object like {"region":"us-west-2","data":[{"namespace":"AWS/EC2","metricName":"CPUUtilization","dimensions":{},"timestampMs":0,"values":[1]}]}',
  };
}

async function answerAlarm({ port }: PageSource, query: URLSearchParams): Promise<JsonAnswer> {
  const alarmName = query.get("name") ?? "";
  if (alarmName === "") return errorAnswer(400, "name is missing: /api/alarm?name=…&range=10800");
  const span = readSpan(query);
  if (typeof span === "string") return errorAnswer(400, span);
  const detail = await port.alarm({ alarmName, ...span });
  return detail === undefined
    ? errorAnswer(404, `no alarm is called ${alarmName}: /api/alarms lists them`)
    : ok(detail);
}

/** Names of letters, digits and dashes, in docs/ or one folder below it: nothing that leads out of it. */
const DOCUMENT_PATH = /^([a-z0-9-]{1,80}\/)?[a-z0-9-]{1,80}\.md$/;

async function answerDocument({ port }: PageSource, query: URLSearchParams): Promise<JsonAnswer> {
  const path = query.get("path") ?? "";
  if (!DOCUMENT_PATH.test(path))
    return errorAnswer(
      400,
      `path must be a document below docs/, such as runbooks/failing-now.md; got ${path}`,
    );
  const markdown = await port.document(path);
  return markdown === undefined ? errorAnswer(404, `there is no document docs/${path}`) : ok({ markdown });
}

async function answerDashboard({ port, versions }: PageSource, query: URLSearchParams): Promise<JsonAnswer> {
  // A page that has just been opened asks before it knows any name.
  const name = query.get("name") ?? (await port.overview()).dashboards[0];
  if (name === undefined) return errorAnswer(404, "the templates hold no dashboard");
  if (name === "") return errorAnswer(400, "name is missing: /api/dashboard?name=…&range=10800");
  const span = readSpan(query);
  if (typeof span === "string") return errorAnswer(400, span);
  const logs = query.get("logs");
  if (logs !== null && logs !== "later") return errorAnswer(400, `logs can only be later; got ${logs}`);
  const drawn = await port.drawDashboard({ name, ...span, ...(logs !== null && { logs }) });
  return drawn === undefined
    ? errorAnswer(404, `no dashboard is called ${name}: /api/overview lists them`)
    : { status: 200, json: versions.changeSince(query.get("base") ?? undefined, drawn) };
}

/** The asked span, or what is wrong with it. */
function readSpan(query: URLSearchParams): Omit<DashboardQuery, "name"> | string {
  const rangeSeconds = readWhole(query.get("range"), 60);
  if (!(rangeSeconds >= 60 && rangeSeconds <= MAX_RANGE_SECONDS))
    return `range must be whole seconds from 60 to ${MAX_RANGE_SECONDS}; got ${query.get("range") ?? ""}`;
  const endMs = readWhole(query.get("end"), 0);
  if (Number.isNaN(endMs)) return `end must be epoch milliseconds; got ${query.get("end") ?? ""}`;
  return { ...(query.has("range") && { rangeSeconds }), ...(query.has("end") && { endMs }) };
}

/** Versions that readers may still refer to. */
const MAX_VERSIONS = 24;

/**
 * Remembers the latest drawings, so that a reader who has one gets only the widgets that have changed since.
 */
export class DashboardVersions {
  readonly #drawings = new Map<string, DashboardTexts>();
  #last = 0;

  /** The JSON of a {@link DashboardChange}; with an unknown base every widget is in it. */
  changeSince(base: string | undefined, drawn: DashboardTexts): string {
    const before = base === undefined ? undefined : this.#drawings.get(base);
    const version = this.#keep(drawn);
    const widgets = drawn.widgets.map((text, i) => (before?.widgets[i] === text ? "null" : text));
    const known = before === undefined ? "" : `"base":${JSON.stringify(base)},`;
    return `{"version":"${version}",${known}"view":${drawn.frame},"widgets":[${widgets.join(",")}]}`;
  }

  #keep(drawn: DashboardTexts): string {
    for (const [version, kept] of this.#drawings) if (kept === drawn) return version;
    const version = String((this.#last += 1));
    this.#drawings.set(version, drawn);
    const [oldest] = this.#drawings.keys();
    if (this.#drawings.size > MAX_VERSIONS && oldest !== undefined) this.#drawings.delete(oldest);
    return version;
  }
}

/** Newest first; all of them when the reader's newest is not known any more. */
function mailsAfter(mails: readonly Mail[], after: string | null): readonly Mail[] {
  const at = after === null ? -1 : mails.findIndex(({ id }) => id === after);
  return at < 0 ? mails : mails.slice(0, at);
}

async function answerRequest({ port }: PageSource, query: URLSearchParams): Promise<JsonAnswer> {
  const id = query.get("id") ?? "";
  if (!/^[\w-]{8,64}$/.test(id)) return errorAnswer(400, "id must be the id of a request");
  return ok(await port.request(id));
}

async function answerRequests({ port }: PageSource, query: URLSearchParams): Promise<JsonAnswer> {
  const after = readWhole(query.get("after"), 0);
  if (Number.isNaN(after))
    return errorAnswer(400, `after must be a sequence number; got ${query.get("after") ?? ""}`);
  const limit = readWhole(query.get("limit"), DEFAULT_LIMIT);
  if (!(limit >= 1 && limit <= MAX_LIMIT))
    return errorAnswer(
      400,
      `limit must be a whole number from 1 to ${MAX_LIMIT}; got ${query.get("limit") ?? ""}`,
    );
  return ok(await port.requests(limit, after));
}

function ok(body: unknown): JsonAnswer {
  return { status: 200, body };
}

function readWhole(text: string | null, fallback: number): number {
  if (text === null) return fallback;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}
