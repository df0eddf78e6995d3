import type { AlarmRow } from "../../server/wire.ts";

/** Whom an alarm wakes: `page` at once, `ticket` in the morning, `mail` whoever reads its topic, `none` nobody. */
export type Severity = "page" | "ticket" | "mail" | "none";

/** How the project's topics end: one for each severity. */
const ENDINGS = ["page", "ticket"] as const;

const RANK: Readonly<Record<Severity, number>> = { page: 0, ticket: 1, mail: 2, none: 3 };

/** The highest severity among the topics that an alarm tells. */
export function severityOf({ topics }: Pick<AlarmRow, "topics">): Severity {
  const ending = ENDINGS.find((end) => topics.some((topic) => topic === end || topic.endsWith(`-${end}`)));
  return ending ?? (topics.length === 0 ? "none" : "mail");
}

/** Orders severities, the highest first. */
export function bySeverity(a: Severity, b: Severity): number {
  return RANK[a] - RANK[b];
}
