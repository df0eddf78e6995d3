import { isJsonObject, type JsonObject } from "@wrist-agent/cloudwatch/json";
import { REQUEST_LINE } from "../../../lambda/contract/metrics.ts";
import { jsonMembers, jsonTextMembers } from "../../cli/json-object.ts";
import type { LogEvent } from "../../cli/log-events.ts";

/** A value that CloudWatch makes a metric of, as the EMF line of a request has it. */
export interface RequestMetric {
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

/** Everything that the logs tell of one request. */
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

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
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
