import { randomUUID } from "node:crypto";

import type { Alarms } from "../../cloudwatch/alarm/alarms.ts";
import { alarmNotification } from "../../cloudwatch/alarm/notification.ts";
import type { Transition } from "../../cloudwatch/alarm-definition.ts";
import { alarmLambdaEvent } from "../../cloudwatch/message/lambda-event.ts";
import type { JournalEntry } from "../../journal/entry.ts";
import type { Subscribers } from "../../mail/action-targets.ts";
import type { Delivery } from "../../mail/delivery.ts";
import { runActions } from "../../mail/post-office.ts";
import type { CloudWatchRegion } from "./cloud-watch-region.ts";

/** What the desk needs of the running system. */
export interface AlarmDeskPorts {
  readonly regions: readonly CloudWatchRegion[];
  readonly subscribers: Subscribers;
  /** Writes an entry down and applies it. */
  readonly record: (entry: JournalEntry) => void;
  /** Invokes a function; nobody waits for it. */
  readonly deliver: (delivery: Delivery) => void;
}

/** What is already written down of a Region's alarms. */
interface Written {
  readonly alarms: Map<string, string>;
  lastHistory: object | undefined;
}

/** A change of a Region's alarms, with the transitions that it causes. */
export type AlarmChange = (alarms: Alarms) => readonly Transition[];

/** Evaluates and changes the alarms, runs their actions, and writes down whatever changed. */
export class AlarmDesk {
  readonly #ports: AlarmDeskPorts;
  readonly #written = new Map<CloudWatchRegion, Written>();

  /** Takes the state that the alarms have now for written down: it comes from the journal. */
  constructor(ports: AlarmDeskPorts) {
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
    return this.#ports.regions.flatMap((region) => this.#settle(region, region.evaluate(nowMs), nowMs));
  }

  /** Makes a change that somebody asked for. */
  change(region: CloudWatchRegion, act: AlarmChange, nowMs: number): void {
    this.#settle(region, act(region.alarms), nowMs);
  }

  /** Writes down what changed without an evaluation: alarms that were put or deleted. */
  writeChanges(nowMs: number): void {
    for (const region of this.#ports.regions) this.#writeChanges(region, nowMs);
  }

  #settle(
    region: CloudWatchRegion,
    transitions: readonly Transition[],
    nowMs: number,
  ): readonly Transition[] {
    for (const transition of transitions) this.#act(region, transition, nowMs);
    this.#writeChanges(region, nowMs);
    return transitions;
  }

  /** Mails are written down before the state: a kill in between repeats a mail instead of losing it. */
  #act(region: CloudWatchRegion, transition: Transition, nowMs: number): void {
    const { subscribers, record, deliver } = this.#ports;
    const textOf = (change: Transition) => alarmNotification(change, region.home);
    const eventOf = (change: Transition) => alarmLambdaEvent(change, region.home, randomUUID());
    for (const outcome of runActions(transition, { subscribers, textOf, eventOf }, nowMs)) {
      for (const mail of outcome.mails) record({ kind: "mail", atMs: nowMs, mail });
      const { actionArn, message: publishedMessage, error } = outcome;
      const action = { actionArn, publishedMessage, ...(error !== undefined && { error }) };
      region.alarms.recordAction(transition.current.alarmName, action, nowMs);
      outcome.deliveries.forEach(deliver);
    }
  }

  #writeChanges(region: CloudWatchRegion, nowMs: number): void {
    const written = this.#written.get(region);
    if (written === undefined) return;
    const snapshot = region.alarms.snapshot();
    const alarms = snapshot.alarms.filter((alarm) => {
      const text = JSON.stringify(alarm);
      const isNew = written.alarms.get(alarm.definition.alarmName) !== text;
      written.alarms.set(alarm.definition.alarmName, text);
      return isNew;
    });
    const names = new Set(snapshot.alarms.map(({ definition }) => definition.alarmName));
    const deleted = [...written.alarms.keys()].filter((name) => !names.has(name));
    for (const name of deleted) written.alarms.delete(name);
    const seen = snapshot.history.findLastIndex((item) => item === written.lastHistory);
    const history = snapshot.history.slice(seen + 1);
    written.lastHistory = snapshot.history.at(-1);
    if (alarms.length + deleted.length + history.length === 0) return;
    const gone = deleted.length > 0 ? { deleted } : {};
    this.#ports.record({
      kind: "alarms",
      atMs: nowMs,
      region: region.home.region,
      alarms,
      ...gone,
      history,
    });
  }
}
