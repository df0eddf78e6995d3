import {
  AlarmError,
  alarmNameOf,
  type AlarmHome,
  type AlarmState,
  type AlarmStatus,
  isComposite,
  type Transition,
} from "@wrist-agent/cloudwatch/alarm";
import { orderForPut } from "@wrist-agent/cloudwatch/alarms/alarm-limits";
import { Alarms } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { EvaluatedDatapoint } from "@wrist-agent/cloudwatch/alarms/state-reason";
import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";
import type { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { alarmNotificationSubject } from "@wrist-agent/cloudwatch/notifications/alarm-notification";
import { shortestPeriod } from "./alarm-metrics.ts";
import {
  alarmChildren,
  isSameHome,
  type TemplateAlarm,
  type TemplateMuteRule,
  type UnusableAlarm,
} from "./template-alarms.ts";

/** A change of an alarm's state. Times are epoch milliseconds. */
export interface StateChange {
  readonly alarm: TemplateAlarm;
  readonly atMs: number;
  readonly state: AlarmState;
  readonly reason: string;
}

/** A message about an alarm that goes out to an SNS topic. */
export interface SentMail {
  readonly alarm: TemplateAlarm;
  readonly atMs: number;
  readonly state: AlarmState;
  readonly subject: string;
}

/** An alarm that could not be evaluated, and why. */
export interface SimulationFailure {
  readonly alarmName: string;
  readonly atMs: number;
  readonly message: string;
}

/** What a simulation runs on. */
export interface SimulationInput {
  readonly alarms: readonly TemplateAlarm[];
  readonly muteRules: readonly TemplateMuteRule[];
  /** The data of a Region; everything is in it before the first evaluation. */
  readonly store: (home: AlarmHome) => MetricStore;
  /** Epoch milliseconds: when the alarms are created. */
  readonly startMs: number;
  /** Slots that each evaluation reads, instead of the engine's table. */
  readonly evaluationRange?: number;
  /** States before the first evaluation. */
  readonly initial?: readonly { readonly alarm: TemplateAlarm; readonly state: AlarmState }[];
}

/** The alarms of one account and Region. */
interface Room {
  readonly home: AlarmHome;
  readonly engine: Alarms;
  readonly byName: ReadonlyMap<string, TemplateAlarm>;
}

/** Alarms of several Regions, evaluated minute by minute over data that are already there. */
export class Simulation {
  readonly changes: StateChange[] = [];
  readonly mails: SentMail[] = [];
  /** Alarms that CloudWatch would refuse, in its own words. */
  readonly invalid: UnusableAlarm[] = [];
  /** Ten seconds as soon as one alarm is that fast. */
  readonly stepMs: number;
  readonly #rooms: readonly Room[];
  readonly #refused: TemplateAlarm[] = [];

  constructor(input: SimulationInput) {
    this.stepMs = shortestPeriod(input.alarms.map(({ definition }) => definition)) < 60 ? 10_000 : 60_000;
    this.#rooms = homesOf(input.alarms).map((home) => this.#room(home, input));
    for (const { alarm, state } of input.initial ?? [])
      if (this.isRunning(alarm))
        this.#roomOf(alarm)?.engine.setInitialState(alarm.definition.alarmName, state);
  }

  /** Evaluates every alarm that is due. */
  evaluate(nowMs: number): void {
    for (const room of this.#rooms)
      for (const change of room.engine.evaluate(nowMs)) this.#record(room, change, nowMs);
  }

  /** The first alarm that cannot be evaluated. */
  failure(nowMs: number): SimulationFailure | undefined {
    for (const { engine } of this.#rooms) {
      const [failure] = engine.failures();
      if (failure === undefined) continue;
      const { alarmName, error } = failure;
      return { alarmName, atMs: nowMs, message: error instanceof Error ? error.message : String(error) };
    }
    return undefined;
  }

  /** Whether an alarm was created. */
  isRunning(alarm: TemplateAlarm): boolean {
    return this.status(alarm) !== undefined;
  }

  /** How an alarm stands; `undefined` for one that was not created. */
  status(alarm: TemplateAlarm): AlarmStatus | undefined {
    return this.#roomOf(alarm)?.engine.find(alarm.definition.alarmName)?.status;
  }

  /** The points that an alarm's last evaluation saw, newest first. */
  evaluatedDatapoints(alarm: TemplateAlarm): readonly EvaluatedDatapoint[] {
    return this.#roomOf(alarm)?.engine.evaluatedDatapoints(alarm.definition.alarmName) ?? [];
  }

  #roomOf(alarm: TemplateAlarm): Room | undefined {
    return this.#rooms.find(({ home }) => isSameHome(home, alarm));
  }

  #room(home: AlarmHome, input: SimulationInput): Room {
    const { evaluationRange: slots, startMs } = input;
    const engine = new Alarms({
      ...home,
      readSeries: readSeriesFrom(input.store(home)),
      // Everything is in the store before the first minute.
      revision: () => 0,
      ...(slots === undefined ? {} : { evaluationRange: (_period, periods) => Math.max(slots, periods) }),
    });
    const own = input.alarms.filter((alarm) => isSameHome(alarm, home));
    const byName = this.#put(engine, own, startMs);
    for (const mute of input.muteRules.filter((each) => isSameHome(each, home))) this.#mute(engine, mute);
    return { home, engine, byName };
  }

  /** Puts alarms one after the other, as CloudFormation does: one that is refused stops no other here. */
  #put(
    engine: Alarms,
    alarms: readonly TemplateAlarm[],
    startMs: number,
  ): ReadonlyMap<string, TemplateAlarm> {
    const byName = new Map<string, TemplateAlarm>();
    for (const definition of orderForPut(alarms.map((alarm) => alarm.definition))) {
      const alarm = alarms.find((each) => each.definition === definition);
      if (alarm === undefined || this.#waitsForInvalid(alarm)) continue;
      try {
        const refusal = alreadyExists(alarm, byName);
        if (refusal !== undefined) throw new AlarmError("ValidationError", refusal);
        engine.put(definition, startMs);
        byName.set(definition.alarmName, alarm);
      } catch (error) {
        if (!(error instanceof AlarmError)) throw error;
        this.#refused.push(alarm);
        this.invalid.push({ ...alarm, reason: error.message });
      }
    }
    return byName;
  }

  /** A composite of an alarm that is refused is not created either, and says nothing new. */
  #waitsForInvalid(alarm: TemplateAlarm): boolean {
    const refused = this.#refused.filter((each) => isSameHome(each, alarm));
    const missing = refused.map(({ definition }) => definition.alarmName);
    return alarmChildren(alarm.definition).some((name) => missing.includes(name));
  }

  #mute(engine: Alarms, mute: TemplateMuteRule): void {
    const { rule } = mute;
    try {
      engine.putMuteRule({ ...rule, alarmNames: rule.alarmNames.map(alarmNameOf) });
    } catch (error) {
      if (!(error instanceof AlarmError)) throw error;
      this.invalid.push({ ...mute, reason: error.message });
    }
  }

  #record({ home, byName }: Room, change: Transition, atMs: number): void {
    const { alarmName, state, stateReason: reason } = change.current;
    const alarm = byName.get(alarmName);
    if (alarm === undefined) return;
    if (change.released === undefined) this.changes.push({ alarm, atMs, state, reason });
    if (!change.actions.some((arn) => /^arn:aws[a-z-]*:sns:/.test(arn))) return;
    this.mails.push({ alarm, atMs, state, subject: alarmNotificationSubject(change, home) });
  }
}

function homesOf(alarms: readonly TemplateAlarm[]): readonly AlarmHome[] {
  const homes = new Map(
    alarms.map(({ accountId, region }) => [`${accountId}/${region}`, { accountId, region }]),
  );
  return [...homes.values()];
}

/**
 * What is said of a second alarm of the same name: by CloudFormation, or by CloudWatch when the kinds differ.
 */
function alreadyExists(
  { definition }: TemplateAlarm,
  byName: ReadonlyMap<string, TemplateAlarm>,
): string | undefined {
  const { alarmName } = definition;
  const other = byName.get(alarmName);
  if (other === undefined) return undefined;
  if (isComposite(other.definition) !== isComposite(definition))
    return `AlarmName [${alarmName}] is already used by another alarm of a different type`;
  const type = isComposite(definition) ? "AWS::CloudWatch::CompositeAlarm" : "AWS::CloudWatch::Alarm";
  return `Resource of type '${type}' with identifier '${alarmName}' already exists.`;
}
