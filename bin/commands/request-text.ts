import { METRICS, REQUEST_LINE } from "../../lambda/contract/metrics.ts";
import { OUTCOME_CLASS, type OutcomeClass } from "../../lambda/contract/outcome.ts";
import { latencyText } from "../cli/duration.ts";
import { jsonTextMembers } from "@wrist-agent/cloudwatch/json";
import type { LogEvent } from "../cli/log-events.ts";
import { cutText, printableText, textWidth } from "../cli/table.ts";
import type { Align, Terminal } from "../cli/terminal.ts";

/** A request as its one EMF line shows it. */
export interface TailedRequest {
  readonly timeMs: number;
  /** Members of the line, those that only CloudWatch reads left out. */
  readonly line: Readonly<Record<string, unknown>>;
}

/** The request of a log line; nothing of any other line. */
export function requestOf({ timeMs, message }: LogEvent): TailedRequest | undefined {
  const { _aws: metadata, ...line } = jsonTextMembers(message.trim());
  if (metadata === undefined || line[REQUEST_LINE.status] === undefined) return undefined;
  return { timeMs, line };
}

/** Whether nobody dictated it: a request of the probe or of a deployment. */
export function isSynthetic({ line }: TailedRequest): boolean {
  return line[REQUEST_LINE.probe] !== undefined || line[REQUEST_LINE.verification] !== undefined;
}

interface RequestField {
  readonly head: string;
  /** As wide as its texts usually are. */
  readonly width: number;
  readonly align?: Align;
  readonly text: (request: TailedRequest) => string;
}

const member =
  (name: string) =>
  ({ line }: TailedRequest): string => {
    const value = line[name];
    return typeof value === "string" || typeof value === "number" ? printableText(String(value)) : "";
  };

const numberMember =
  (name: string, text: (value: number) => string) =>
  ({ line }: TailedRequest): string => {
    const value = line[name];
    return typeof value === "number" ? text(value) : "";
  };

/** The first part of a UUID. */
const SHORT_ID = 8;

/** Columns in the order in which they are printed. */
const FIELDS = {
  time: { head: "time", width: 8, text: ({ timeMs }) => clockText(timeMs) },
  outcome: { head: "outcome", width: 12, text: member(REQUEST_LINE.outcome) },
  status: { head: "status", width: 6, align: "right", text: member(REQUEST_LINE.status) },
  mode: { head: "mode", width: 9, text: member(REQUEST_LINE.mode) },
  total: { head: "total", width: 7, align: "right", text: numberMember(REQUEST_LINE.duration, latencyText) },
  reason: { head: "reason", width: 23, text: member(REQUEST_LINE.reason) },
  input: { head: "input", width: 6, align: "right", text: member(METRICS.InputTokens.name) },
  output: { head: "output", width: 6, align: "right", text: member(METRICS.OutputTokens.name) },
  cost: {
    head: "cost",
    width: 9,
    align: "right",
    text: numberMember(METRICS.CostUsd.name, (usd) => `$${usd.toFixed(6)}`),
  },
  attempts: { head: "tries", width: 5, align: "right", text: member(REQUEST_LINE.attempts) },
  client: { head: "client", width: 18, text: member(REQUEST_LINE.client) },
  version: { head: "version", width: 7, text: member(REQUEST_LINE.version) },
  /** Its beginning in a terminal, which `logs` takes; whole in a pipe. */
  request: { head: "request", width: SHORT_ID, text: member(REQUEST_LINE.requestId) },
} as const satisfies Readonly<Record<string, RequestField>>;

type FieldName = keyof typeof FIELDS;

/** Which columns a narrow terminal keeps longest. */
const PRIORITY: readonly FieldName[] = [
  "time",
  "outcome",
  "mode",
  "total",
  "request",
  "status",
  "reason",
  "cost",
  "client",
  "input",
  "output",
  "attempts",
  "version",
];

const GAP = 2;

/** The columns that fit a width; all of them where there is none. */
function fittingFields(width: number | undefined): readonly FieldName[] {
  const kept = new Set<FieldName>();
  let taken = -GAP;
  for (const name of PRIORITY) {
    const more = FIELDS[name].width + GAP;
    if (width !== undefined && taken + more > width) continue;
    taken += more;
    kept.add(name);
  }
  return (Object.keys(FIELDS) as FieldName[]).filter((name) => kept.has(name));
}

/** Draws requests as lines of fixed columns, since the next ones are not known yet. */
export function requestLiner(terminal: Terminal): {
  readonly head: string;
  readonly line: (request: TailedRequest) => string;
} {
  const names = fittingFields(terminal.columns);
  const fields: readonly RequestField[] = names.map((name) => FIELDS[name]);
  const cells = (texts: readonly string[]): string =>
    texts
      .map((text, at) => cell(fields[at], text, { isLast: at === texts.length - 1, terminal }))
      .join(" ".repeat(GAP))
      .trimEnd();
  return {
    head: terminal.colours.dim(cells(fields.map(({ head }) => head))),
    line: (request) => paintOutcome(terminal, request, cells(fields.map(({ text }) => text(request)))),
  };
}

function cell(
  field: RequestField | undefined,
  text: string,
  { isLast, terminal }: { readonly isLast: boolean; readonly terminal: Terminal },
): string {
  if (field === undefined) return text;
  // In a pipe nothing is cut: whoever reads it may look for the end.
  const shown = terminal.columns === undefined ? text : shortText(field, text);
  const blanks = " ".repeat(Math.max(0, field.width - textWidth(shown)));
  if (field.align === "right") return `${blanks}${shown}`;
  return isLast ? shown : `${shown}${blanks}`;
}

function shortText(field: RequestField, text: string): string {
  return field === FIELDS.request ? text.slice(0, SHORT_ID) : cutText(text, field.width);
}

function paintOutcome({ colours }: Terminal, { line }: TailedRequest, text: string): string {
  const outcome = String(line[REQUEST_LINE.outcome]);
  if (outcome === "degraded") return colours.yellow(text);
  const outcomeClass: OutcomeClass | undefined = Object.hasOwn(OUTCOME_CLASS, outcome)
    ? OUTCOME_CLASS[outcome as keyof typeof OUTCOME_CLASS]
    : undefined;
  const paint = {
    served: colours.green,
    rejected: colours.magenta,
    blocked: colours.cyan,
    failed: colours.red,
  };
  return outcomeClass === undefined ? text : paint[outcomeClass](text);
}

function clockText(timeMs: number): string {
  const pad = (value: number): string => String(value).padStart(2, "0");
  const date = new Date(timeMs);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}
