import { h, type ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { AlarmsSection } from "./sections/alarms-section.ts";
import { DashboardsSection } from "./sections/dashboards-section.ts";
import { InboxSection } from "./sections/inbox-section.ts";
import { useLive, type Live } from "./live.ts";
import { RequestsSection } from "./sections/requests-section.ts";
import { hashOf, readRoute, SECTIONS, type Route, type Section } from "./route.ts";
import { SetupSection } from "./sections/setup-section.ts";
import { stateSentence } from "./words/state-sentence.ts";
import { ago, clockTime } from "./words/time.ts";

const TITLES: Readonly<Record<Section, string>> = {
  dashboards: "Dashboards",
  alarms: "Alarms",
  requests: "Requests",
  inbox: "Inbox",
  setup: "Setup",
};
const TICK_MS = 15_000;

/** The whole page. */
export function App(): ComponentChild {
  const live = useLive();
  const route = useRoute();
  const nowMs = useBrowserTime() + live.clockOffsetMs;
  return h("div", { class: "page" }, [
    h("a", { class: "skip", href: "#main", onClick: skipToMain }, "Skip to content"),
    h("header", null, [h(Headline, { live, nowMs }), h(Banners, { live }), h(Sections, { live, route })]),
    h("main", { id: "main", tabIndex: -1 }, [
      h("h2", { class: "hidden" }, TITLES[route.section]),
      live.overview === undefined ? h("p", { class: "empty" }, "Loading…") : h(Body, { live, route, nowMs }),
    ]),
    h("footer", null, `Times are in your zone, ${Intl.DateTimeFormat().resolvedOptions().timeZone}.`),
  ]);
}

interface Props {
  readonly live: Live;
  readonly route: Route;
  readonly nowMs: number;
}

function Headline({ live, nowMs }: Omit<Props, "route">): ComponentChild {
  const { level, text, sinceMs } = headline(live, nowMs);
  useEffect(() => {
    document.title = `${level === "alarm" ? "ALARM · " : ""}Wrist Agent ${live.overview?.stage ?? ""}`.trim();
  }, [level, live.overview?.stage]);
  const where =
    live.overview === undefined ? "" : `${live.overview.stage} · ${live.overview.region} · on this machine`;
  return h("div", { class: `headline level-${level}` }, [
    h("h1", null, ["Wrist Agent ", h("span", { class: "hint" }, where)]),
    h("p", { class: "sentence" }, [
      h("span", { role: "status", id: "state" }, text),
      sinceMs === undefined ? null : h("span", { class: "since" }, ` (${ago(sinceMs, nowMs)})`),
    ]),
  ]);
}

function headline(live: Live, nowMs: number): ReturnType<typeof stateSentence> {
  const sinceMs = live.disconnectedSinceMs;
  if (sinceMs !== undefined)
    return {
      level: "unsure",
      text: `Disconnected since ${clockTime(sinceMs, nowMs)}: the local runtime does not answer; what is below is from before`,
      sinceMs,
    };
  if (live.overview === undefined) return { level: "unsure", text: "Asking the local runtime…" };
  return stateSentence(live.alarms, nowMs, live.overview.stage);
}

function Banners({ live: { overview } }: Pick<Props, "live">): ComponentChild {
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

function Sections({ live, route }: Omit<Props, "nowMs">): ComponentChild {
  const raised = live.alarms.filter((alarm) => alarm.state === "ALARM").length;
  const notes: Partial<Record<Section, string>> = {
    alarms: raised > 0 ? `${raised} in ALARM` : `${live.alarms.length}`,
    inbox: `${live.mails.length}`,
  };
  const link = (section: Section): ComponentChild =>
    h(
      "a",
      {
        key: section,
        href: hashOf({ section }),
        "aria-current": section === route.section ? "page" : undefined,
      },
      [TITLES[section], notes[section] === undefined ? null : h("span", { class: "count" }, notes[section])],
    );
  return h("nav", { class: "sections", "aria-label": "Sections" }, SECTIONS.map(link));
}

function Body({ live, route, nowMs }: Props): ComponentChild {
  const { overview } = live;
  if (overview === undefined) return null;
  const bodies: Readonly<Record<Section, () => ComponentChild>> = {
    dashboards: () => h(DashboardsSection, { live, route }),
    alarms: () => h(AlarmsSection, { alarms: live.alarms, selected: route.item, nowMs }),
    requests: () => h(RequestsSection, { requests: live.requests, columns: overview.requestColumns, nowMs }),
    inbox: () => h(InboxSection, { mails: live.mails, selected: route.item, nowMs }),
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
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}

/** The hash is the route, so the link may not follow its own. */
function skipToMain(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
