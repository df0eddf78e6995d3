import type { StageConfig } from "../../config/stage-config.ts";
import { DAY_SECONDS, failuresToAlarm, HARMLESS_FAILURE_SHARE, WAKING_HOURS } from "./sparse-traffic.ts";

const HOUR = 3600;
const HOURS_OF_DAY = 24;
const HOURS_OF_WEEK = 168;

/** Which of the two burn alarms: `fast` wants somebody now, `slow` within a day or two. */
export type BurnKind = "fast" | "slow";

/** One window over which the budget of failures is watched: M of N periods, each failing by count and share. */
export interface BurnWindow {
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly count: number;
  readonly share: number;
}

/** The two windows that must both burn: the long one says that it matters, the short one that it still goes on. */
export interface BurnWindows {
  readonly long: BurnWindow;
  readonly short: BurnWindow;
}

/**
 * How many times faster than allowed the budget burns: 14.4 uses 2 % of a month's in an hour, 3 uses a tenth in a day.
 *
 * https://sre.google/workbook/alerting-on-slos/
 */
export const BURN_RATES: Readonly<Record<BurnKind, number>> = { fast: 14.4, slow: 3 };

/** Share of requests that may fail. */
function budgetShare({ sloPercent }: StageConfig): number {
  return 1 - sloPercent / 100;
}

/** Share of a period's requests from which it burns the budget at the kind's rate. */
export function burningShare(kind: BurnKind, config: StageConfig): number {
  return Number((BURN_RATES[kind] * budgetShare(config)).toPrecision(6));
}

/** What bad luck may do, and no more than the objective allows. */
function harmlessShare(config: StageConfig): number {
  return Math.min(HARMLESS_FAILURE_SHARE, budgetShare(config));
}

function toAlarm(config: StageConfig, windowSeconds: number): number {
  return failuresToAlarm(config.requestsPerDay, windowSeconds, harmlessShare(config));
}

/**
 * The windows of a stage. Where an hour (for the slow alarm a day) holds so many requests that the burning share is more
 * than chance, the window is judged by its share. Where it holds one or two, a share means nothing: then failing hours are
 * counted, in a day and in a week.
 */
export function burnWindows(kind: BurnKind, config: StageConfig): BurnWindows {
  return (isDense(kind, config) ? DENSE : SPARSE)[kind](config, burningShare(kind, config));
}

type Windows = (config: StageConfig, share: number) => BurnWindows;

const ONE_PERIOD = { evaluationPeriods: 1, datapointsToAlarm: 1 } as const;

const DENSE: Readonly<Record<BurnKind, Windows>> = {
  fast: (config, share) => ({
    long: { ...ONE_PERIOD, periodSeconds: HOUR, count: toAlarm(config, HOUR), share },
    short: { periodSeconds: 300, evaluationPeriods: 3, datapointsToAlarm: 1, count: 1, share },
  }),
  slow: (config, share) => ({
    long: { ...ONE_PERIOD, periodSeconds: DAY_SECONDS, count: toAlarm(config, DAY_SECONDS), share },
    short: lastHours(6, share),
  }),
};

const SPARSE: Readonly<Record<BurnKind, Windows>> = {
  fast: (config, share) => ({ long: failingHours(HOURS_OF_DAY, config, share), short: lastHours(6, share) }),
  slow: (config, share) => ({
    long: failingHours(HOURS_OF_WEEK, config, share),
    short: lastHours(HOURS_OF_DAY, share),
  }),
};

function lastHours(hours: number, share: number): BurnWindow {
  return { periodSeconds: HOUR, evaluationPeriods: hours, datapointsToAlarm: 1, count: 1, share };
}

/** Beyond so many requests a day one failure no longer makes an hour a burning one. */
function failingHours(hours: number, config: StageConfig, share: number): BurnWindow {
  const requestsPerDay = Math.min(config.requestsPerDay, HOURS_OF_DAY / share);
  const hoursToAlarm = failuresToAlarm(requestsPerDay, hours * HOUR, harmlessShare(config));
  return {
    periodSeconds: HOUR,
    evaluationPeriods: hours,
    datapointsToAlarm: hoursToAlarm,
    count: 1,
    share,
  };
}

/** Whether the long window's share alone is more than bad luck. */
function isDense(kind: BurnKind, config: StageConfig): boolean {
  const seconds = kind === "fast" ? HOUR : DAY_SECONDS;
  const requests = kind === "fast" ? config.requestsPerDay / WAKING_HOURS : config.requestsPerDay;
  return requests * burningShare(kind, config) >= toAlarm(config, seconds);
}

/** Why the burn alarms make no sense for a stage; `undefined` when they do. */
export function burnRefusal(config: StageConfig): string | undefined {
  const { requestsPerDay, sloPercent } = config;
  const share = burningShare("fast", config);
  const given = `SLO_PERCENT ${sloPercent} at REQUESTS_PER_DAY ${requestsPerDay}`;
  if (share >= 1)
    return `${given}: fast-burn can never fire, as even a total failure burns the budget only ${times(config)} times as fast as allowed and it waits for ${BURN_RATES.fast}; state SLO_PERCENT 94 or more`;
  const budget = 30 * requestsPerDay * budgetShare(config);
  if (budget < 1)
    return `${given}: a single harmless failure uses up the month, which allows ${budget.toPrecision(2)}; state SLO_PERCENT ${mostPercent(requestsPerDay)} or less`;
  const long = burnWindows("slow", config).long;
  if (long.datapointsToAlarm > long.evaluationPeriods)
    return `${given}: slow-burn can never fire, as it waits for ${long.datapointsToAlarm} failing hours of ${long.evaluationPeriods}; state a lower SLO_PERCENT`;
  return undefined;
}

function times(config: StageConfig): string {
  return (1 / budgetShare(config)).toPrecision(2);
}

/** The highest percentage, in whole percent, whose month allows one failure. */
function mostPercent(requestsPerDay: number): number {
  return Math.max(0, Math.floor(100 - 100 / (30 * requestsPerDay)));
}
