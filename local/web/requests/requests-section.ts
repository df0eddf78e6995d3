import { type ComponentChild, h } from "preact";
import { useMemo } from "preact/hooks";
import type { Mail, Overview, RequestRow } from "../../server/wire.ts";
import { secondTime } from "../format/time.ts";
import { type Filter, replaceRoute, type Route, routeHash } from "../state/route.ts";
import { AskForm } from "./ask-form.ts";
import { RequestCard } from "./request-detail.ts";
import {
  filterRequests,
  isSynthetic,
  lastHour,
  type ReadRole,
  requestKey,
  roleReader,
  roleValues,
} from "./request-facts.ts";
import { RequestTable } from "./request-table.ts";

interface RequestsSectionProps {
  readonly requests: readonly RequestRow[];
  readonly mails: readonly Mail[];
  readonly overview: Overview;
  readonly route: Route;
  readonly nowMs: number;
}

/**
 * The latest requests, newest first, each with what its log line says; those of the probe only if asked for.
 */
export function RequestsSection(props: RequestsSectionProps): ComponentChild {
  const { requests, mails, overview, route, nowMs } = props;
  const read = useMemo(() => roleReader(overview.requestColumns), [overview.requestColumns]);
  const { filter = {}, item } = route;
  const shown = useMemo(
    () => filterRequests(requests, filter, read),
    [requests, JSON.stringify(filter), read],
  );
  const people = useMemo(() => requests.filter((request) => !isSynthetic(request, read)), [requests, read]);
  const opened = requests.find((request) => requestKey(request) === item);
  const { item: _item, ...closed } = route;
  return h("div", { class: "requests-section" }, [
    h(AskForm, { modes: overview.askModes }),
    h(HourSparkline, { requests: people, nowMs }),
    h(Filters, { requests, route, read }),
    opened === undefined
      ? item !== undefined &&
        h("p", { class: "notice" }, "That request is not among the latest 1,000 any more.")
      : h(RequestCard, { request: opened, overview, mails, read, nowMs, closeHref: routeHash(closed) }),
    shown.length === 0
      ? h(NoRequests, { hidden: requests.length - people.length, total: requests.length })
      : h(RequestTable, { requests: shown, columns: overview.requestColumns, read, route, nowMs }),
  ]);
}

interface NoRequestsProps {
  /** Requests of the probe and of deployments. */
  readonly hidden: number;
  readonly total: number;
}

function NoRequests({ hidden, total }: NoRequestsProps): ComponentChild {
  if (total > hidden) return h("p", { class: "empty" }, "No request matches the filter.");
  return h("p", { class: "empty" }, [
    hidden === 0 ? "No requests yet. Run " : `Nobody has asked yet; ${hidden} of the probe are hidden. Run `,
    h("code", null, 'npm run cli -- ask "dentist friday at two" --mode event'),
    " or ask above.",
  ]);
}

interface FiltersProps {
  readonly requests: readonly RequestRow[];
  readonly route: Route;
  readonly read: ReadRole;
}

const CHOICES = ["outcome", "mode", "client"] as const;

/** Narrows the list by words, outcome, mode and client; the address of the page says how. */
function Filters({ requests, route, read }: FiltersProps): ComponentChild {
  const { filter = {} } = route;
  const set = (change: Filter): void => {
    const given = Object.entries({ ...filter, ...change }).filter(([, value]) => value !== "");
    replaceRoute({ ...route, filter: Object.fromEntries(given) });
  };
  const valueOf = (event: Event): string => (event.target as HTMLInputElement).value;
  const choice = (name: (typeof CHOICES)[number]): ComponentChild => {
    const values = new Set([
      ...roleValues(requests, name, read),
      ...(filter[name] === undefined ? [] : [filter[name]]),
    ]);
    const options = [...values].map((value) => h("option", { key: value, value }, value));
    return h("label", { key: name }, [
      h("span", { class: "hidden" }, name),
      h(
        "select",
        { value: filter[name] ?? "", onChange: (event: Event) => set({ [name]: valueOf(event) }) },
        [h("option", { value: "" }, `any ${name}`), options],
      ),
    ]);
  };
  const isShown = filter.probe === "shown";
  const showProbe = (): void => set({ probe: isShown ? "" : "shown" });
  return h("form", { class: "filters", role: "search", onSubmit: (event: Event) => event.preventDefault() }, [
    h("label", null, [
      h("span", { class: "hidden" }, "Search requests"),
      h("input", {
        type: "search",
        value: filter.q ?? "",
        placeholder: "Search",
        onInput: (event: Event) => set({ q: valueOf(event) }),
      }),
    ]),
    CHOICES.map(choice),
    h("label", { class: "check" }, [
      h("input", { type: "checkbox", checked: isShown, onChange: showProbe }),
      " probe and deployments",
    ]),
    filter.from === undefined
      ? null
      : h("button", { type: "button", onClick: () => set({ from: "", to: "" }) }, "Any time"),
  ]);
}

interface HourSparklineProps {
  readonly requests: readonly RequestRow[];
  readonly nowMs: number;
}

/** Requests of the last hour, a bar a minute. */
function HourSparkline({ requests, nowMs }: HourSparklineProps): ComponentChild {
  const minutes = lastHour(requests, nowMs);
  const most = Math.max(1, ...minutes.map(({ good, bad }) => good + bad));
  const [good, bad] = [
    minutes.reduce((sum, one) => sum + one.good, 0),
    minutes.reduce((sum, one) => sum + one.bad, 0),
  ];
  const words = `Last hour: ${good + bad} ${good + bad === 1 ? "request" : "requests"}, ${bad} failed or refused`;
  const bar = (minute: (typeof minutes)[number], i: number): ComponentChild => {
    const [high, low] = [(minute.good / most) * 28, (minute.bad / most) * 28];
    return h("g", { key: i }, [
      h("title", null, `${secondTime(minute.fromMs, nowMs)}: ${minute.good + minute.bad}`),
      h("rect", { x: i * 5, width: 4, y: 28 - low, height: low, class: "spark-bad" }),
      h("rect", { x: i * 5, width: 4, y: 28 - low - high, height: high, class: "spark-good" }),
    ]);
  };
  // A strip of nothing is a gap in the page: the words say it.
  if (good + bad === 0) return h("p", { class: "hint hour" }, "Last hour: no requests");
  return h("figure", { class: "hour" }, [
    h(
      "svg",
      { viewBox: "0 0 300 28", preserveAspectRatio: "none", role: "img", "aria-label": words },
      minutes.map(bar),
    ),
    h("figcaption", { class: "hint" }, words),
  ]);
}
