import { h, type ComponentChild } from "preact";
import type { RequestColumn, RequestRow } from "../../server/wire.ts";
import { shortNumber } from "../format/series-summary.ts";
import { Timestamp } from "../format/time.ts";

interface RequestsSectionProps {
  readonly requests: readonly RequestRow[];
  readonly columns: readonly RequestColumn[];
  readonly nowMs: number;
}

/** The latest requests, newest first, each with what its log line says. */
export function RequestsSection({ requests, columns, nowMs }: RequestsSectionProps): ComponentChild {
  if (requests.length === 0)
    return h("p", { class: "empty" }, [
      "No requests yet. Run ",
      h("code", null, 'npm run cli -- ask "dentist friday at two" --mode event'),
      " or the curl line under Setup.",
    ]);
  const heads = ["Time", "Status", "ms", ...columns.map((column) => column.label), "Start", "Request id"];
  return h("div", { class: "scroll", role: "region", "aria-label": "Latest requests", tabIndex: 0 }, [
    h("table", { class: "requests" }, [
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          heads.map((head) => h("th", { scope: "col", key: head }, head)),
        ),
      ),
      h(
        "tbody",
        null,
        requests.map((request) => h(RequestTableRow, { request, columns, nowMs })),
      ),
    ]),
  ]);
}

function RequestTableRow({
  request,
  columns,
  nowMs,
}: Omit<RequestsSectionProps, "requests"> & { readonly request: RequestRow }): ComponentChild {
  const { status } = request;
  const cell = ({ field }: RequestColumn): ComponentChild => {
    const value = request.line[field];
    const text = typeof value === "number" ? shortNumber(value) : (value ?? "");
    if (typeof value === "number") return h("td", { key: field, class: "num" }, text);
    return h("td", { key: field }, h("div", { class: "clamp", title: text }, text));
  };
  return h("tr", { class: status >= 500 ? "bad" : status >= 400 ? "warn" : "" }, [
    h("td", { class: "nowrap" }, h(Timestamp, { timeMs: request.timeMs, nowMs })),
    h("td", { class: "num", title: `${request.method} ${request.path}` }, h("strong", null, status)),
    h("td", { class: "num" }, Math.round(request.latencyMs)),
    columns.map(cell),
    h("td", null, request.coldStart ? "cold" : "warm"),
    h("td", { class: "nowrap mono" }, request.requestId ?? "refused before the function"),
  ]);
}
