import { h, type ComponentChild } from "preact";
import { hashOf, SECTIONS, type Section } from "./route.ts";

/** What each section is called. */
export const TITLES: Readonly<Record<Section, string>> = {
  dashboards: "Dashboards",
  alarms: "Alarms",
  requests: "Requests",
  inbox: "Inbox",
  setup: "Setup",
};

/** How many of something a section holds. */
export interface Count {
  readonly count: number;
  /** What they are, where it is not plain. */
  readonly word?: string;
  /** `alarm` and `new` ask for attention. */
  readonly kind: "plain" | "new" | "alarm";
}

interface Props {
  readonly current: Section;
  readonly counts: Partial<Readonly<Record<Section, Count>>>;
}

/** The way to each section. */
export function SectionNav({ current, counts }: Props): ComponentChild {
  const link = (section: Section): ComponentChild => {
    const count = counts[section];
    const isCurrent = section === current;
    return h(
      "a",
      { key: section, href: hashOf({ section }), "aria-current": isCurrent ? "page" : undefined },
      [TITLES[section], count === undefined ? null : h(Chip, count)],
    );
  };
  return h("nav", { class: "sections", "aria-label": "Sections" }, SECTIONS.map(link));
}

function Chip({ count, word, kind }: Count): ComponentChild {
  const words = word === undefined ? null : h("span", { class: "count-word" }, ` ${word}`);
  return h("span", { class: `count count-${kind}` }, [count, words]);
}
