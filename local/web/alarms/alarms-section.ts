import { type ComponentChild, h } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { AlarmRow, Mail } from "../../server/wire.ts";
import { SeverityBadge, StateBadge, alarmSeverity, compareUrgency } from "../format/alarm-urgency.ts";
import { nameWithoutStage } from "../format/text.ts";
import { Timestamp } from "../format/time.ts";
import { replaceRoute, type Route } from "../state/route.ts";
import { AlarmBody } from "./alarm-body.ts";

interface AlarmsSectionProps {
  readonly alarms: readonly AlarmRow[];
  readonly mails: readonly Mail[];
  readonly route: Route;
  readonly nowMs: number;
  readonly stage: string;
  /** Counts what may change an opened alarm. */
  readonly changes: number;
}

/** Every alarm, the most urgent first; those in ALARM and the chosen one are open. */
export function AlarmsSection({ alarms, route, ...shared }: AlarmsSectionProps): ComponentChild {
  if (alarms.length === 0)
    return h("p", { class: "empty" }, "No alarms: the synthesised monitoring stack defines none.");
  const { item } = route;
  const isKnown = item === undefined || alarms.some(({ alarmName }) => alarmName === item);
  const card = (alarm: AlarmRow): ComponentChild =>
    h(AlarmCard, { key: alarm.alarmName, alarm, alarms, route, ...shared });
  return h("div", { class: "cards" }, [
    isKnown ? null : h("p", { class: "notice" }, `There is no alarm ${item} in the templates now.`),
    [...alarms].sort(compareUrgency).map(card),
  ]);
}

interface AlarmCardProps extends AlarmsSectionProps {
  readonly alarm: AlarmRow;
}

function AlarmCard(props: AlarmCardProps): ComponentChild {
  const { alarm, route, nowMs } = props;
  const { state, alarmName, sinceMs } = alarm;
  const isSelected = route.item === alarmName;
  const card = useRef<HTMLElement>(null);
  const [isOpen, setOpen] = useState(isSelected || state === "ALARM");
  useEffect(() => {
    if (isSelected || state === "ALARM") setOpen(true);
  }, [isSelected, state]);
  useEffect(() => {
    // The reader followed a link to it: it comes into view, and the keyboard goes on from there.
    if (isSelected && !card.current?.contains(document.activeElement)) revealCard(card.current);
  }, [isSelected]);
  const toggle = (event: Event): void => {
    event.preventDefault();
    setOpen(!isOpen);
    const { item: _item, range: _range, ...others } = route;
    replaceRoute(isOpen ? others : { ...others, item: alarmName });
  };
  return h("article", { class: `card alarm state-${state}${isSelected ? " selected" : ""}`, ref: card }, [
    h("details", { open: isOpen }, [
      h("summary", { onClick: toggle }, [
        h(StateBadge, { state }),
        h("h3", null, h(WholeName, { alarmName, stage: props.stage })),
        h(SeverityBadge, { severity: alarmSeverity(alarm) }),
        h("span", { class: "hint" }, ["since ", h(Timestamp, { timeMs: sinceMs, nowMs })]),
      ]),
      isOpen ? h(AlarmBody, props) : null,
    ]),
  ]);
}

/**
 * Its whole name, of which the part that tells it from others stands out; on a phone that part alone is seen.
 */
function WholeName({
  alarmName,
  stage,
}: {
  readonly alarmName: string;
  readonly stage: string;
}): ComponentChild {
  const short = nameWithoutStage(alarmName, stage);
  const shared = alarmName.slice(0, alarmName.length - short.length);
  return [shared === "" ? null : h("span", { class: "shared-name" }, shared), short];
}

function revealCard(card: HTMLElement | null): void {
  card?.scrollIntoView({ block: "start" });
  card?.querySelector("summary")?.focus({ preventScroll: true });
}
