import { type ComponentChild, h } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Headline } from "./headline.ts";
import { AlarmsSection } from "./sections/alarms-section.ts";
import { DashboardsSection } from "./sections/dashboards-section.ts";
import { InboxSection } from "./sections/inbox-section.ts";
import { RequestsSection } from "./sections/requests-section.ts";
import { SetupSection } from "./sections/setup-section.ts";
import { type Live, useLive } from "./state/live.ts";
import { type ReadMails, useReadMails } from "./state/read-mails.ts";
import { readRoute, type Route, routeHash, type Section, SECTIONS } from "./state/route.ts";

/** What each section is called. */
const SECTION_TITLES: Readonly<Record<Section, string>> = {
  dashboards: "Dashboards",
  alarms: "Alarms",
  requests: "Requests",
  inbox: "Inbox",
  setup: "Setup",
};

/** How many of something a section holds. */
interface SectionCount {
  readonly count: number;
  /** What they are, where it is not plain. */
  readonly word?: string;
  /** `alarm` and `new` ask for attention. */
  readonly kind: "plain" | "new" | "alarm";
}

interface SectionNavProps {
  readonly current: Section;
  readonly counts: Partial<Readonly<Record<Section, SectionCount>>>;
}

/** The way to each section. */
function SectionNav({ current, counts }: SectionNavProps): ComponentChild {
  const link = (section: Section): ComponentChild => {
    const count = counts[section];
    const isCurrent = section === current;
    return h(
      "a",
      { key: section, href: routeHash({ section }), "aria-current": isCurrent ? "page" : undefined },
      [SECTION_TITLES[section], count === undefined ? null : h(CountChip, count)],
    );
  };
  return h("nav", { class: "sections", "aria-label": "Sections" }, SECTIONS.map(link));
}

function CountChip({ count, word, kind }: SectionCount): ComponentChild {
  const words = word === undefined ? null : h("span", { class: "count-word" }, ` ${word}`);
  return h("span", { class: `count count-${kind}` }, [count, words]);
}

const CLOCK_REFRESH_MS = 15_000;

/** The whole page. */
export function App(): ComponentChild {
  const live = useLive();
  const route = useRoute();
  const readMails = useReadMails(live.mails);
  const unread = readMails.unread.size;
  const nowMs = useBrowserTime() + live.clockOffsetMs;
  const { section } = route;
  const title = section === "inbox" && unread > 0 ? `Inbox, ${unread} unread` : SECTION_TITLES[section];
  return h("div", { class: "page" }, [
    h("a", { class: "skip", href: "#main", onClick: skipToMain }, "Skip to content"),
    h("header", null, [
      h(Headline, { live, nowMs, unread }),
      h(Banners, { live }),
      h(SectionNav, { current: section, counts: sectionCounts(live, unread) }),
    ]),
    h("main", { id: "main", tabIndex: -1 }, [
      h("h2", { class: "hidden" }, title),
      live.overview === undefined
        ? h("p", { class: "empty" }, "Loading…")
        : h(Body, { live, route, readMails, nowMs }),
    ]),
    h("footer", null, timeZoneText(Intl.DateTimeFormat().resolvedOptions().timeZone)),
  ]);
}

function timeZoneText(zone: string): string {
  return `Times are in your zone, ${zone}${zone === "UTC" ? "" : "; UTC is told on hover"}.`;
}

interface BodyProps {
  readonly live: Live;
  readonly route: Route;
  readonly readMails: ReadMails;
  readonly nowMs: number;
}

function Banners({ live: { overview } }: Pick<BodyProps, "live">): ComponentChild {
  if (overview?.model !== "scripted") return null;
  const { kind, rate } = overview.fault;
  return h("div", { class: "banners" }, [
    h("p", { class: "banner" }, "Answers come from a stand-in, not from a model."),
    kind === "off"
      ? null
      : h(
          "p",
          { class: "banner fault-active", role: "status" },
          `Fault active: ${kind} on ${Math.round(rate * 100)} % of requests.`,
        ),
  ]);
}

function sectionCounts(live: Live, unread: number): Partial<Record<Section, SectionCount>> {
  const raised = live.alarms.filter((alarm) => alarm.state === "ALARM").length;
  return {
    alarms:
      raised > 0
        ? { count: raised, word: "in ALARM", kind: "alarm" }
        : { count: live.alarms.length, kind: "plain" },
    inbox:
      unread > 0
        ? { count: unread, word: "unread", kind: "new" }
        : { count: live.mails.length, kind: "plain" },
  };
}

function Body({ live, route, readMails, nowMs }: BodyProps): ComponentChild {
  const { overview } = live;
  if (overview === undefined) return null;
  const bodies: Readonly<Record<Section, () => ComponentChild>> = {
    dashboards: () => h(DashboardsSection, { live, route }),
    alarms: () =>
      h(AlarmsSection, { alarms: live.alarms, selected: route.item, nowMs, stage: overview.stage }),
    requests: () => h(RequestsSection, { requests: live.requests, columns: overview.requestColumns, nowMs }),
    inbox: () =>
      h(InboxSection, { mails: live.mails, readMails, selected: route.item, nowMs, stage: overview.stage }),
    setup: () => h(SetupSection, { overview, nowMs }),
  };
  return bodies[route.section]();
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location.hash));
  useEffect(() => {
    const follow = (): void => setRoute(readRoute(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return route;
}

function useBrowserTime(): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), CLOCK_REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}

/** The hash is the route, so the link may not follow its own. */
function skipToMain(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
