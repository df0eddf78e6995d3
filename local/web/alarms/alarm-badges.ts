import { type ComponentChild, h } from "preact";
import { nameWithoutStage } from "../format/text.ts";
import type { AlarmState } from "../state/live.ts";
import { routeHash } from "../state/route.ts";
import type { Severity } from "./urgency.ts";

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
