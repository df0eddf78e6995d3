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
  page: ["page", "Tells the topic that pages"],
  ticket: ["ticket", "Tells the topic of tickets"],
  mail: ["mail", "Tells its topics"],
  none: ["tells nobody", "Has no topic of its own to tell"],
};

/** Whom an alarm wakes. */
export function SeverityBadge({ severity }: { readonly severity: Severity }): ComponentChild {
  const [word, meaning] = SEVERITY_LABELS[severity];
  return h("span", { class: `severity severity-${severity}`, title: meaning }, word);
}

interface AlarmLinkProps {
  readonly alarmName: string;
  /** Left out of the name. */
  readonly stage: string;
}

/** An alarm's short name, which leads to the alarm and tells its whole name. */
export function AlarmLink({ alarmName, stage }: AlarmLinkProps): ComponentChild {
  const href = routeHash({ section: "alarms", item: alarmName });
  const short = nameWithoutStage(alarmName, stage);
  return h("a", { href, title: alarmName, ...(short !== alarmName && { "aria-label": alarmName }) }, short);
}
