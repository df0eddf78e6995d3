import type { AlarmState } from "@wrist-agent/cloudwatch/alarm";
import type { DashboardView } from "@wrist-agent/cloudwatch/dashboards/dashboard-view";

/** A column of the request table: a property of the request's EMF line and how to head it. */
export interface RequestColumn {
  readonly field: string;
  readonly label: string;
}

/** One HTTP request to the Function URL, joined with the EMF line of its invocation. */
export interface RequestRow {
  readonly requestId: string | null;
  readonly timeMs: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly latencyMs: number;
  readonly coldStart: boolean;
  /** String and number members of the EMF line; empty when there was none. */
  readonly line: Readonly<Record<string, string | number>>;
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
  /** Names of the topics that are told when it goes into ALARM; empty when nobody is. */
  readonly topics: readonly string[];
  /** Names of the alarms that can raise it; of composite alarms only. */
  readonly causes?: readonly string[];
  readonly history: readonly { readonly timeMs: number; readonly summary: string }[];
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
}

/** Every fault that the model's stand-in can show; `off` ends it. */
export const FAULT_KINDS = ["throttle", "slow", "error", "denied", "garbage", "off"] as const;

/** A fault that the model's stand-in is told to show. `POST /api/fault` takes it as JSON and answers it. */
export interface Fault {
  readonly kind: (typeof FAULT_KINDS)[number];
  /** Share of requests hit, 0 to 1. */
  readonly rate: number;
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
  /** Names of the functions that run here. */
  readonly functions: readonly string[];
  readonly schedules: readonly ScheduleRow[];
  /** Everything in the templates that the local runtime does not emulate, by name. */
  readonly notices: readonly string[];
}

/**
 * The page's API: path, and what a GET of it answers.
 *
 * `GET /api/events` is the one that answers no JSON: server-sent events, `changed` whenever any of these may answer
 * anew.
 */
export interface PageApi {
  readonly "/api/overview": Overview;
  /** Query: `name`, `range` (seconds back from now; the dashboard's own when missing). */
  readonly "/api/dashboard": DashboardView;
  readonly "/api/alarms": readonly AlarmRow[];
  /** Newest first. Query: `limit` (default 50). */
  readonly "/api/requests": readonly RequestRow[];
  /** Newest first. */
  readonly "/api/mails": readonly Mail[];
}
