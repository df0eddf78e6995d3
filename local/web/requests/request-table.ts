import { type ComponentChild, h } from "preact";
import { useRef, useState } from "preact/hooks";
import type { RequestColumn, RequestRow } from "../../server/wire.ts";
import { quantityText, shortNumber, titleWithoutUnit, unitOf } from "../format/quantity.ts";
import { bothTimes, secondTime, timeAgo } from "../format/time.ts";
import { replaceRoute, type Route, routeHash } from "../state/route.ts";
import { isSynthetic, type ReadRole, requestKey, requestPhases, requestResult } from "./request-facts.ts";

const ROW_HEIGHT = 34;
/** Rows that are drawn above and below what is seen. */
const SPARE_ROWS = 12;
const MAX_VISIBLE_ROWS = 18;

interface RequestTableProps {
  readonly requests: readonly RequestRow[];
  readonly columns: readonly RequestColumn[];
  readonly read: ReadRole;
  readonly route: Route;
  readonly nowMs: number;
}

/** As many rows as there are, of which only those near the view are drawn; arrow keys open the next one. */
export function RequestTable({ requests, columns, read, route, nowMs }: RequestTableProps): ComponentChild {
  const [top, setTop] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const shownColumns = columns.filter(({ isHidden }) => isHidden !== true);
  const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - SPARE_ROWS);
  const last = Math.min(requests.length, first + MAX_VISIBLE_ROWS + 2 * SPARE_ROWS);
  const heads = tableHeads(requests, shownColumns);
  const move = (event: KeyboardEvent): void => moveSelection(event, { requests, route, view: box.current });
  const spacer = (rows: number): ComponentChild =>
    rows === 0
      ? null
      : h(
          "tr",
          { "aria-hidden": "true", style: { height: `${rows * ROW_HEIGHT}px` } },
          h("td", { colSpan: heads.length }),
        );
  const follow = (event: Event): void => setTop((event.target as HTMLElement).scrollTop);
  return h(
    "div",
    {
      class: "scroll request-list",
      role: "region",
      "aria-label": "Latest requests",
      tabIndex: 0,
      ref: box,
      onScroll: follow,
      onKeyDown: move,
    },
    h("table", { class: "requests", "aria-rowcount": requests.length + 1 }, [
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          heads.map(({ text, isNumber, rank }) =>
            h("th", { scope: "col", key: text, class: `${rank}${isNumber ? " num" : ""}` }, text),
          ),
        ),
      ),
      h("tbody", null, [
        spacer(first),
        requests
          .slice(first, last)
          .map((request) =>
            h(RequestTableRow, { key: request.sequence, request, columns: shownColumns, read, route, nowMs }),
          ),
        spacer(requests.length - last),
      ]),
    ]),
  );
}

/**
 * How long a column stays where there is little room: `main` on a phone, `detail` on a tablet; the opened
 * request has all.
 */
type ColumnRank = "main" | "detail" | "minor";

interface TableHead {
  readonly text: string;
  /** Over numbers it stands at their edge. */
  readonly isNumber: boolean;
  readonly rank: ColumnRank;
}

const MINOR_ROLES: ReadonlySet<string> = new Set(["client", "attempts"]);

function columnRank({ role, label }: RequestColumn): ColumnRank {
  if (role === "mode" || role === "outcome") return "main";
  return label === "version" || MINOR_ROLES.has(role ?? "") ? "minor" : "detail";
}

/** Rows that say what a column holds; looking through a thousand would not say more. */
const SAMPLE_ROWS = 50;

function tableHeads(
  requests: readonly RequestRow[],
  columns: readonly RequestColumn[],
): readonly TableHead[] {
  const sample = requests.slice(0, SAMPLE_ROWS);
  return [
    { text: "time", isNumber: false, rank: "main" },
    { text: "request", isNumber: false, rank: "minor" },
    { text: "status", isNumber: true, rank: "main" },
    { text: "total", isNumber: true, rank: "main" },
    { text: "model", isNumber: true, rank: "detail" },
    { text: "rest", isNumber: true, rank: "detail" },
    ...columns.map((column) => ({
      text: titleWithoutUnit(column.label),
      isNumber: sample.some(({ line }) => typeof line[column.field] === "number"),
      rank: columnRank(column),
    })),
    { text: "start", isNumber: false, rank: "minor" },
  ];
}

interface Selection {
  readonly requests: readonly RequestRow[];
  readonly route: Route;
  readonly view: HTMLElement | null;
}

/** Opens the request above or below the opened one, and keeps it in view. */
function moveSelection(event: KeyboardEvent, { requests, route, view }: Selection): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : undefined;
  const at = requests.findIndex((request) => requestKey(request) === route.item);
  const next = step === undefined ? undefined : requests[at < 0 ? 0 : at + step];
  if (next === undefined) return;
  event.preventDefault();
  replaceRoute({ ...route, item: requestKey(next) });
  if (view === null) return;
  const place = requests.indexOf(next) * ROW_HEIGHT;
  const isSeen = place >= view.scrollTop && place <= view.scrollTop + view.clientHeight - 2 * ROW_HEIGHT;
  if (!isSeen) view.scrollTop = place - view.clientHeight / 2;
}

type RequestTableRowProps = Omit<RequestTableProps, "requests"> & { readonly request: RequestRow };

function RequestTableRow({ request, columns, read, route, nowMs }: RequestTableRowProps): ComponentChild {
  const { status, timeMs, method, path, latencyMs, coldStart } = request;
  const key = requestKey(request);
  const model = requestPhases(request, read)
    .filter(({ name }) => name.startsWith("model"))
    .reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const isOpen = key === route.item;
  const asked = path === "/" ? method : `${method} ${path}`;
  const classes = [
    `result-${requestResult(request)}`,
    isOpen ? "selected" : "",
    isSynthetic(request, read) ? "synthetic" : "",
  ];
  return h("tr", { class: classes.join(" ").trim() }, [
    h("td", { class: "nowrap" }, [
      h(
        "a",
        {
          href: routeHash({ ...route, item: key }),
          title: `${bothTimes(timeMs)}\n${key}`,
          "aria-current": isOpen ? "true" : undefined,
        },
        [h("time", { dateTime: new Date(timeMs).toISOString() }, secondTime(timeMs, nowMs))],
      ),
      h("span", { class: "hint ago" }, ` ${timeAgo(timeMs, nowMs)}`),
    ]),
    h("td", { class: "asked minor" }, h("div", { class: "clamp", title: asked }, asked)),
    h("td", { class: "num" }, h("strong", null, status)),
    h("td", { class: "num nowrap" }, quantityText(latencyMs, "ms")),
    h("td", { class: "num nowrap detail" }, model === 0 ? "–" : quantityText(model, "ms")),
    h("td", { class: "num nowrap detail" }, quantityText(latencyMs - model, "ms")),
    columns.map((column) =>
      h(PropertyCell, { key: column.field, column, value: request.line[column.field] }),
    ),
    h("td", { class: "minor" }, coldStart ? "cold" : "warm"),
  ]);
}

interface PropertyCellProps {
  readonly column: RequestColumn;
  readonly value: string | number | undefined;
}

function PropertyCell({ column, value }: PropertyCellProps): ComponentChild {
  const rank = columnRank(column);
  if (typeof value !== "number")
    return h("td", { class: rank }, h("div", { class: "clamp", title: value }, value ?? ""));
  const unit = unitOf(column.label);
  return h(
    "td",
    { class: `num nowrap ${rank}` },
    unit === undefined ? shortNumber(value) : quantityText(value, unit),
  );
}
