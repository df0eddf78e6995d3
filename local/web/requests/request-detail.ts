import { type ComponentChild, h } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Mail, Overview, RequestDetail, RequestRow } from "../../server/wire.ts";
import { quantityText } from "../format/quantity.ts";
import { CopyButton } from "../format/text.ts";
import { secondTime, Timestamp } from "../format/time.ts";
import { readApi } from "../state/live.ts";
import { routeHash } from "../state/route.ts";
import { type ReadRole, requestPhases, requestResult } from "./request-facts.ts";

interface RequestCardProps {
  readonly request: RequestRow;
  readonly overview: Overview;
  readonly mails: readonly Mail[];
  readonly read: ReadRole;
  readonly nowMs: number;
  readonly closeHref: string;
}

/**
 * One request opened: where its time went, what it logged, which mails followed it, and how to ask the same
 * again.
 */
export function RequestCard(props: RequestCardProps): ComponentChild {
  const { request, overview, mails, read, nowMs, closeHref } = props;
  const { requestId, timeMs, status, method, path } = request;
  const detail = useRequestDetail(requestId);
  const members = Object.entries(request.line);
  return h(
    "article",
    { class: `card request-card result-${requestResult(request)}`, "aria-label": "Request" },
    [
      h("p", { class: "card-head" }, [
        h("strong", null, status),
        h("code", null, `${method} ${path}`),
        h("span", { class: "hint" }, h(Timestamp, { timeMs, nowMs })),
        h("a", { href: closeHref, class: "enlarge", "aria-label": "Close the request" }, "✕"),
      ]),
      h("p", { class: "mono hint" }, requestId ?? "refused before the function: it has no id"),
      h(Waterfall, { request, read }),
      h(RelatedMails, { request, mails, nowMs }),
      h("div", { class: "request-parts" }, [
        members.length === 0
          ? h("p", { class: "hint" }, "It left no EMF line.")
          : h("details", { open: true }, [
              h("summary", null, "EMF line"),
              h(
                "dl",
                { class: "compact" },
                members.map(([name, value]) => [h("dt", null, name), h("dd", null, String(value))]),
              ),
            ]),
        h("details", { open: true }, [
          h("summary", null, "Log lines"),
          h(LogLines, { detail, requestId, nowMs }),
        ]),
      ]),
      h(CopyButton, { text: requestCurl(request, overview, read), label: "Copy as curl" }),
    ],
  );
}

const NOTHING_KEPT: RequestDetail = { lines: [] };

function useRequestDetail(requestId: string | null): RequestDetail | undefined {
  const [detail, setDetail] = useState({ id: "", found: NOTHING_KEPT });
  useEffect(() => {
    if (requestId === null) return undefined;
    let isCurrent = true;
    readApi("/api/request", `?id=${encodeURIComponent(requestId)}`).then(
      (found) => isCurrent && setDetail({ id: requestId, found }),
      () => isCurrent && setDetail({ id: requestId, found: NOTHING_KEPT }),
    );
    return () => (isCurrent = false);
  }, [requestId]);
  // What was read last may be another request's.
  return detail.id === requestId ? detail.found : undefined;
}

interface WaterfallProps {
  readonly request: RequestRow;
  readonly read: ReadRole;
}

/** Where the time of a request went, phase below phase. */
function Waterfall({ request, read }: WaterfallProps): ComponentChild {
  const total = Math.max(request.latencyMs, 0.1);
  const attempts = read(request, "attempts");
  const bar = ({ name, fromMs, toMs }: ReturnType<typeof requestPhases>[number], i: number): ComponentChild =>
    h("li", { key: name }, [
      h("span", { class: "phase-name" }, name),
      h(
        "span",
        { class: "phase-track" },
        h("span", {
          class: `phase phase-${i}`,
          style: { left: `${(fromMs / total) * 100}%`, width: `${((toMs - fromMs) / total) * 100}%` },
        }),
      ),
      h("span", { class: "num" }, quantityText(toMs - fromMs, "ms")),
    ]);
  return h("div", { class: "waterfall" }, [
    h(
      "h4",
      null,
      `${quantityText(request.latencyMs, "ms")}${attempts === undefined ? "" : `, ${attempts} ${attempts === 1 ? "attempt" : "attempts"} of the model`}`,
    ),
    h("ol", { "aria-label": "Where the time went" }, requestPhases(request, read).map(bar)),
  ]);
}

interface LogLinesProps {
  readonly detail: RequestDetail | undefined;
  readonly requestId: string | null;
  readonly nowMs: number;
}

function LogLines({ detail, requestId, nowMs }: LogLinesProps): ComponentChild {
  if (requestId === null) return h("p", { class: "hint" }, "The function was not invoked.");
  if (detail === undefined) return h("p", { class: "hint" }, "Reading…");
  if (detail.lines.length === 0) return h("p", { class: "hint" }, "None is kept in memory any more.");
  return h("div", null, [
    h(
      "ol",
      { class: "log-lines mono", tabIndex: 0, "aria-label": "Log lines" },
      detail.lines.map((line, at) =>
        h("li", { key: at, class: `log-line ${line.level.toLowerCase()}` }, [
          h("span", { class: "hint" }, secondTime(line.timeMs, nowMs)),
          h("span", { class: "log-level" }, line.level),
          h("span", { class: "log-text" }, [
            line.text,
            line.frames.map((frame) => h("span", { key: frame, class: "log-frame" }, frame)),
          ]),
        ]),
      ),
    ),
    detail.lines.some(({ frames }) => frames.length > 0) &&
      h("p", { class: "hint" }, [
        "Places in the source: ",
        h("code", null, `npm run cli -- logs ${requestId.slice(0, 8)}`),
      ]),
  ]);
}

/** Alarms look back a while: a mail of these minutes may have counted the request. */
const RELATED_MS = 15 * 60_000;

/**
 * The mails of the alarms that a request may have taken part in: those that were in ALARM when it came, as
 * far as mails say, and those that were raised within the minutes after it; the newest first, as they come.
 */
export function relatedMails(
  { timeMs }: Pick<RequestRow, "timeMs">,
  mails: readonly Mail[],
): readonly Mail[] {
  const known = new Set<string>();
  const raised = mails.filter(({ timeMs: sentMs, alarmName, subject }) => {
    if (alarmName === undefined) return false;
    const isAlarm = subject.startsWith("ALARM");
    if (sentMs >= timeMs) return isAlarm && sentMs - timeMs <= RELATED_MS;
    // Its last mail before the request says what state it was in.
    const isLast = !known.has(alarmName);
    known.add(alarmName);
    return isLast && isAlarm;
  });
  return raised;
}

/** What is said of a request that no alarm may have counted; an alarm may come while its minutes last. */
export function unraisedText({ timeMs }: Pick<RequestRow, "timeMs">, nowMs: number): string {
  const since =
    nowMs - timeMs < RELATED_MS ? "has been raised since" : "was raised in the 15 minutes after it";
  return `No alarm was in ALARM then, and none ${since}.`;
}

interface RelatedMailsProps {
  readonly request: RequestRow;
  readonly mails: readonly Mail[];
  readonly nowMs: number;
}

/** The alarm mails of the minutes after a request that did not go well. */
function RelatedMails({ request, mails, nowMs }: RelatedMailsProps): ComponentChild {
  if (requestResult(request) === "good") return null;
  const related = relatedMails(request, mails);
  if (related.length === 0) return h("p", { class: "hint" }, unraisedText(request, nowMs));
  return h("div", null, [
    h("h4", null, "Alarms that it may have raised or kept in ALARM"),
    h(
      "ul",
      null,
      related.map((mail) =>
        h("li", { key: mail.id }, [
          h("a", { href: routeHash({ section: "inbox", item: mail.id }) }, mail.subject),
          ` ${secondTime(mail.timeMs, nowMs)}`,
        ]),
      ),
    ),
  ]);
}

/**
 * A shell line that sends a request like this one; what was dictated is recorded nowhere, so the text is a
 * placeholder.
 */
export function requestCurl(
  request: RequestRow,
  { tokenCommand, functionUrl }: Pick<Overview, "tokenCommand" | "functionUrl">,
  read: ReadRole,
): string {
  const mode = read(request, "mode");
  const body = JSON.stringify({ text: "…", ...(typeof mode === "string" && { mode }) });
  const url = new URL(request.path, functionUrl).href.replaceAll("'", "%27");
  return [
    `TOKEN="$(${tokenCommand})"`,
    `curl -sS -X ${/^[A-Z]{1,10}$/.test(request.method) ? request.method : "POST"} '${url}' \\`,
    `  -H "X-Client-Token: $TOKEN" -H 'Content-Type: application/json' \\`,
    `  -d '${body.replaceAll("'", String.raw`'\''`)}'`,
  ].join("\n");
}
