import { h, type ComponentChild } from "preact";
import type { AlarmState } from "../views.ts";
import type { Severity } from "./severity.ts";

/** A state in its colour, as CloudWatch spells it but for the underscore. */
export function StateBadge({ state }: { readonly state: AlarmState }): ComponentChild {
  return h("span", { class: `badge state-${state}` }, state.replace("_", " "));
}

const WORDS: Readonly<Record<Severity, readonly [word: string, meaning: string]>> = {
  page: ["page", "Tells the topic that pages"],
  ticket: ["ticket", "Tells the topic of tickets"],
  mail: ["mail", "Tells its topics"],
  none: ["tells nobody", "Has no topic of its own to tell"],
};

/** Whom an alarm wakes. */
export function SeverityBadge({ severity }: { readonly severity: Severity }): ComponentChild {
  const [word, meaning] = WORDS[severity];
  return h("span", { class: `severity severity-${severity}`, title: meaning }, word);
}
