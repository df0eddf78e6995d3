import type { StageConfig } from "../../../config/stage-config.ts";
import type { AlarmRow } from "../alarm-row.ts";
import {
  BURN_RATES,
  burningShare,
  burnWindows,
  type BurnKind,
  type BurnWindow,
  type BurnWindows,
} from "../../condition/burn-windows.ts";
import { failingRequests } from "../../condition/failing.ts";
import { DAY_SECONDS } from "../../condition/sparse-traffic.ts";

/** What a window counts, as the part of a sentence that follows "in": `4 of 24 hours`. */
export function windowWords({ periodSeconds, evaluationPeriods, datapointsToAlarm }: BurnWindow): string {
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

const WHICH: Readonly<Record<BurnKind, string>> = {
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
    toldBy: `${kind}-burn`,
    happened: (config) =>
      `In ${windowWords(windowOf(config))} at least ${burningPercent(kind, config)} of the requests failed.`,
    means: WINDOW_MEANS[which],
    firstStep: `Look at ${kind}-burn: it mails when both of its windows burn.`,
    thenSteps: [`The steps of ${kind}-burn.`],
    log: "failures",
    window: {
      kind: kind === "fast" ? "clock" : "localClock",
      why: "A period without an answer of the model or a failure keeps the state.",
    },
    why: `The ${which} window of ${kind}-burn: the budget burns ${WHICH[kind]}. ${WINDOW_WHY[which]}`,
    requestsNeeded: (config) => requestsNeeded(windowOf(config)),
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

const WINDOW_MEANS: Readonly<Record<keyof BurnWindows, string>> = {
  long: "By itself no news: it may be over already.",
  short: "By itself no news: a single failure does this.",
};

const WINDOW_WHY: Readonly<Record<keyof BurnWindows, string>> = {
  long: "It says that enough failed to matter: more than 1 % of random failures make less than once in ten months. Where an hour holds a request or two a share means nothing, so failing hours are counted instead.",
  short:
    "It says that it still goes on, so that the mail of a fault that was mended ends hours before the long window forgets it. Its own mail is switched off: rehearsed at 30 requests a day with 1 % random failures it would come six times a month.",
};

/** The windows of the two burn alarms; the composites `fast-burn` and `slow-burn` tell of them. */
export const BURN_ALARMS: readonly AlarmRow[] = [
  windowRow("fast", "long"),
  windowRow("fast", "short"),
  windowRow("slow", "long"),
  windowRow("slow", "short"),
];

/** Failures in one day at least, where the window is longer than a day its part of them. */
function requestsNeeded({ count, datapointsToAlarm, evaluationPeriods, periodSeconds }: BurnWindow): number {
  const days = Math.max(1, (evaluationPeriods * periodSeconds) / DAY_SECONDS);
  return Math.ceil((count * datapointsToAlarm) / days);
}
