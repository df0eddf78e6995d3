import { type ComponentChild, h } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { AlarmRow } from "../../server/wire.ts";
import { AlarmLink, SeverityBadge, StateBadge } from "../alarms/alarm-badges.ts";
import { alarmSeverity, compareUrgency } from "../alarms/urgency.ts";
import { LinkedText } from "../format/text-views.ts";
import { durationText, Timestamp } from "../format/time.ts";
import type { AlarmState } from "../state/live.ts";

interface AlarmsSectionProps {
  readonly alarms: readonly AlarmRow[];
  readonly selected: string | undefined;
  readonly nowMs: number;
  readonly stage: string;
}

/** Every alarm, the most urgent first; those in ALARM and the chosen one are open. */
export function AlarmsSection({ alarms, selected, nowMs, stage }: AlarmsSectionProps): ComponentChild {
  if (alarms.length === 0)
    return h("p", { class: "empty" }, "No alarms: the synthesised monitoring stack defines none.");
  const isKnown = selected === undefined || alarms.some(({ alarmName }) => alarmName === selected);
  const card = (alarm: AlarmRow): ComponentChild =>
    h(AlarmCard, { key: alarm.alarmName, alarm, isSelected: alarm.alarmName === selected, nowMs, stage });
  return h("div", { class: "cards" }, [
    isKnown ? null : h("p", { class: "notice" }, `There is no alarm ${selected} in the templates now.`),
    [...alarms].sort(compareUrgency).map(card),
  ]);
}

interface AlarmCardProps {
  readonly alarm: AlarmRow;
  readonly isSelected: boolean;
  readonly nowMs: number;
  readonly stage: string;
}

function AlarmCard({ alarm, isSelected, nowMs, stage }: AlarmCardProps): ComponentChild {
  const summary = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isSelected) revealCard(summary.current);
  }, [isSelected]);
  const { state, alarmName, sinceMs } = alarm;
  return h("article", { class: `card alarm state-${state}${isSelected ? " selected" : ""}` }, [
    h("details", { open: isSelected || state === "ALARM" }, [
      h("summary", { ref: summary }, [
        h(StateBadge, { state }),
        h("h3", null, alarmName),
        h(SeverityBadge, { severity: alarmSeverity(alarm) }),
        h("span", { class: "hint" }, ["since ", h(Timestamp, { timeMs: sinceMs, nowMs })]),
      ]),
      h(AlarmBody, { alarm, nowMs, stage }),
    ]),
  ]);
}

/** The reader followed a link to the alarm: it comes into view, and the keyboard goes on from there. */
function revealCard(element: HTMLElement | null): void {
  element?.closest(".card")?.scrollIntoView({ block: "start" });
  element?.focus({ preventScroll: true });
}

/** Characters of a web address in a description; the query of a log link goes on for a page. */
const MAX_ADDRESS_LENGTH = 70;

function AlarmBody({ alarm, nowMs, stage }: Omit<AlarmCardProps, "isSelected">): ComponentChild {
  const { condition, stateReason, description, stackName, topics, causes, history } = alarm;
  const facts: readonly (readonly [string, ComponentChild])[] = [
    ["Why", stateReason],
    ["Condition", h("code", null, condition)],
    ...(causes === undefined ? [] : [["Can be raised by", alarmLinks(causes, stage)] as const]),
    ["Tells", topics.length === 0 ? "no topic" : topics.join(", ")],
    ["Stack", stackName],
  ];
  const text = description.trim();
  return h("div", { class: "alarm-body" }, [
    text === ""
      ? null
      : h("p", { class: "prose" }, h(LinkedText, { text, mostOfAddress: MAX_ADDRESS_LENGTH })),
    h(
      "dl",
      null,
      facts.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]),
    ),
    history.length === 0 ? null : [h("h4", null, "History"), h(AlarmHistory, { history, nowMs })],
  ]);
}

function alarmLinks(names: readonly string[], stage: string): ComponentChild {
  return names.map((alarmName, i) => [
    i === 0 ? "" : ", ",
    h(AlarmLink, { key: alarmName, alarmName, stage }),
  ]);
}

interface AlarmHistoryProps {
  readonly history: AlarmRow["history"];
  readonly nowMs: number;
}

/** What happened to an alarm, newest first. */
function AlarmHistory({ history, nowMs }: AlarmHistoryProps): ComponentChild {
  const lines = parseHistory(history);
  return h("ol", { class: "history" }, [
    lines.map((line, i) =>
      h("li", { key: lines.length - i }, [
        h("span", { class: "history-time" }, h(Timestamp, { timeMs: line.timeMs, nowMs })),
        h("span", null, historyText(line)),
      ]),
    ),
  ]);
}

function historyText(line: HistoryLine): ComponentChild {
  switch (line.kind) {
    case "change": {
      const lasted =
        line.lastedMs === undefined ? " until now" : ` for ${durationText(line.lastedMs) ?? "seconds"}`;
      return [h(StateBadge, { state: line.from }), " to ", h(StateBadge, { state: line.to }), lasted];
    }
    case "told":
      return line.done ? `told ${line.name}` : h("strong", null, `could not tell ${line.name}`);
    case "other":
      return line.text;
  }
}

type HistoryItem = AlarmRow["history"][number];

/** A line of an alarm's history. */
type HistoryLine =
  | {
      readonly kind: "change";
      readonly timeMs: number;
      readonly from: AlarmState;
      readonly to: AlarmState;
      /** How long it stayed so; missing while it still does. */
      readonly lastedMs?: number;
    }
  /** An action of a change; the topic's name stands for its ARN. */
  | { readonly kind: "told"; readonly timeMs: number; readonly done: boolean; readonly name: string }
  | { readonly kind: "other"; readonly timeMs: number; readonly text: string };

const STATE_CHANGE = /^Alarm updated from (OK|ALARM|INSUFFICIENT_DATA) to (OK|ALARM|INSUFFICIENT_DATA)$/;
const ACTION_RESULT =
  /^(Successfully executed|Failed to execute) action (?:arn:[^:]*:[^:]*:[^:]*:[^:]*:)?(.+)$/;

/** CloudWatch's history of an alarm, newest first, as lines that say how long each state lasted. */
export function parseHistory(history: readonly HistoryItem[]): readonly HistoryLine[] {
  let nextChangeMs: number | undefined;
  return history.map((item) => {
    const line = parseHistoryItem(item, nextChangeMs);
    if (line.kind === "change") nextChangeMs = item.timeMs;
    return line;
  });
}

function parseHistoryItem({ timeMs, summary }: HistoryItem, nextChangeMs: number | undefined): HistoryLine {
  const change = STATE_CHANGE.exec(summary);
  if (change !== null) {
    const [from, to] = [change[1] as AlarmState, change[2] as AlarmState];
    return {
      kind: "change",
      timeMs,
      from,
      to,
      ...(nextChangeMs !== undefined && { lastedMs: nextChangeMs - timeMs }),
    };
  }
  const action = ACTION_RESULT.exec(summary);
  if (action === null) return { kind: "other", timeMs, text: summary };
  return { kind: "told", timeMs, done: action[1] === "Successfully executed", name: action[2] ?? "" };
}
