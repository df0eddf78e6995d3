import { isJsonObject, jsonMembers, type JsonObject, jsonTextMembers } from "@wrist-agent/cloudwatch/json";
import { flattenedMembers, readLogLine } from "@wrist-agent/cloudwatch/logs/log-line";
import { REQUEST_LINE } from "../../lambda/contract/metrics.ts";
import { latencyText } from "../cli/duration.ts";
import type { LogEvent } from "../cli/log-events.ts";
import { printableText, type TableColumn, tableLines, wrapText } from "../cli/table.ts";
import { localTime, type Terminal } from "../cli/terminal.ts";

/** A value that CloudWatch makes a metric of, as the EMF line of a request has it. */
interface RequestMetric {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** A line of the log and the group that it stands in. */
export interface StoryLine extends LogEvent {
  readonly logGroup: string;
}

/** Everything that the logs hold about one request. */
export interface RequestStory {
  readonly requestId: string;
  /** When its EMF line was written; missing where there is none, as after a crash. */
  readonly timeMs?: number;
  /** Properties of the EMF line that are no metrics, without what only CloudWatch reads. */
  readonly properties: JsonObject;
  readonly metrics: readonly RequestMetric[];
  /** Every other line that names the request, by time. */
  readonly lines: readonly StoryLine[];
}

/** Ids that begin with a text among what lines say of themselves, each once. */
export function requestIdsIn(beginning: string, lines: readonly LogEvent[]): readonly string[] {
  const ids = lines.flatMap(({ message }) => [...message.matchAll(UUID)].map(([id]) => id));
  return [...new Set(ids)].filter((id) => id.startsWith(beginning));
}

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;

/** Puts together what the lines say that name a request. */
export function requestStory(requestId: string, found: readonly StoryLine[]): RequestStory {
  const isOwn = (line: StoryLine): boolean => {
    const members = jsonTextMembers(line.message.trim());
    return members._aws !== undefined && members[REQUEST_LINE.requestId] === requestId;
  };
  const own = found.find(isOwn);
  const lines = found.filter((line) => line !== own).toSorted((a, b) => a.timeMs - b.timeMs);
  if (own === undefined) return { requestId, properties: {}, metrics: [], lines };
  const { _aws: metadata, ...members } = jsonTextMembers(own.message.trim());
  const metrics = metricsOf(metadata, members);
  const named = new Set([
    REQUEST_LINE.requestId,
    ...metrics.flatMap(({ name, dimensions }) => [name, ...Object.keys(dimensions)]),
  ]);
  const properties = Object.fromEntries(Object.entries(members).filter(([name]) => !named.has(name)));
  return { requestId, timeMs: own.timeMs, properties, metrics, lines };
}

/**
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
function metricsOf(metadata: unknown, members: JsonObject): readonly RequestMetric[] {
  const directives = jsonMembers(metadata).CloudWatchMetrics;
  return objectsIn(directives).flatMap(({ Namespace, Dimensions, Metrics }) => {
    const [keys] = listIn(Dimensions);
    const dimensions = Object.fromEntries(
      listIn(keys).map((key) => [String(key), textOf(members[String(key)])]),
    );
    return objectsIn(Metrics).flatMap(({ Name, Unit }) => {
      const value = members[String(Name)];
      if (typeof Name !== "string" || typeof value !== "number") return [];
      return [{ namespace: textOf(Namespace), name: Name, unit: textOf(Unit), value, dimensions }];
    });
  });
}

function objectsIn(value: unknown): readonly JsonObject[] {
  return listIn(value).filter(isJsonObject);
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

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
    return typeof value === "string" || typeof value === "number" ? printableText(String(value)) : "";
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
  const { level, text: said, frames } = readLogLine(message);
  const text = printableText(said);
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
    ...frames.map((frame) => `${" ".repeat(clock.length + 2)}${printableText(frame)}`),
  ];
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
  return tableLines({ columns }, flattenedMembers(properties), room(terminal));
}
