import { isJsonObject } from "@wrist-agent/cloudwatch/json";

/** Environment variables that the monitoring stack sets and the breaker's function reads. */
export const BREAKER_ENVIRONMENT = {
  /** Stage name, whose spending is judged. */
  stage: "STAGE",
  /** Name of the parameter that holds the {@link BreakerState}. */
  parameterName: "BREAKER_PARAM_NAME",
  /** ARN of the one alarm that may open the breaker. */
  alarmArn: "SPEND_ALARM_ARN",
  /** IANA zone whose midnight begins a new day. */
  timeZone: "TIME_ZONE",
  /** Dollars that a day may cost. */
  dailySpendUsd: "DAILY_SPEND_USD",
} as const;

/** What the breaker's parameter holds. */
export interface BreakerState {
  /** ISO 8601 instant until which requests are blocked; missing when they are not. */
  readonly openUntil?: string;
  /** ISO 8601 instant before which nothing but the operator opens the breaker. */
  readonly closedUntil?: string;
  /** Who wrote it. */
  readonly by: "alarm" | "watch" | "operator";
  /** ISO 8601 instant at which it was written. */
  readonly since: string;
  /** Dollars that the day had cost then; missing when nobody could know. */
  readonly spentUsd?: number;
}

/** Reads the parameter's value; `undefined` when it is no state of a breaker. */
export function breakerStateOf(value: string): BreakerState | undefined {
  const { openUntil, closedUntil, by, since, spentUsd } = parseObject(value);
  const times = [openUntil, closedUntil].filter((each) => each !== undefined);
  if (times.length === 0 || !times.every(isInstant)) return undefined;
  return {
    ...(typeof openUntil === "string" ? { openUntil } : {}),
    ...(typeof closedUntil === "string" ? { closedUntil } : {}),
    by: by === "alarm" || by === "watch" ? by : "operator",
    since: typeof since === "string" ? since : "",
    ...(typeof spentUsd === "number" ? { spentUsd } : {}),
  };
}

/** Until when requests are blocked, epoch milliseconds; 0 when they are not. */
export function blockedUntilMs({ openUntil }: BreakerState): number {
  return openUntil === undefined ? 0 : Date.parse(openUntil);
}

/**
 * What the schedule and the operator send to the breaker's function; the alarm's action sends CloudWatch's
 * own event.
 */
export type BreakerOrder =
  | { readonly order: "watch" }
  | { readonly order: "status" }
  | { readonly order: "open"; readonly until?: string }
  | { readonly order: "close" };

/** What the breaker's function answers. */
export interface BreakerReport {
  readonly isOpen: boolean;
  /** Missing when the breaker was never opened. */
  readonly state?: BreakerState;
  /** Dollars since the stage's midnight; missing when CloudWatch could not be asked. */
  readonly spentUsd?: number;
  readonly dailySpendUsd: number;
  readonly timeZone: string;
  /** What was done, or why nothing was. */
  readonly did: string;
}

function parseObject(value: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(value);
    return isJsonObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function isInstant(value: unknown): boolean {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value));
}
