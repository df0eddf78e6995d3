import { h, type ComponentChild } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { AlarmRow } from "../../server/wire.ts";
import { AlarmHistory } from "../alarms/alarm-history.ts";
import { AlarmLink } from "../alarms/alarm-link.ts";
import { byUrgency } from "../alarms/alarm-order.ts";
import { SeverityBadge, StateBadge } from "../alarms/badges.ts";
import { severityOf } from "../alarms/severity.ts";
import { LinkedText } from "../words/text-views.ts";
import { When } from "../words/when.ts";

interface Props {
  readonly alarms: readonly AlarmRow[];
  readonly selected: string | undefined;
  readonly nowMs: number;
  readonly stage: string;
}

/** Every alarm, the most urgent first; those in ALARM and the chosen one are open. */
export function AlarmsSection({ alarms, selected, nowMs, stage }: Props): ComponentChild {
  if (alarms.length === 0)
    return h("p", { class: "empty" }, "No alarms: the synthesised monitoring stack defines none.");
  const isKnown = selected === undefined || alarms.some(({ alarmName }) => alarmName === selected);
  const card = (alarm: AlarmRow): ComponentChild =>
    h(AlarmCard, { key: alarm.alarmName, alarm, isSelected: alarm.alarmName === selected, nowMs, stage });
  return h("div", { class: "cards" }, [
    isKnown ? null : h("p", { class: "notice" }, `There is no alarm ${selected} in the templates now.`),
    [...alarms].sort(byUrgency).map(card),
  ]);
}

interface CardProps {
  readonly alarm: AlarmRow;
  readonly isSelected: boolean;
  readonly nowMs: number;
  readonly stage: string;
}

function AlarmCard({ alarm, isSelected, nowMs, stage }: CardProps): ComponentChild {
  const summary = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isSelected) comeTo(summary.current);
  }, [isSelected]);
  const { state, alarmName, sinceMs } = alarm;
  return h("article", { class: `card alarm state-${state}${isSelected ? " selected" : ""}` }, [
    h("details", { open: isSelected || state === "ALARM" }, [
      h("summary", { ref: summary }, [
        h(StateBadge, { state }),
        h("h3", null, alarmName),
        h(SeverityBadge, { severity: severityOf(alarm) }),
        h("span", { class: "hint" }, ["since ", h(When, { timeMs: sinceMs, nowMs })]),
      ]),
      h(AlarmBody, { alarm, nowMs, stage }),
    ]),
  ]);
}

/** The reader followed a link to the alarm: it comes into view, and the keyboard goes on from there. */
function comeTo(element: HTMLElement | null): void {
  element?.closest(".card")?.scrollIntoView({ block: "start" });
  element?.focus({ preventScroll: true });
}

/** Characters of a web address in a description; the query of a log link goes on for a page. */
const MOST_OF_ADDRESS = 70;

function AlarmBody({ alarm, nowMs, stage }: Omit<CardProps, "isSelected">): ComponentChild {
  const { condition, stateReason, description, stackName, topics, causes, history } = alarm;
  const facts: readonly (readonly [string, ComponentChild])[] = [
    ["Why", stateReason],
    ["Condition", h("code", null, condition)],
    ...(causes === undefined ? [] : [["Can be raised by", linksTo(causes, stage)] as const]),
    ["Tells", topics.length === 0 ? "no topic" : topics.join(", ")],
    ["Stack", stackName],
  ];
  const text = description.trim();
  return h("div", { class: "alarm-body" }, [
    text === "" ? null : h("p", { class: "prose" }, h(LinkedText, { text, mostOfAddress: MOST_OF_ADDRESS })),
    h(
      "dl",
      null,
      facts.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]),
    ),
    history.length === 0 ? null : [h("h4", null, "History"), h(AlarmHistory, { history, nowMs })],
  ]);
}

function linksTo(names: readonly string[], stage: string): ComponentChild {
  return names.map((alarmName, i) => [
    i === 0 ? "" : ", ",
    h(AlarmLink, { key: alarmName, alarmName, stage }),
  ]);
}
