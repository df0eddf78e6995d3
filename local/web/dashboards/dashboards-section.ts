import { h, type ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { dashboardTitle, nameWithoutStage } from "../format/text.ts";
import { clockTime, isUtc, lengthText, secondTime } from "../format/time.ts";
import {
  type DashboardChoice,
  type LoadedDashboard,
  readAhead,
  useDashboard,
} from "../state/dashboard-reader.ts";
import type { DashboardView, Live } from "../state/live.ts";
import {
  goTo,
  RANGES,
  type RangeName,
  rangeOfSeconds,
  type Route,
  routeHash,
  type Span,
} from "../state/route.ts";
import { gridRows, Widget } from "./widget.ts";

interface DashboardsSectionProps {
  readonly live: Live;
  readonly route: Route;
  readonly nowMs: number;
}

/** One dashboard on its grid, with the choice of dashboards and time ranges. */
export function DashboardsSection({ live, route, nowMs }: DashboardsSectionProps): ComponentChild {
  const names = live.overview?.dashboards ?? [];
  const name = route.item ?? names[0];
  const [isPaused, setPaused] = useState(false);
  const loaded = useDashboard(choiceOf(route, name), live.changes.dashboard, isPaused);
  if (name === undefined)
    return h(
      "p",
      { class: "empty" },
      "The templates hold no dashboard: synthesise a stage whose monitoring has one.",
    );
  const here: Route = { ...route, section: "dashboards", item: name };
  const stage = live.overview?.stage ?? "";
  const view = loaded.view?.name === name ? loaded.view : undefined;
  const isLost = live.disconnectedSinceMs !== undefined;
  return h("div", { class: loaded.isLoading ? "loading" : "", "aria-busy": loaded.isLoading }, [
    h("div", { class: "toolbar" }, [
      h(DashboardTabs, { names, here, stage }),
      h("div", { class: "tools" }, [
        h(AsOf, { loaded, nowMs, isPaused, span: here.span, isLost }),
        h(
          "button",
          { type: "button", "aria-pressed": isPaused, onClick: () => setPaused(!isPaused) },
          isPaused ? "Resume" : "Pause",
        ),
        h(RangeTabs, { here, view, before: loaded.view, nowMs }),
      ]),
    ]),
    loaded.error === undefined ? null : h("p", { class: "notice", role: "alert" }, loaded.error),
    view !== undefined
      ? h(Grid, { view, here, stage, alarms: live.alarms })
      : loaded.error === undefined &&
        h("p", { class: "empty" }, waitingText(dashboardTitle(name, stage), isLost)),
  ]);
}

function waitingText(title: string, isLost: boolean): string {
  return isLost
    ? `The local runtime does not answer: ${title} is drawn as soon as it does.`
    : `Drawing ${title}…`;
}

function choiceOf(route: Route, name: string | undefined): DashboardChoice | undefined {
  return name === undefined ? undefined : { name, ...spanOf(route) };
}

function spanOf({ range, span }: Route): Omit<DashboardChoice, "name"> {
  if (span !== undefined)
    return { rangeSeconds: Math.round((span.toMs - span.fromMs) / 1000), endMs: span.toMs };
  return { rangeSeconds: range === undefined ? undefined : RANGES[range] };
}

/** Begins to read the dashboard that a page opens on. */
export function readOpened(route: Route): void {
  if (route.section === "dashboards") readAhead({ name: route.item, ...spanOf(route) });
}

interface TabProps {
  readonly label: string;
  readonly to: Route;
  readonly isCurrent: boolean;
  readonly title?: string | undefined;
}

function Tab({ label, to, isCurrent, title }: TabProps): ComponentChild {
  return h("a", { href: routeHash(to), title, "aria-current": isCurrent ? "true" : undefined }, label);
}

interface DashboardTabsProps {
  readonly names: readonly string[];
  readonly here: Route;
  readonly stage: string;
}

/** The range stays when another dashboard is chosen. */
function DashboardTabs({ names, here, stage }: DashboardTabsProps): ComponentChild {
  const { widget: _widget, ...kept } = here;
  const titles = names.map((name) => dashboardTitle(name, stage));
  // Those of several Regions are told apart by it.
  const isTold = new Set(titles).size === names.length;
  return h("nav", { class: "chips", "aria-label": "Dashboards" }, [
    names.map((name, i) =>
      h(Tab, {
        key: name,
        label: (isTold ? titles[i] : undefined) ?? nameWithoutStage(name, stage),
        to: { ...kept, item: name },
        isCurrent: name === here.item,
        title: name,
      }),
    ),
  ]);
}

interface RangeTabsProps {
  readonly here: Route;
  readonly view: DashboardView | undefined;
  /** What was shown last: while another dashboard is drawn, the form stays where it is. */
  readonly before: DashboardView | undefined;
  readonly nowMs: number;
}

/** What the form begins with where nothing was shown yet. */
const FIRST_SPAN_MS = 3 * 3_600_000;

function RangeTabs({ here, view, before = view, nowMs }: RangeTabsProps): ComponentChild {
  const { span, range: asked, ...rest } = here;
  const shown = span === undefined ? (asked ?? rangeOfView(view)) : undefined;
  const tab = (range: RangeName): ComponentChild =>
    h(Tab, { key: range, label: range, to: { ...rest, range }, isCurrent: range === shown });
  const own = span === undefined && shown === undefined && view !== undefined;
  return [
    h("nav", { class: "chips", "aria-label": "Time range" }, [
      (Object.keys(RANGES) as RangeName[]).map(tab),
      // A dashboard may open on a range that is not on offer, as one of a month does.
      own ? h(Tab, { label: lengthText(view.endMs - view.startMs), to: rest, isCurrent: true }) : null,
    ]),
    h(SpanForm, {
      span: { fromMs: before?.startMs ?? nowMs - FIRST_SPAN_MS, toMs: before?.endMs ?? nowMs },
      isCustom: span !== undefined,
      choose: (chosen: Span) => goTo({ ...rest, span: chosen }),
    }),
  ];
}

function rangeOfView(view: DashboardView | undefined): RangeName | undefined {
  return view === undefined ? undefined : rangeOfSeconds(Math.round((view.endMs - view.startMs) / 1000));
}

interface AsOfProps {
  readonly loaded: LoadedDashboard;
  readonly nowMs: number;
  readonly isPaused: boolean;
  /** One of the reader's own, which ends when it ends. */
  readonly span: Span | undefined;
  readonly isLost: boolean;
}

/** Older than this the drawing says its age. */
const FRESH_MS = 15_000;

/** When the drawing was made, and how old it is as soon as that matters. */
function AsOf({ loaded: { view, isLoading }, nowMs, isPaused, span, isLost }: AsOfProps): ComponentChild {
  if (isLoading && !isLost) return h("span", { class: "hint as-of", role: "status" }, "Drawing…");
  if (view === undefined) return null;
  if (span !== undefined) return h("span", { class: "hint as-of" }, `Up to ${secondTime(view.endMs, nowMs)}`);
  const ageMs = nowMs - view.endMs;
  const age = ageMs < FRESH_MS ? "" : `, ${lengthText(ageMs)} ago`;
  const state = isPaused ? "Paused, as of" : "As of";
  return h(
    "span",
    { class: "hint as-of" },
    `${state} ${secondTime(Math.min(view.endMs, nowMs), nowMs)}${age}`,
  );
}

interface GridProps {
  readonly view: DashboardView;
  readonly here: Route;
  readonly stage: string;
  readonly alarms: Live["alarms"];
}

function Grid({ view, here, stage, alarms }: GridProps): ComponentChild {
  const { widgets, startMs, endMs } = view;
  const { widget: alone, range: _range, ...rest } = here;
  const order = widgets.map((_widget, i) => i).sort((a, b) => comparePlaces(widgets[a], widgets[b]));
  const shown = alone === undefined || widgets[alone] === undefined ? order : [alone];
  const isAlone = shown.length === 1 && shown[0] === alone;
  const { widget: _alone, ...whole } = here;
  const onZoom = (fromMs: number, toMs: number): void =>
    goTo({
      ...rest,
      ...(isAlone && { widget: alone }),
      span: { fromMs, toMs: Math.max(toMs, fromMs + 60_000) },
    });
  return h("div", null, [
    view.notices.map((notice) => h("p", { class: "notice", key: notice }, notice)),
    here.span === undefined ? null : h(ZoomNotice, { here, span: here.span, nowMs: endMs }),
    h(
      "div",
      { class: isAlone ? "alone" : "grid", style: isAlone ? {} : { gridTemplateRows: gridRows(widgets) } },
      shown.map((at) => {
        const widget = widgets[at];
        if (widget === undefined) return null;
        const enlargeHref = routeHash(isAlone ? whole : { ...here, widget: at });
        return h(Widget, {
          key: `${view.name} ${at}`,
          widget,
          startMs,
          endMs,
          stage,
          alarms,
          enlargeHref,
          isAlone,
          onZoom,
        });
      }),
    ),
  ]);
}

function comparePlaces(a: DashboardView["widgets"][number] | undefined, b: typeof a): number {
  return (a?.place.y ?? 0) - (b?.place.y ?? 0) || (a?.place.x ?? 0) - (b?.place.x ?? 0);
}

interface ZoomNoticeProps {
  readonly here: Route;
  readonly span: Span;
  readonly nowMs: number;
}

/** Which span is shown, and the ways out of it: twice as wide, or back to now. */
function ZoomNotice({ here, span: { fromMs, toMs }, nowMs }: ZoomNoticeProps): ComponentChild {
  const half = (toMs - fromMs) / 2;
  const wider = { fromMs: Math.round(fromMs - half), toMs: Math.round(toMs + half) };
  const { span: _span, ...live } = here;
  return h("p", { class: "zoom" }, [
    `${clockTime(fromMs, nowMs)} to ${clockTime(toMs, nowMs)} `,
    h("a", { href: routeHash({ ...here, span: wider }) }, "Zoom out"),
    " ",
    h("a", { href: routeHash(live) }, "Back to now"),
  ]);
}

interface SpanFormProps {
  readonly span: Span;
  /** Whether the span is one that the reader has chosen. */
  readonly isCustom: boolean;
  readonly choose: (span: Span) => void;
}

/** Two moments to choose a span of one's own. */
function SpanForm({ span, isCustom, choose }: SpanFormProps): ComponentChild {
  const [problem, setProblem] = useState("");
  // As it was when the form was opened: a refresh of the dashboard takes nothing back that is typed.
  const [begun, setBegun] = useState(span);
  const toggle = (event: Event): void => {
    if ((event.target as HTMLDetailsElement).open) setBegun(span);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const [from, to] = ["from", "to"].map((name) =>
      parseMoment((form.elements.namedItem(name) as HTMLInputElement).value),
    );
    if (from === undefined || to === undefined || to - from < 60_000)
      setProblem("Give two times at least a minute apart.");
    else {
      setProblem("");
      form.closest("details")?.removeAttribute("open");
      choose({ fromMs: from, toMs: to });
    }
  };
  const field = (name: "from" | "to", timeMs: number): ComponentChild =>
    h("label", null, [
      `${name === "from" ? "From" : "To"} `,
      h("input", {
        type: "datetime-local",
        name,
        step: 1,
        required: true,
        defaultValue: momentText(timeMs),
        key: timeMs,
      }),
    ]);
  return h("details", { class: "custom-span popover", onToggle: toggle }, [
    h("summary", { "aria-current": isCustom ? "true" : undefined }, "Custom"),
    h("form", { onSubmit: submit }, [
      field("from", begun.fromMs),
      field("to", begun.toMs),
      h("button", { type: "submit" }, "Show"),
      h("p", { role: "status" }, problem),
    ]),
  ]);
}

/** `2026-11-22T18:04:11` in the zone that the page shows. */
function momentText(timeMs: number): string {
  const shifted = isUtc() ? timeMs : timeMs - new Date(timeMs).getTimezoneOffset() * 60_000;
  return new Date(shifted).toISOString().slice(0, 19);
}

function parseMoment(text: string): number | undefined {
  const timeMs = Date.parse(isUtc() ? `${text}Z` : text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
