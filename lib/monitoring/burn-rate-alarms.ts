import type { StageConfig } from "../config/stage-config.ts";
import type { AlarmRow } from "./alarm-row.ts";
import {
  DAY_SECONDS,
  failingRequests,
  failuresToAlarm,
  HARMLESS_FAILURE_SHARE,
  WAKING_HOURS,
} from "./conditions.ts";

const HOUR = 3600;
const HOURS_OF_DAY = 24;
const HOURS_OF_WEEK = 168;

/** Which of the two burn alarms: `fast` wants somebody now, `slow` within a day or two. */
type BurnKind = "fast" | "slow";

/**
 * One window over which the budget of failures is watched: M of N periods, each failing by count and share.
 */
interface BurnWindow {
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly count: number;
  readonly share: number;
}

/**
 * The two windows that must both burn: the long one says that it matters, the short one that it still goes
 * on.
 */
interface BurnWindows {
  readonly long: BurnWindow;
  readonly short: BurnWindow;
}

/**
 * How many times faster than allowed the budget burns: 14.4 uses 2 % of a month's in an hour, 3 uses a tenth
 * in a day.
 *
 * https://sre.google/workbook/alerting-on-slos/
 */
export const BURN_RATES: Readonly<Record<BurnKind, number>> = { fast: 14.4, slow: 3 };

/** Share of requests that may fail. */
function budgetShare({ sloPercent }: StageConfig): number {
  return 1 - sloPercent / 100;
}

/** Share of a period's requests from which it burns the budget at the kind's rate. */
function burningShare(kind: BurnKind, config: StageConfig): number {
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
 * The windows of a stage. Where an hour (for the slow alarm a day) holds so many requests that the burning
 * share is more than chance, the window is judged by its share. Where it holds one or two, a share means
 * nothing: then failing hours are counted, in a day and in a week.
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
    return `${given}: fast-burn can never fire, as even a total failure burns the budget only ${maxBurnRate(config)} times as fast as allowed and it waits for ${BURN_RATES.fast}; state SLO_PERCENT 94 or more`;
  const budget = 30 * requestsPerDay * budgetShare(config);
  if (budget < 1)
    return `${given}: a single harmless failure uses up the month, which allows ${budget.toPrecision(2)}; state SLO_PERCENT ${maxSloPercent(requestsPerDay)} or less`;
  const long = burnWindows("slow", config).long;
  if (long.datapointsToAlarm > long.evaluationPeriods)
    return `${given}: slow-burn can never fire, as it waits for ${long.datapointsToAlarm} failing hours of ${long.evaluationPeriods}; state a lower SLO_PERCENT`;
  return undefined;
}

function maxBurnRate(config: StageConfig): string {
  return (1 / budgetShare(config)).toPrecision(2);
}

/** The highest percentage, in whole percent, whose month allows one failure. */
function maxSloPercent(requestsPerDay: number): number {
  return Math.max(0, Math.floor(100 - 100 / (30 * requestsPerDay)));
}

/** What a window counts, as the part of a sentence that follows "in": `4 of 24 hours`. */
export function burnWindowText({ periodSeconds, evaluationPeriods, datapointsToAlarm }: BurnWindow): string {
  if (periodSeconds === DAY_SECONDS) return "the last full day";
  const [unit, length] = periodSeconds === 3600 ? (["hour", 1] as const) : (["minutes", 5] as const);
  if (evaluationPeriods === 1) return `the last full ${unit}`;
  const all = evaluationPeriods * length;
  return datapointsToAlarm === 1
    ? `one of the last ${all} ${unit}s`.replace("minutess", "minutes")
    : `${datapointsToAlarm} of the last ${all} ${unit}s`;
}

/** Percent of requests that must fail for the budget to burn at the kind's rate. */
export function burningPercent(kind: BurnKind, config: StageConfig): string {
  return `${Number((burningShare(kind, config) * 100).toPrecision(3))} %`;
}

const BURN_RATE_TEXT: Readonly<Record<BurnKind, string>> = {
  fast: `${BURN_RATES.fast} times as fast as the objective allows`,
  slow: `${BURN_RATES.slow} times as fast as the objective allows`,
};

function windowRow(kind: BurnKind, which: keyof BurnWindows): AlarmRow {
  const windowOf = (config: StageConfig): BurnWindow => burnWindows(kind, config)[which];
  return {
    key: `${kind}-burn-${which}`,
    severity: "ticket",
    profile: "full",
    needs: "custom",
    notifiedBy: `${kind}-burn`,
    whatHappened: (config) =>
      `In ${burnWindowText(windowOf(config))} at least ${burningPercent(kind, config)} of the requests failed.`,
    userImpact: WINDOW_USER_IMPACT[which],
    firstStep: `Look at ${kind}-burn: it mails when both of its windows burn.`,
    nextSteps: [`The steps of ${kind}-burn.`],
    log: "failures",
    window: {
      kind: kind === "fast" ? "wallClockUtc" : "wallClockLocal",
      why: "A period without an answer of the model or a failure keeps the state.",
    },
    why: `The ${which} window of ${kind}-burn: the budget burns ${BURN_RATE_TEXT[kind]}. ${WINDOW_WHY[which]}`,
    requestsNeeded: (config) => requestsToFire(windowOf(config)),
    rule: ({ config, metrics }) => {
      const { evaluationPeriods, datapointsToAlarm, ...period } = windowOf(config);
      return {
        metric: failingRequests(metrics, period),
        threshold: 1,
        datapointsToAlarm,
        evaluationPeriods,
        treatMissingData: "ignore",
      };
    },
  };
}

const WINDOW_USER_IMPACT: Readonly<Record<keyof BurnWindows, string>> = {
  long: "By itself no news: it may be over already.",
  short: "By itself no news: a single failure does this.",
};

const WINDOW_WHY: Readonly<Record<keyof BurnWindows, string>> = {
  long: "It says that enough failed to matter: more than 1 % of random failures make less than once in ten months. Where an hour holds a request or two a share means nothing, so failing hours are counted instead.",
  short:
    "It says that it still goes on, so that the mail of a fault that was fixed ends hours before the long window forgets it. Its own mail is switched off: rehearsed at 30 requests a day with 1 % random failures it would come six times a month.",
};

/** The windows of the two burn alarms; the composites `fast-burn` and `slow-burn` notify for them. */
export const BURN_ALARMS: readonly AlarmRow[] = [
  windowRow("fast", "long"),
  windowRow("fast", "short"),
  windowRow("slow", "long"),
  windowRow("slow", "short"),
];

/** Failures in one day at least, where the window is longer than a day its part of them. */
function requestsToFire({ count, datapointsToAlarm, evaluationPeriods, periodSeconds }: BurnWindow): number {
  const days = Math.max(1, (evaluationPeriods * periodSeconds) / DAY_SECONDS);
  return Math.ceil((count * datapointsToAlarm) / days);
}
