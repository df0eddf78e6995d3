import { setImmediate } from "node:timers/promises";
import type { AlarmDefinition } from "../../cloudwatch/alarm-definition.ts";
import { outcomeOf, type Outcome } from "./outcome.ts";
import { replay, type Cast, type Replay } from "./replay.ts";
import { storyOf, type Plot, type Story } from "./story.ts";
import { summaryOf, type AlarmSummary, type Run } from "./summary.ts";

/** How often to tell which story to whom. */
export interface RehearsalPlan extends Omit<Plot, "seed"> {
  readonly cast: Cast;
  readonly runs: number;
  /** Seed of the first run; the others follow it. */
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** When somebody first heard of a fault, from whichever alarm. */
export type FirstMail = Pick<AlarmSummary, "found" | "foundAfter" | "foundAfterFirstRequest">;

/** What all runs of one scenario gave. */
export interface Rehearsal {
  readonly scenario: string;
  readonly says: string;
  readonly runs: number;
  readonly days: number;
  readonly perDay: number;
  /** The first alarm that told somebody, whichever it was. */
  readonly firstMail: FirstMail;
  /** In the order of the templates. */
  readonly alarms: readonly AlarmSummary[];
  /** Metrics that alarms read and that no run published: those alarms saw no data. */
  readonly unpublished: readonly string[];
}

/** Runs a scenario as often as asked, and gives way to other work between two runs. */
export async function rehearse(plan: RehearsalPlan): Promise<Rehearsal> {
  const { cast, runs, days, perDay } = plan;
  const { name: scenario, says } = plan.scenario;
  const told: Told[] = [];
  for (let run = 0; run < runs; run += 1) {
    await setImmediate();
    plan.signal?.throwIfAborted();
    const story = storyOf({ ...plan, seed: plan.seed + run });
    told.push({ story, ...replay(cast, story) });
  }
  const widestMs = Math.max(0, ...cast.definitions.map(windowMs));
  return {
    ...{ scenario, says, runs, days, perDay },
    firstMail: firstMail(told, { days, widestMs }),
    alarms: cast.definitions.map((definition) => {
      const ms = "alarmRule" in definition ? widestMs : windowMs(definition);
      return alarmSummary(definition.alarmName, told, { days, windowMs: ms });
    }),
    unpublished: (told[0]?.unpublished ?? []).filter((name) =>
      told.every(({ unpublished }) => unpublished.includes(name)),
    ),
  };
}

interface Told extends Replay {
  readonly story: Story;
}

function alarmSummary(
  alarmName: string,
  told: readonly Told[],
  { days, windowMs }: { readonly days: number; readonly windowMs: number },
): AlarmSummary {
  const runs = told.map(({ story, changes }) => {
    const own = changes.filter((change) => change.alarmName === alarmName);
    return runOf(story, outcomeOf(own, story.fault && { ...story.fault, windowMs }));
  });
  return summaryOf(alarmName, runs, days);
}

function firstMail(
  told: readonly Told[],
  { days, widestMs }: { readonly days: number; readonly widestMs: number },
): FirstMail {
  const runs = told.map(({ story, changes }) => {
    const beginMs = story.fault?.beginMs ?? 0;
    const mails = changes.filter(({ state, isTold, atMs }) => state === "ALARM" && isTold && atMs >= beginMs);
    return runOf(story, outcomeOf(mails, story.fault && { ...story.fault, windowMs: widestMs }));
  });
  const { found, foundAfter, foundAfterFirstRequest } = summaryOf("first mail", runs, days);
  return {
    found,
    ...(foundAfter && { foundAfter }),
    ...(foundAfterFirstRequest && { foundAfterFirstRequest }),
  };
}

function runOf({ fault, firstWrongMs }: Story, outcome: Outcome): Run {
  if (fault === undefined || firstWrongMs === undefined) return { outcome };
  return { outcome, unseenMs: firstWrongMs - fault.beginMs };
}

/** How far back an alarm looks, and two periods more for what CloudWatch fetches beyond. */
function windowMs(definition: AlarmDefinition): number {
  if ("alarmRule" in definition) return 0;
  const { periodSeconds, metrics = [], evaluationPeriods } = definition;
  const longest = metrics.map(({ metricStat, periodSeconds: own }) => metricStat?.periodSeconds ?? own ?? 0);
  return Math.max(periodSeconds ?? 0, ...longest) * (evaluationPeriods + 2) * 1000;
}
