import { type ComponentChild, h } from "preact";
import type { AlarmRow } from "../../server/wire.ts";
import type { AlarmState } from "../state/live.ts";
import { routeHash } from "../state/route.ts";
import { nameWithoutStage } from "./text.ts";

/**
 * How urgent an alarm is by the topic that it notifies: `page`, `ticket`, `mail` for any other topic, `none`
 * without one.
 */
export type Severity = "page" | "ticket" | "mail" | "none";

/** How the project's topics end: one for each severity. */
const TOPIC_ENDINGS = ["page", "ticket"] as const;

const SEVERITY_RANK: Readonly<Record<Severity, number>> = { page: 0, ticket: 1, mail: 2, none: 3 };

/** The highest severity among the topics that an alarm notifies. */
export function alarmSeverity({ topics }: Pick<AlarmRow, "topics">): Severity {
  const ending = TOPIC_ENDINGS.find((end) =>
    topics.some((topic) => topic === end || topic.endsWith(`-${end}`)),
  );
  return ending ?? (topics.length === 0 ? "none" : "mail");
}

/** Orders severities, the highest first. */
function compareSeverity(a: Severity, b: Severity): number {
  return SEVERITY_RANK[a] - SEVERITY_RANK[b];
}

const STATE_RANK: Readonly<Record<AlarmRow["state"], number>> = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 };

/**
 * The order in which alarms need a reader: by state, then severity, then the longest in ALARM, then by name.
 */
export function compareUrgency(a: AlarmRow, b: AlarmRow): number {
  return (
    STATE_RANK[a.state] - STATE_RANK[b.state] ||
    compareSeverity(alarmSeverity(a), alarmSeverity(b)) ||
    (a.state === "ALARM" ? a.sinceMs - b.sinceMs : 0) ||
    a.alarmName.localeCompare(b.alarmName)
  );
}

/** An alarm in ALARM that no other one explains, and the raised alarms that it is raised by. */
export interface Incident {
  readonly alarm: AlarmRow;
  readonly causes: readonly AlarmRow[];
}

/** What is in ALARM, a composite standing for the alarms that raised it; the most urgent first. */
export function openIncidents(alarms: readonly AlarmRow[]): readonly Incident[] {
  const raised = alarms.filter(({ state }) => state === "ALARM").sort(compareUrgency);
  const causesOf = ({ causes = [], alarmName }: AlarmRow): readonly AlarmRow[] =>
    raised.filter((one) => one.alarmName !== alarmName && causes.includes(one.alarmName));
  const explained = new Set(raised.flatMap(causesOf));
  const first = raised.filter((alarm) => !explained.has(alarm));
  // Composites that name each other explain nothing: each then stands for itself.
  const shown = first.length > 0 ? first : raised;
  return shown
    .map((alarm) => ({ alarm, causes: causesOf(alarm) }))
    .sort((a, b) => compareUrgency(mostUrgent(a), mostUrgent(b)));
}

/** A page behind a ticket is a page: an incident is as urgent as the worst that it stands for. */
function mostUrgent({ alarm, causes }: Incident): AlarmRow {
  return [alarm, ...causes].reduce((worst, one) => (compareUrgency(one, worst) < 0 ? one : worst));
}

/** A state in its colour, as CloudWatch spells it but for the underscore. */
export function StateBadge({ state }: { readonly state: AlarmState }): ComponentChild {
  return h("span", { class: `badge state-${state}` }, state.replace("_", " "));
}

const SEVERITY_LABELS: Readonly<Record<Severity, readonly [word: string, meaning: string]>> = {
  page: ["page", "Notifies the topic of pages: act now"],
  ticket: ["ticket", "Notifies the topic of tickets: act within a day or two"],
  mail: ["mail", "Notifies its topics"],
  none: ["no action", "Notifies no topic of its own"],
};

/** How urgent an alarm is. */
export function SeverityBadge({ severity }: { readonly severity: Severity }): ComponentChild {
  const [word, meaning] = SEVERITY_LABELS[severity];
  return h("span", { class: `severity severity-${severity}`, title: meaning }, word);
}

interface AlarmLinkProps {
  readonly alarmName: string;
  /** Left out of the name. */
  readonly stage: string;
}

/** An alarm's short name, which leads to the alarm; its whole name on hover. */
export function AlarmLink({ alarmName, stage }: AlarmLinkProps): ComponentChild {
  const href = routeHash({ section: "alarms", item: alarmName });
  const short = nameWithoutStage(alarmName, stage);
  return h("a", { href, title: alarmName, ...(short !== alarmName && { "aria-label": alarmName }) }, short);
}
