import type { AlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import type { Detection } from "./detection.ts";
import { notifiedTopics, type RunResult, type TopicResult } from "./run-result.ts";
import {
  type DurationSpread,
  DurationCounts,
  type Interval,
  poissonInterval,
  wilsonInterval,
} from "./statistics.ts";

/**
 * How often something happened in so many tries, and between which limits its true share lies (95 %, Wilson).
 */
export interface Share extends Interval {
  readonly count: number;
  readonly of: number;
}

/** Happenings scaled to 30 days, and between which limits their true rate lies (95 %, Poisson). */
export interface MonthlyRate extends Interval {
  readonly in30Days: number;
}

/** What one alarm did over all runs of a scenario. */
export interface AlarmSummary {
  readonly alarmName: string;
  /** Runs in which it rose for the fault. */
  readonly detected: Share;
  /** From the fault's begin to ALARM; missing when it never rose for it. */
  readonly timeToDetect?: DurationSpread;
  /** The same from the first request that the fault touched; missing also where it touches none. */
  readonly timeToDetectFromFirstRequest?: DurationSpread;
  /** From the fault's end to OK; missing when it never came back. */
  readonly timeToRecover?: DurationSpread;
  /** Runs that detected the fault and ended without an all-clear. */
  readonly neverRecovered: number;
  /** Times in all runs that it said OK while the fault lasted. */
  readonly falseAllClears: number;
  readonly falsePositives: MonthlyRate;
}

/** What the mails to one topic were over all runs of a scenario. */
export interface TopicSummary {
  /** The last part of the ARN. */
  readonly topic: string;
  /** Runs with a mail about an ALARM once the fault had begun. */
  readonly notified: Share;
  readonly timeToNotify?: DurationSpread;
  /** Spans after the first of a fault that comes and goes; missing where it does not. */
  readonly laterSpansNotified?: Share;
  /** Mails of a run from the fault's begin on, OK included. */
  readonly mails: { readonly mean: number; readonly max: number };
  readonly falsePositives: MonthlyRate;
}

/** When somebody first heard of the fault, by whichever topic. */
export interface FirstNotification {
  readonly notified: Share;
  readonly timeToNotify?: DurationSpread;
  readonly timeToNotifyFromFirstRequest?: DurationSpread;
}

/** What all runs of one scenario gave. */
interface RunsSummary {
  readonly runs: number;
  readonly firstNotification: FirstNotification;
  /** In the order of their names. */
  readonly topics: readonly TopicSummary[];
  /** In the order of the templates. */
  readonly alarms: readonly AlarmSummary[];
  /** Metrics that alarms read and that no run published: those alarms saw no data. */
  readonly unpublished: readonly string[];
}

/** Adds runs up; what it keeps does not grow with their number. */
export class RehearsalCounts {
  readonly #days: number;
  readonly #alarms: readonly AlarmCounts[];
  readonly #topics = new Map<string, TopicCounts>();
  readonly #first = new NotificationCounts();
  #runs = 0;
  #unpublished: readonly string[] | undefined;

  constructor(definitions: readonly AlarmDefinition[], days: number) {
    this.#days = days;
    this.#alarms = definitions.map(({ alarmName }) => new AlarmCounts(alarmName));
    for (const arn of notifiedTopics(definitions)) this.#topics.set(arn, new TopicCounts());
  }

  add(result: RunResult): void {
    this.#runs += 1;
    result.alarms.forEach((detection, at) => this.#alarms[at]?.add(detection, result.untilFirstRequestMs));
    for (const [arn, topic] of Object.entries(result.topics)) this.#topicOf(arn).add(topic);
    this.#first.add(result.timeToNotifyMs, result.untilFirstRequestMs);
    this.#unpublished = (this.#unpublished ?? result.unpublished).filter((name) =>
      result.unpublished.includes(name),
    );
  }

  summary(): RunsSummary {
    const total = { runs: this.#runs, days: this.#days };
    const topics = [...this.#topics].map(([arn, counts]) => counts.summary(arn, total));
    return {
      runs: this.#runs,
      firstNotification: this.#first.summary(this.#runs),
      topics: topics.sort((a, b) => (a.topic < b.topic ? -1 : 1)),
      alarms: this.#alarms.map((counts) => counts.summary(total)),
      unpublished: this.#unpublished ?? [],
    };
  }

  #topicOf(arn: string): TopicCounts {
    const counts = this.#topics.get(arn) ?? new TopicCounts();
    this.#topics.set(arn, counts);
    return counts;
  }
}

interface Total {
  readonly runs: number;
  readonly days: number;
}

class AlarmCounts {
  readonly #alarmName: string;
  readonly #found = new DurationCounts();
  readonly #foundAfterRequest = new DurationCounts();
  readonly #recovered = new DurationCounts();
  #falseAllClears = 0;
  #falsePositives = 0;

  constructor(alarmName: string) {
    this.#alarmName = alarmName;
  }

  add(detection: Detection, untilFirstRequestMs: number | undefined): void {
    const { timeToDetectMs, timeToRecoverMs, falseAllClears, falsePositives } = detection;
    this.#falseAllClears += falseAllClears;
    this.#falsePositives += falsePositives;
    if (timeToDetectMs !== undefined) this.#found.add(timeToDetectMs);
    if (timeToDetectMs !== undefined && untilFirstRequestMs !== undefined)
      this.#foundAfterRequest.add(Math.max(0, timeToDetectMs - untilFirstRequestMs));
    if (timeToRecoverMs !== undefined) this.#recovered.add(timeToRecoverMs);
  }

  summary(total: Total): AlarmSummary {
    return {
      alarmName: this.#alarmName,
      detected: shareOf(this.#found.count, total.runs),
      ...spreadAs("timeToDetect", this.#found),
      ...spreadAs("timeToDetectFromFirstRequest", this.#foundAfterRequest),
      ...spreadAs("timeToRecover", this.#recovered),
      neverRecovered: this.#found.count - this.#recovered.count,
      falseAllClears: this.#falseAllClears,
      falsePositives: monthlyRate(this.#falsePositives, total),
    };
  }
}

class TopicCounts {
  readonly #notified = new DurationCounts();
  #mails = 0;
  #mostMails = 0;
  #falsePositives = 0;
  #laterSpans = 0;
  #laterSpansNotified = 0;

  add({ timeToNotifyMs, mails, falsePositives, laterSpans, laterSpansNotified }: TopicResult): void {
    if (timeToNotifyMs !== undefined) this.#notified.add(timeToNotifyMs);
    this.#mails += mails;
    this.#mostMails = Math.max(this.#mostMails, mails);
    this.#falsePositives += falsePositives;
    this.#laterSpans += laterSpans;
    this.#laterSpansNotified += laterSpansNotified;
  }

  summary(arn: string, total: Total): TopicSummary {
    return {
      topic: arn.slice(arn.lastIndexOf(":") + 1),
      notified: shareOf(this.#notified.count, total.runs),
      ...spreadAs("timeToNotify", this.#notified),
      ...(this.#laterSpans > 0 && {
        laterSpansNotified: shareOf(this.#laterSpansNotified, this.#laterSpans),
      }),
      mails: { mean: this.#mails / total.runs, max: this.#mostMails },
      falsePositives: monthlyRate(this.#falsePositives, total),
    };
  }
}

class NotificationCounts {
  readonly #notified = new DurationCounts();
  readonly #notifiedAfterRequest = new DurationCounts();

  add(timeToNotifyMs: number | undefined, untilFirstRequestMs: number | undefined): void {
    if (timeToNotifyMs === undefined) return;
    this.#notified.add(timeToNotifyMs);
    if (untilFirstRequestMs !== undefined)
      this.#notifiedAfterRequest.add(Math.max(0, timeToNotifyMs - untilFirstRequestMs));
  }

  summary(runs: number): FirstNotification {
    return {
      notified: shareOf(this.#notified.count, runs),
      ...spreadAs("timeToNotify", this.#notified),
      ...spreadAs("timeToNotifyFromFirstRequest", this.#notifiedAfterRequest),
    };
  }
}

function spreadAs<Name extends string>(
  name: Name,
  counts: DurationCounts,
): Partial<Readonly<Record<Name, DurationSpread>>> {
  const spread = counts.spread();
  const named: Partial<Record<Name, DurationSpread>> = {};
  if (spread !== undefined) named[name] = spread;
  return named;
}

function shareOf(count: number, of: number): Share {
  return { count, of, ...wilsonInterval(count, of) };
}

/** `count` over all runs, scaled to 30 days of one. */
function monthlyRate(count: number, { runs, days }: Total): MonthlyRate {
  const months = (runs * days) / 30;
  const { low, high } = poissonInterval(count);
  return { in30Days: count / months, low: low / months, high: high / months };
}

/** What a rehearsal was made with, by the name of the option: two are comparable where all of it is equal. */
export type RehearsalSettings = Readonly<Record<string, string | number>>;

/** What all runs of one scenario gave for one set of alarms: what `--json` prints and `--compare` reads. */
export interface RehearsalReport extends RunsSummary {
  readonly scenario: string;
  readonly description: string;
  /** 0 where nothing goes wrong. */
  readonly faultDurationMs: number;
  /** {@link REHEARSED}, or the name of the baseline that was rehearsed beside it. */
  readonly alarmSet: string;
  readonly settings: RehearsalSettings;
}

/** The set of alarms that a rehearsal is about, unlike its baselines. */
export const REHEARSED = "rehearsed";
