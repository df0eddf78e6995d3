import type { StageAlarm } from "../../cli/stage-alarms.ts";
import type { TopicSubscription } from "../../cli/subscriptions.ts";

/** Whether the agent answers, by its probe, or by the page alarms of a stage without one. */
export interface Availability {
  readonly state: "up" | "down" | "unknown";
  /** Since when, epoch milliseconds; missing where it was so for as long as the status looks back. */
  readonly sinceMs?: number;
  readonly by: "probe" | "page alarms";
}

/** An alarm as the status shows it. */
export type StatusAlarm = Omit<StageAlarm, "definition" | "description">;

/**
 * Traffic of people in the last 24 hours, and each of its hours, oldest first; `null` where nothing was
 * measured.
 */
export interface Traffic {
  readonly requests: number;
  readonly failures: number;
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  readonly hourly: {
    readonly requests: readonly (number | null)[];
    readonly failures: readonly (number | null)[];
    readonly p50Ms: readonly (number | null)[];
    readonly p90Ms: readonly (number | null)[];
  };
}

/** What the model has cost, on the calendar of the stage's time zone. */
export interface Spending {
  readonly timeZone: string;
  readonly todayUsd: number;
  readonly monthUsd: number;
  /** Of each hour of today, oldest first. */
  readonly hourlyUsd: readonly number[];
  /** Of each day of the month until today. */
  readonly dailyUsd: readonly number[];
}

/** A request that failed. */
export interface FailedRequest {
  readonly timeMs: number;
  readonly outcome: string;
  readonly reason: string;
  readonly mode: string;
  readonly httpStatus: string;
  readonly requestId: string;
}

/** What serves, and since when. */
export interface LiveVersion {
  readonly version: string;
  readonly publishedMs: number;
  /** Shares of other versions while a deployment shifts traffic. */
  readonly weights: Readonly<Record<string, number>>;
  /** When the application stack was last deployed, and how that ended. */
  readonly deployedMs: number;
  readonly stackStatus: string;
}

/** The model that answers. */
export interface LiveModel {
  readonly modelId: string;
  /** Whether a parameter says so at run time, or the deployment. */
  readonly setBy: "parameter" | "deployment";
  /** `ACTIVE` or `LEGACY`, as Bedrock says; missing where it could not be asked. */
  readonly lifecycle?: string;
  /** When Bedrock ends it, where that is announced. */
  readonly endOfLifeMs?: number;
}

/** The token of the Shortcut, without the token itself. */
export interface TokenAge {
  readonly changedMs: number;
  readonly ageDays: number;
}

/** Everything on the one screen; a part that could not be read is missing, and `unreadable` says why. */
export interface StatusReport {
  readonly stage: string;
  readonly where: string;
  readonly region: string;
  readonly atMs: number;
  readonly availability: Availability;
  readonly alarms: readonly StatusAlarm[];
  /** Alarms that the stacks made and that are not there any more. */
  readonly missingAlarms: readonly string[];
  readonly traffic?: Traffic;
  readonly spending?: Spending;
  readonly failures?: readonly FailedRequest[];
  readonly subscriptions?: readonly TopicSubscription[];
  /** Topics that nobody is subscribed to. */
  readonly silentTopics?: readonly string[];
  readonly version?: LiveVersion;
  readonly model?: LiveModel;
  /** `null` where its parameter is not there: then nobody is let in. */
  readonly token?: TokenAge | null;
  readonly unreadable: readonly string[];
}
