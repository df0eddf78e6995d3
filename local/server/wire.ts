import type { AlarmState } from "@wrist-agent/cloudwatch/alarm";
import type { DashboardView, WidgetView } from "@wrist-agent/cloudwatch/dashboards/dashboard-view";
import type { LogLine } from "@wrist-agent/cloudwatch/logs/log-line";

/** The parts of the page that change by themselves; an event names those that did. */
export const PAGE_PARTS = ["overview", "alarms", "requests", "mails", "dashboard"] as const;

/** One of {@link PAGE_PARTS}. */
export type PagePart = (typeof PAGE_PARTS)[number];

/** What a property of a request's EMF line means to the page, where it is more than a column. */
export type RequestRole =
  | "mode"
  | "outcome"
  | "client"
  | "attempts"
  /** Set on the requests of the probe and of deployments, which nobody dictated: hidden unless asked for. */
  | "synthetic"
  /** Time of the model, milliseconds. */
  | "modelMs"
  /** Time to the model's first token, milliseconds. */
  | "firstTokenMs"
  /** Time from the handler's start to its answer, milliseconds. */
  | "handlerMs";

/** A property of the request's EMF line, how to head it, and what it means. */
export interface RequestColumn {
  readonly field: string;
  readonly label: string;
  readonly role?: RequestRole;
  /** Read for its role alone. */
  readonly isHidden?: true;
}

/** `GET /api/request`: what is kept of one request besides its row. */
export interface RequestDetail {
  /** Log lines that name the request besides those that its row shows, oldest first. */
  readonly lines: readonly RequestLogLine[];
}

/** A line of the log as a person reads it. */
export interface RequestLogLine extends LogLine {
  readonly timeMs: number;
}

/** A text to send as the Shortcut does. `POST /api/ask` takes it as JSON. */
export interface Question {
  readonly text: string;
  readonly mode?: string;
}

/** What the Function URL answered, as the Shortcut gets it. */
export interface QuestionAnswer {
  readonly status: number;
  readonly milliseconds: number;
  readonly requestId?: string;
  /** Members of the JSON body. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** One HTTP request to the Function URL, joined with the EMF line of its invocation. */
export interface RequestRow {
  readonly requestId: string | null;
  /** Counts requests: a reader that has some asks for those after the newest. */
  readonly sequence: number;
  readonly timeMs: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly latencyMs: number;
  readonly coldStart: boolean;
  /** String and number members of the EMF line; empty when there was none. */
  readonly line: Readonly<Record<string, string | number>>;
  /** Set where there was no line, and the request itself carried the mark of those that nobody dictated. */
  readonly isSynthetic?: true;
}

/** An alarm as the page lists it. */
export interface AlarmRow {
  readonly alarmName: string;
  readonly description: string;
  readonly stackName: string;
  readonly state: AlarmState;
  readonly stateReason: string;
  readonly sinceMs: number;
  /** The condition in one line: `Sum of Errors >= 1 for 1 of 1 periods of 300 s`. */
  readonly condition: string;
  /** Names of the topics that it notifies when it goes into ALARM; empty when it notifies none. */
  readonly topics: readonly string[];
  /** Names of the alarms that can raise it; of composite alarms only. */
  readonly causes?: readonly string[];
  /** Names of the composite alarms that notify in its place; of alarms whose own actions are disabled. */
  readonly notifiedBy?: readonly string[];
  /** Why its actions do not run now, though they are enabled. */
  readonly suppression?: string;
  /** Why it can have no data on this machine. */
  readonly noDataHere?: string;
  readonly history: readonly { readonly timeMs: number; readonly summary: string }[];
}

/** A stretch of time in which an alarm was in one state. */
export interface AlarmStateSpan {
  readonly state: AlarmState;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A metric in a period that an alarm evaluated. */
export interface EvaluatedInput {
  readonly id: string;
  readonly label: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** As CloudWatch spells it. */
  readonly stat: string;
  /** As CloudWatch spells it; `None` where the metric has none. */
  readonly unit: string;
  readonly value: number | null;
  /** How many data the value is made of. */
  readonly samples: number | null;
}

/** A period that an alarm's last evaluation looked at. */
export interface EvaluatedPeriod {
  readonly startMs: number;
  readonly endMs: number;
  readonly value: number | null;
  readonly isBreaching: boolean;
  /** The metrics that the value is computed from. */
  readonly inputs: readonly EvaluatedInput[];
}

/** A state that somebody set, in place of an evaluation. */
export interface SetStateEvent {
  readonly timeMs: number;
  readonly state: AlarmState;
  readonly reason: string;
}

/** `GET /api/alarm`: an alarm opened. */
export interface AlarmDetail {
  readonly alarmName: string;
  readonly startMs: number;
  readonly endMs: number;
  /**
   * What it evaluates against its threshold, then the metrics that this is computed from; none of a composite
   * alarm.
   */
  readonly charts: readonly WidgetView[];
  /** Its states over the range, oldest first. */
  readonly states: readonly AlarmStateSpan[];
  /** What its last evaluation looked at, newest first; none of a composite alarm. */
  readonly evaluated: readonly EvaluatedPeriod[];
  /** The last time that somebody set its state; `null` when nobody did within the history of 30 days. */
  readonly lastSet: SetStateEvent | null;
  /** What it does on going into each state, by the names of topics and functions. */
  readonly actions: readonly { readonly state: AlarmState; readonly targets: readonly string[] }[];
}

/**
 * `POST /api/alarm-state` takes it as JSON: sets a state as SetAlarmState does, until the next evaluation.
 */
export interface AlarmStateSetting {
  readonly alarmName: string;
  readonly state: AlarmState;
  readonly reason: string;
}

/** `POST /api/subscription` takes it as JSON: what the links of SNS's mails do on AWS. */
export type SubscriptionRequest =
  | { readonly action: "confirm"; readonly topicArn: string; readonly token: string }
  | { readonly action: "unsubscribe"; readonly subscriptionArn: string };

/** `GET /api/document`: a document of the project, as Markdown. */
export interface ProjectDocument {
  readonly markdown: string;
}

/** A schedule that invokes a function here. */
export interface ScheduleRow {
  readonly name: string;
  /** With its alias or version, if the schedule names one. */
  readonly functionName: string;
  /** `rate(5 minutes)`. */
  readonly expression: string;
  /** Missing when it does not run any more. */
  readonly nextMs: number | null;
}

/** A mail in the local inbox, as SNS would have sent it. */
export interface Mail {
  readonly id: string;
  readonly timeMs: number;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly body: string;
  readonly topicArn: string;
  /** Set on mails that an alarm caused. */
  readonly alarmName?: string;
  /**
   * When the first failed request of the fault came, back to the last good answer; set on mails of ALARM,
   * where there was one. Of the requests that people sent, as far as one of them failed.
   */
  readonly firstFailedMs?: number;
  /** Set where requests of the probe alone have failed; then the time is of its first one. */
  readonly firstFailedBy?: "probe";
}

/** Faults of the parameter store, which the agent's readings meet. */
export const PARAMETER_FAULTS = ["parameter-slow", "parameter-throttled", "parameter-missing"] as const;

/** One of {@link PARAMETER_FAULTS}. */
export type ParameterFault = (typeof PARAMETER_FAULTS)[number];

/** Every fault that the stand-ins for the model and the parameter store can show; `off` ends it. */
export const FAULT_KINDS = [
  "throttle",
  "slow",
  "error",
  "access",
  "garbage",
  "form",
  "quota",
  "overloaded",
  "hang",
  "trickle",
  "cut-before",
  "cut",
  "cut-after",
  "no-usage",
  "bad-times",
  "refusal",
  ...PARAMETER_FAULTS,
  "off",
] as const;

/** Names that faults had before, and have in old journals, by the name that they have now. */
export const RENAMED_FAULTS: Readonly<Record<string, Fault["kind"]>> = { denied: "access" };

/** The kind of that name, the old one too; `undefined` when there is none. */
export function faultKindOf(name: unknown): Fault["kind"] | undefined {
  if (typeof name !== "string") return undefined;
  const current = Object.hasOwn(RENAMED_FAULTS, name) ? RENAMED_FAULTS[name] : name;
  return FAULT_KINDS.find((kind) => kind === current);
}

/** A fault that a stand-in shows. `POST /api/fault` takes it as JSON and answers it. */
export interface Fault {
  readonly kind: (typeof FAULT_KINDS)[number];
  /** Share of requests hit, 0 to 1. */
  readonly rate: number;
  /**
   * The mode whose questions to the model it hits, the probe's full ones too; every question when missing.
   */
  readonly mode?: string;
  /** When it ends by itself, epoch milliseconds; it stays until it is switched off when missing. */
  readonly untilMs?: number;
}

/** `GET /api/overview`: what the page shows around everything else. */
export interface Overview {
  readonly stage: string;
  readonly region: string;
  /** `scripted` answers come from the stand-in, never from a model. */
  readonly model: "scripted" | "bedrock";
  readonly fault: Fault;
  readonly nowMs: number;
  readonly startedMs: number;
  readonly functionUrl: string;
  /** Prints the client token in a shell; the page shows this and never the token. */
  readonly tokenCommand: string;
  readonly awsEndpoint: string;
  readonly dashboards: readonly string[];
  readonly requestColumns: readonly RequestColumn[];
  /** Modes in which the page may ask; empty where it cannot. */
  readonly askModes: readonly string[];
  /** Names of the functions that run here. */
  readonly functions: readonly string[];
  readonly schedules: readonly ScheduleRow[];
  /** Everything in the templates that the local runtime does not emulate, by name. */
  readonly notices: readonly string[];
}

/** A dashboard, or what has changed of it. */
export interface DashboardChange {
  readonly version: string;
  /** The version that the reader has and that `null` refers to; every widget is there when missing. */
  readonly base?: string;
  readonly view: Omit<DashboardView, "widgets">;
  /** `null`: as in the base. */
  readonly widgets: readonly (DashboardView["widgets"][number] | null)[];
}

/**
 * The page's API: path, and what a GET of it answers.
 *
 * `GET /api/events` is the one that answers no JSON: server-sent events, `joined` at first, `changed` with
 * the parts that may answer anew, at most every two seconds, and `heartbeat` in between, so that a frozen
 * server is noticed.
 */
export interface PageApi {
  readonly "/api/overview": Overview;
  /**
   * Query: `name`, `range` (seconds; the dashboard's own when missing), `end` (epoch milliseconds; now when
   * missing), `base` (the version that the reader has), `logs=later` (a first picture without the log
   * queries).
   */
  readonly "/api/dashboard": DashboardChange;
  readonly "/api/alarms": readonly AlarmRow[];
  /**
   * Query: `name`, `range` (seconds; three of the alarm's windows when missing), `end` (epoch milliseconds).
   */
  readonly "/api/alarm": AlarmDetail;
  /** Query: `path` below docs/, such as `runbooks/failing-now.md`. */
  readonly "/api/document": ProjectDocument;
  /** Newest first. Query: `limit` (default 50), `after` (the newest sequence number that the reader has). */
  readonly "/api/requests": readonly RequestRow[];
  /** Query: `id`. */
  readonly "/api/request": RequestDetail;
  /** Newest first. Query: `after` (the id of the newest mail that the reader has). */
  readonly "/api/mails": readonly Mail[];
}
