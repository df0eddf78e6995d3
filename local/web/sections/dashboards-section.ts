import { h, type ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { readApi, type Live } from "../state/live.ts";
import { nameWithoutStage } from "../format/text.ts";
import { Widget } from "../widgets/widget.ts";
import { routeHash, RANGES, rangeOfSeconds, type RangeName, type Route } from "../state/route.ts";
import type { DashboardView } from "../state/live.ts";

interface DashboardsSectionProps {
  readonly live: Live;
  readonly route: Route;
}

/** One dashboard on its grid, with the choice of dashboards and time ranges. */
export function DashboardsSection({ live, route }: DashboardsSectionProps): ComponentChild {
  const names = live.overview?.dashboards ?? [];
  const name = route.item ?? names[0];
  const loaded = useDashboard(name, route.range, live.turn);
  if (name === undefined)
    return h(
      "p",
      { class: "empty" },
      "The templates hold no dashboard: synthesise a stage whose monitoring has one.",
    );
  const shownRange = route.range ?? viewRange(loaded.view);
  const stage = live.overview?.stage ?? "";
  const tab = (label: string, to: Route, isCurrent: boolean): ComponentChild =>
    h(
      "a",
      {
        key: label,
        href: routeHash(to),
        title: to.range === undefined ? to.item : undefined,
        "aria-current": isCurrent ? "true" : undefined,
      },
      label,
    );
  const ranges = Object.keys(RANGES) as RangeName[];
  return h("div", null, [
    h("div", { class: "toolbar" }, [
      h("nav", { class: "chips", "aria-label": "Dashboards" }, [
        names.map((one) =>
          tab(nameWithoutStage(one, stage), { section: "dashboards", item: one }, one === name),
        ),
      ]),
      h("nav", { class: "chips", "aria-label": "Time range" }, [
        ranges.map((range) => tab(range, { ...route, item: name, range }, range === shownRange)),
      ]),
    ]),
    loaded.error === undefined ? null : h("p", { class: "notice", role: "alert" }, loaded.error),
    loaded.view === undefined ? null : h(Grid, { view: loaded.view, stage }),
  ]);
}

interface LoadedDashboard {
  readonly view?: DashboardView;
  readonly error?: string;
}

function viewRange(view: DashboardView | undefined): RangeName | undefined {
  return view === undefined ? undefined : rangeOfSeconds(Math.round((view.endMs - view.startMs) / 1000));
}

function useDashboard(name: string | undefined, range: RangeName | undefined, turn: number): LoadedDashboard {
  const [loaded, setLoaded] = useState<LoadedDashboard>({});
  useEffect(() => {
    if (name === undefined) return undefined;
    let isCurrent = true;
    const asked = range === undefined ? "" : `&range=${RANGES[range]}`;
    readApi("/api/dashboard", `?name=${encodeURIComponent(name)}${asked}`).then(
      (view) => isCurrent && setLoaded({ view }),
      // Without a connection the last view stays: the top of the page says that it is old.
      (cause: unknown) =>
        isCurrent && !(cause instanceof TypeError) && setLoaded({ error: (cause as Error).message }),
    );
    return () => (isCurrent = false);
  }, [name, range, turn]);
  return loaded;
}

function Grid({ view, stage }: { readonly view: DashboardView; readonly stage: string }): ComponentChild {
  const ordered = [...view.widgets].sort((a, b) => a.place.y - b.place.y || a.place.x - b.place.x);
  return h("div", null, [
    view.notices.map((notice) => h("p", { class: "notice", key: notice }, notice)),
    h(
      "div",
      { class: "grid" },
      ordered.map((widget, i) => h(Widget, { key: `${view.name} ${i}`, widget, view, stage })),
    ),
  ]);
}
