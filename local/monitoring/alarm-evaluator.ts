import { randomUUID } from "node:crypto";
import type { Transition } from "@wrist-agent/cloudwatch/alarm";
import type { Alarms } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { Cancel, Clock } from "@wrist-agent/cloudwatch/clock";
import { alarmNotification } from "@wrist-agent/cloudwatch/notifications/alarm-notification";
import { alarmLambdaEvent } from "@wrist-agent/cloudwatch/notifications/lambda-event";
import type { JournalEntry } from "../journal/journal-entry.ts";
import type { Subscribers } from "./alarm-actions.ts";
import type { CloudWatchRegion } from "./cloudwatch-region.ts";
import { firstFailureOf, type JudgedRequest } from "./first-failure.ts";
import { sentEntries } from "./message-queues.ts";
import { type FunctionEvent, runAlarmActions } from "./sns-publisher.ts";
import { AwsError } from "../server/aws/service.ts";

/** What the alarmEvaluator needs of the running system. */
interface AlarmEvaluatorPorts {
  readonly regions: readonly CloudWatchRegion[];
  readonly subscribers: Subscribers;
  /** Writes entries down, all or none, and applies them; false when they could not be written down. */
  readonly record: (...entries: readonly JournalEntry[]) => boolean;
  /** Invokes a function; nobody waits for it. */
  readonly deliver: (delivery: FunctionEvent) => void;
  /** Dates the fault behind a mail; mails say nothing of it when missing. */
  readonly requestsJudged?: () => readonly JudgedRequest[];
}

/** What is already written down of a Region's alarms. */
interface RecordedAlarms {
  readonly alarms: Map<string, string>;
  lastHistory: object | undefined;
}

/** What the actions of a transition came to. */
interface Acted {
  /** Mails, and messages for queues. */
  readonly sent: readonly JournalEntry[];
  readonly deliveries: readonly FunctionEvent[];
}

/** A change of a Region's alarms, with the transitions that it causes. */
type AlarmChange = (alarms: Alarms) => readonly Transition[];

/** Evaluates and changes the alarms, runs their actions, and writes down whatever changed. */
export class AlarmEvaluator {
  readonly #ports: AlarmEvaluatorPorts;
  readonly #written = new Map<CloudWatchRegion, RecordedAlarms>();

  /** Takes the state that the alarms have now for written down: it comes from the journal. */
  constructor(ports: AlarmEvaluatorPorts) {
    this.#ports = ports;
    for (const region of ports.regions) {
      const { alarms, history } = region.alarms.snapshot();
      const texts = alarms.map((alarm): [string, string] => [
        alarm.definition.alarmName,
        JSON.stringify(alarm),
      ]);
      this.#written.set(region, { alarms: new Map(texts), lastHistory: history.at(-1) });
    }
  }

  /** Evaluates every alarm that is due, and gives the changes. */
  evaluate(nowMs: number): readonly Transition[] {
    return this.#ports.regions.flatMap((region) => {
      const transitions = region.evaluate(nowMs);
      this.#settle(region, transitions, nowMs);
      return transitions;
    });
  }

  /** Makes a change that somebody asked for, and says so to them when it could not be written down. */
  change(region: CloudWatchRegion, act: AlarmChange, nowMs: number): void {
    const { isKept } = this.#settle(region, act(region.alarms), nowMs);
    if (!isKept) throw new NotKeptError();
  }

  /** Writes down what changed without an evaluation: alarms that were put or deleted. */
  recordChanges(nowMs: number): void {
    const entries = this.#ports.regions.flatMap((region) => this.#changes(region, nowMs));
    if (entries.length > 0) this.#ports.record(...entries);
  }

  /** Mails are written down in one piece with the states: no kill loses or repeats one. */
  #settle(
    region: CloudWatchRegion,
    transitions: readonly Transition[],
    nowMs: number,
  ): { readonly isKept: boolean } {
    const acted = transitions.map((transition) => this.#act(region, transition, nowMs));
    const sent = acted.flatMap((one) => one.sent);
    const entries = [...sent, ...this.#changes(region, nowMs)];
    const isKept = entries.length === 0 || this.#ports.record(...entries);
    for (const { deliveries } of acted) deliveries.forEach(this.#ports.deliver);
    return { isKept };
  }

  /** Runs the actions of a transition as far as they leave a trace in the alarms. */
  #act(region: CloudWatchRegion, transition: Transition, nowMs: number): Acted {
    const { subscribers, requestsJudged } = this.#ports;
    const dated = requestsJudged && firstFailureOf(transition, region, requestsJudged);
    const textOf = (change: Transition) => alarmNotification(change, region.home);
    const eventOf = (change: Transition) => alarmLambdaEvent(change, region.home, randomUUID());
    const outcomes = runAlarmActions(transition, { subscribers, textOf, eventOf }, nowMs);
    for (const outcome of outcomes) {
      const { actionArn, message: publishedMessage, error } = outcome;
      const action = { actionArn, publishedMessage, ...(error !== undefined && { error }) };
      region.alarms.recordAction(transition.current.alarmName, action, nowMs);
    }
    const mails = outcomes
      .flatMap((outcome) => outcome.mails)
      .map((mail) => ({ kind: "mail", atMs: nowMs, mail: { ...mail, ...dated } }) as const);
    const queued = outcomes
      .flatMap((outcome) => outcome.queued)
      .flatMap(({ queueArn, message }) => sentEntries(queueArn, [message], nowMs));
    return {
      sent: [...mails, ...queued],
      deliveries: outcomes.flatMap(({ deliveries }) => deliveries),
    };
  }

  /** What is new of the alarms since it was last asked. */
  #changes(region: CloudWatchRegion, nowMs: number): readonly JournalEntry[] {
    const written = this.#written.get(region);
    if (written === undefined) return [];
    const touched = region.alarms.takeTouched();
    const alarms = touched.alarms.filter((alarm) => {
      const text = JSON.stringify(alarm);
      const isNew = written.alarms.get(alarm.definition.alarmName) !== text;
      written.alarms.set(alarm.definition.alarmName, text);
      return isNew;
    });
    const deleted = touched.gone.filter((name) => written.alarms.delete(name));
    const all = region.alarms.history();
    const seen = all.findLastIndex((item) => item === written.lastHistory);
    const history = all.slice(seen + 1);
    written.lastHistory = all.at(-1);
    if (alarms.length + deleted.length + history.length === 0) return [];
    const gone = deleted.length > 0 ? { deleted } : {};
    const of = region.home.region;
    return [{ kind: "alarms", atMs: nowMs, region: of, alarms, ...gone, history }];
  }
}

/** What is done as time goes by. */
interface EvaluationSchedule {
  readonly regions: readonly CloudWatchRegion[];
  readonly clock: Clock;
  /** Resolves when what should have reported by then has; gives when that was, if it was waited for. */
  readonly caughtUp: (dueMs: number) => Promise<number | undefined>;
  /** Evaluates every alarm that is due. */
  readonly evaluate: (dueMs: number) => void;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const MIN_PERIOD_MS = 10_000;

/**
 * Has the alarms evaluated by the minute, by ten seconds where one asks for it, and old data dropped by the
 * hour.
 */
export function startEvaluationScheduler({ regions, clock, caughtUp, evaluate }: EvaluationSchedule): Cancel {
  let minute = Math.floor(clock.now() / MINUTE_MS);
  let caughtUpMinute = -Infinity;
  let isStopped = false;
  const cancelTurns = clock.every(MIN_PERIOD_MS, async (dueMs) => {
    const caughtUpMs = await caughtUp(dueMs);
    if (isStopped) return;
    if (caughtUpMs !== undefined) caughtUpMinute = Math.floor(caughtUpMs / MINUTE_MS);
    const dueMinute = Math.floor(dueMs / MINUTE_MS);
    // Windows end with a whole minute: those of the minute in which something was made up for would take it
    // for missing.
    if (dueMinute <= caughtUpMinute) return;
    if (dueMinute === minute && !hasShortPeriods(regions)) return;
    minute = dueMinute;
    evaluate(dueMs);
  });
  const cancelRetention = clock.every(HOUR_MS, (dueMs) => regions.forEach((region) => region.retain(dueMs)));
  return () => {
    isStopped = true;
    cancelTurns();
    cancelRetention();
  };
}

/** Whether an alarm reads periods of 10, 20 or 30 seconds, which are evaluated every 10 seconds. */
function hasShortPeriods(regions: readonly CloudWatchRegion[]): boolean {
  return regions
    .flatMap(({ alarms }) => alarms.describe())
    .some(
      ({ definition }) =>
        !("alarmRule" in definition) &&
        [
          definition.periodSeconds,
          ...(definition.metrics ?? []).map(({ metricStat }) => metricStat?.periodSeconds),
        ].some((seconds) => seconds !== undefined && seconds < 60),
    );
}

/** What a client hears whose request could not be written down, on a full disk for instance. */
export class NotKeptError extends AwsError {
  constructor() {
    super("InternalFailure", "the local runtime could not write this down: its terminal says why", 500);
  }
}
