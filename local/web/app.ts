import { type ComponentChild, h } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { AlarmsSection } from "./alarms/alarms-section.ts";
import { DashboardsSection } from "./dashboards/dashboards-section.ts";
import { DocumentSection } from "./document-section.ts";
import { Banners } from "./fault-control.ts";
import { showUtc } from "./format/time.ts";
import { Headline } from "./headline.ts";
import { InboxSection } from "./inbox/inbox-section.ts";
import { type ReadMails, useReadMails } from "./inbox/read-mails.ts";
import { RequestsSection } from "./requests/requests-section.ts";
import { SetupSection } from "./setup-section.ts";
import { type Live, useLive } from "./state/live.ts";
import { readRoute, type Route, routeHash, type Section, SECTIONS } from "./state/route.ts";

/** What each section is called. */
const SECTION_TITLES: Readonly<Record<Section, string>> = {
  dashboards: "Dashboards",
  alarms: "Alarms",
  requests: "Requests",
  inbox: "Inbox",
  setup: "Setup",
  docs: "Document",
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

const CLOCK_REFRESH_MS = 1000;
const ZONE_KEY = "wrist-agent-utc";

/** The whole page. */
export function App(): ComponentChild {
  const route = useRoute();
  const live = useLive(route.section === "requests");
  const readMails = useReadMails(live.mails);
  const unread = readMails.unread.size;
  const nowMs = useBrowserTime() + live.clockOffsetMs;
  const [isUtc, setUtc] = useStoredFlag(ZONE_KEY);
  useClosingPopovers();
  showUtc(isUtc);
  const { section } = route;
  const { overview } = live;
  const title = section === "inbox" && unread > 0 ? `Inbox, ${unread} unread` : SECTION_TITLES[section];
  return h("div", { class: "page" }, [
    h("a", { class: "skip", href: "#main", onClick: skipToMain }, "Skip to content"),
    h("header", null, [
      h(Headline, { live, nowMs, unread }),
      overview === undefined ? null : h(Banners, { overview, nowMs }),
      h(SectionNav, { current: section, counts: sectionCounts(live, unread) }),
    ]),
    h("main", { id: "main", tabIndex: -1 }, [
      h("h2", { class: "hidden" }, title),
      overview === undefined
        ? h("p", { class: "empty" }, "Loading…")
        : h(Body, { live, route, readMails, nowMs }),
    ]),
    h(ZoneChoice, { isUtc, setUtc }),
  ]);
}

/** A form over the page is closed by Escape, which leads back to its button, and by a press anywhere else. */
function useClosingPopovers(): void {
  useEffect(() => {
    const opened = (): readonly HTMLDetailsElement[] => [
      ...document.querySelectorAll<HTMLDetailsElement>("details.popover[open]"),
    ];
    const onKey = ({ key }: KeyboardEvent): void => {
      if (key !== "Escape") return;
      for (const popover of opened()) {
        popover.open = false;
        popover.querySelector("summary")?.focus();
      }
    };
    const onPress = ({ target }: PointerEvent): void => {
      for (const popover of opened()) if (!popover.contains(target as Node)) popover.open = false;
    };
    addEventListener("keydown", onKey);
    addEventListener("pointerdown", onPress);
    return () => {
      removeEventListener("keydown", onKey);
      removeEventListener("pointerdown", onPress);
    };
  }, []);
}

interface ZoneChoiceProps {
  readonly isUtc: boolean;
  readonly setUtc: (isOn: boolean) => void;
}

/** In which zone times are, and the way to the other one, where there is another one. */
function ZoneChoice({ isUtc, setUtc }: ZoneChoiceProps): ComponentChild {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone === "UTC") return h("footer", null, "Times are in UTC.");
  return h("footer", null, [
    isUtc ? "Times are in UTC. " : `Times are in your zone, ${zone}; hover for UTC. `,
    h(
      "button",
      { type: "button", class: "quiet", onClick: () => setUtc(!isUtc) },
      isUtc ? "Show local time" : "Show UTC",
    ),
  ]);
}

/** A switch that the browser remembers, as far as it may. */
function useStoredFlag(key: string): readonly [boolean, (isOn: boolean) => void] {
  const [isOn, setOn] = useState(() => storage()?.getItem(key) === "1");
  return [
    isOn,
    (next) => {
      setOn(next);
      storage()?.setItem(key, next ? "1" : "0");
    },
  ];
}

/** A browser that keeps nothing for this site throws at the mere mention of its storage. */
function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

interface BodyProps {
  readonly live: Live;
  readonly route: Route;
  readonly readMails: ReadMails;
  readonly nowMs: number;
}

function sectionCounts(live: Live, unread: number): Partial<Record<Section, SectionCount>> {
  const raised = live.alarms.filter((alarm) => alarm.state === "ALARM").length;
  return {
    alarms:
      raised > 0
        ? { count: raised, word: "in ALARM", kind: "alarm" }
        : { count: live.alarms.length, kind: "plain" },
    // A number beside a mailbox is read as what is new in it.
    ...(unread > 0 && { inbox: { count: unread, word: "unread", kind: "new" } }),
  };
}

function Body({ live, route, readMails, nowMs }: BodyProps): ComponentChild {
  const { overview } = live;
  if (overview === undefined) return null;
  const bodies: Readonly<Record<Section, () => ComponentChild>> = {
    dashboards: () => h(DashboardsSection, { live, route, nowMs }),
    alarms: () =>
      h(AlarmsSection, {
        alarms: live.alarms,
        mails: live.mails,
        route,
        nowMs,
        stage: overview.stage,
        changes: live.changes.alarms + live.changes.dashboard,
      }),
    requests: () =>
      h(RequestsSection, { requests: live.requests, mails: live.mails, overview, route, nowMs }),
    inbox: () => h(InboxSection, { mails: live.mails, readMails, route, nowMs, stage: overview.stage }),
    setup: () => h(SetupSection, { overview, nowMs }),
    docs: () => h(DocumentSection, { path: route.item }),
  };
  return bodies[route.section]();
}

function useRoute(): Route {
  const [hash, setHash] = useState(() => location.hash);
  useEffect(() => {
    const follow = (): void => setHash(location.hash);
    addEventListener("hashchange", follow);
    // An effect runs after the page is drawn: whoever went elsewhere meanwhile was not heard.
    follow();
    return () => removeEventListener("hashchange", follow);
  }, []);
  return useMemo(() => readRoute(hash), [hash]);
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
