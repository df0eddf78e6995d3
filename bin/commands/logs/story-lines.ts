import { isJsonObject, type JsonObject } from "@wrist-agent/cloudwatch/json";
import { REQUEST_LINE } from "../../../lambda/contract/metrics.ts";
import { latencyText } from "../../cli/duration.ts";
import { jsonTextMembers } from "../../cli/json-object.ts";
import { printable, type TableColumn, tableLines, wrapText } from "../../cli/table.ts";
import { localTime, type Terminal } from "../../cli/terminal.ts";
import type { RequestMetric, RequestStory, StoryLine } from "./request-story.ts";

/** Everything about a request, no line wider than the terminal. */
export function storyLines(terminal: Terminal, story: RequestStory): readonly string[] {
  const { bold } = terminal.colours;
  return [
    bold(headText(story)),
    ...section(
      terminal,
      "Log",
      story.lines.flatMap((line) => logLines(terminal, line)),
    ),
    ...section(terminal, "Metrics", metricLines(terminal, story.metrics)),
    ...section(terminal, "Properties", propertyLines(terminal, story.properties)),
  ];
}

function section({ colours }: Terminal, title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", colours.bold(title), ...lines.map((line) => `${INDENT}${line}`)];
}

const INDENT = "  ";

function room({ columns }: Terminal): number | undefined {
  return columns === undefined ? undefined : columns - INDENT.length;
}

function headText({ requestId, timeMs, properties }: RequestStory): string {
  if (timeMs === undefined)
    return `Request ${requestId}: it wrote no line of its own, as one that crashed or ran out of time`;
  const word = (name: string): string => {
    const value = properties[name];
    return typeof value === "string" || typeof value === "number" ? printable(String(value)) : "";
  };
  const duration = properties[REQUEST_LINE.duration];
  const parts = [
    word(REQUEST_LINE.outcome),
    word(REQUEST_LINE.reason),
    word(REQUEST_LINE.mode),
    word(REQUEST_LINE.status),
    typeof duration === "number" ? latencyText(duration) : "",
  ].filter((part) => part !== "");
  return `Request ${requestId}, ${localTime(timeMs)}: ${parts.join(", ")}`;
}

function logLines(terminal: Terminal, { timeMs, message }: StoryLine): readonly string[] {
  const { dim, red, yellow } = terminal.colours;
  const { level, text, frames } = readLine(message);
  const paint = { ERROR: red, CRITICAL: red, WARN: yellow }[level] ?? ((line: string) => line);
  const clock = `${localTime(timeMs).slice(11)}.${String(timeMs % 1000).padStart(3, "0")}`;
  const width = room(terminal);
  const left = `${clock}  ${level.padEnd(8)}  `;
  const wrapped = width === undefined ? [text] : wrapText(text, Math.max(20, width - left.length));
  return [
    ...wrapped.map((line, at) =>
      at === 0
        ? `${dim(clock)}  ${paint(`${level.padEnd(8)}  ${line}`)}`
        : `${" ".repeat(left.length)}${paint(line)}`,
    ),
    ...frames.map((frame) => `${" ".repeat(clock.length + 2)}${frame}`),
  ];
}

interface ReadLine {
  readonly level: string;
  readonly text: string;
  readonly frames: readonly string[];
}

/** A line of the logger, of Lambda itself in JSON, or plain text. */
function readLine(message: string): ReadLine {
  const members = jsonTextMembers(message.trim());
  if (Object.keys(members).length === 0) return { level: "", text: printable(message.trim()), frames: [] };
  const { type, record, level, message: said, at, ...rest } = members;
  if (typeof type === "string" && isJsonObject(record))
    return {
      level: "LAMBDA",
      text: printable(`${type} ${pairsText(flattened(withoutRepetition(record)))}`),
      frames: [],
    };
  const frames = Array.isArray(at) ? at.map((frame) => printable(String(frame))) : [];
  const facts = pairsText(flattened(withoutRepetition(rest)));
  const text = typeof said === "string" ? `${said} ${facts}` : facts;
  return { level: typeof level === "string" ? level : "", text: printable(text.trim()), frames };
}

/** What the logger puts on each line, and what the head says already. */
const REPEATED: readonly string[] = [
  "timestamp",
  "service",
  "sampling_rate",
  "xray_trace_id",
  "function_name",
  "function_arn",
  "function_memory_size",
  "function_request_id",
  REQUEST_LINE.requestId,
];

function withoutRepetition(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !REPEATED.includes(name)));
}

function flattened(members: JsonObject, prefix = ""): readonly (readonly [string, string])[] {
  return Object.entries(members).flatMap(([name, value]) =>
    isJsonObject(value)
      ? flattened(value, `${prefix}${name}.`)
      : [[`${prefix}${name}`, typeof value === "string" ? value : JSON.stringify(value)] as const],
  );
}

function pairsText(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${name}=${value}`).join(" ");
}

function metricLines(terminal: Terminal, metrics: readonly RequestMetric[]): readonly string[] {
  const columns: readonly TableColumn<RequestMetric>[] = [
    { head: "", cell: ({ name }) => name },
    { head: "", cell: ({ value }) => String(value), align: "right" },
    { head: "", cell: ({ unit }) => unit },
    {
      head: "",
      cell: ({ namespace, dimensions }) =>
        `${namespace} ${Object.entries(dimensions)
          .map(([name, value]) => `${name}=${value}`)
          .join(" ")}`,
      narrow: "cut",
    },
  ];
  return tableLines({ columns }, metrics, room(terminal));
}

function propertyLines(terminal: Terminal, properties: JsonObject): readonly string[] {
  const columns: readonly TableColumn<readonly [string, string]>[] = [
    { head: "", cell: ([name]) => name },
    { head: "", cell: ([, value]) => value, narrow: "wrap" },
  ];
  return tableLines({ columns }, flattened(properties), room(terminal));
}
