import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The services whose answers are recorded. */
export type ConformanceService = "cloudwatch" | "lambda" | "logs" | "sns" | "sqs" | "ssm";

/** One call and what AWS answered. */
export interface ConformanceStep {
  /** CloudWatch's when missing. */
  readonly service?: ConformanceService;
  /** `PutMetricAlarm`. */
  readonly call: string;
  /** With `${prefix}`, `${account}`, `${region}` and what was kept in its texts, see {@link filledIn}. */
  readonly input: object;
  /** Members that the answer has; it may have more. */
  readonly output?: object;
  /**
   * Members of the answer to keep for later steps, by the name that stands for them there: `{ "url":
   * "QueueUrl" }`.
   */
  readonly keep?: Readonly<Record<string, string>>;
  readonly error?: { readonly code: string; readonly message: unknown; readonly status: number };
}

/** Calls in order, against an account that holds nothing under the prefix. */
export interface ConformanceCase {
  readonly name: string;
  readonly steps: readonly ConformanceStep[];
  /** Runs whatever became of the steps. */
  readonly cleanup?: readonly ConformanceStep[];
}

/** A file of cases, with who recorded them and when. */
export interface ConformanceFile {
  readonly file: string;
  readonly source: string;
  readonly recorded: string;
  readonly cases: readonly ConformanceCase[];
}

/** Every file of cases. */
export function conformanceFiles(): readonly ConformanceFile[] {
  const folder = join(import.meta.dirname, "cases");
  return readdirSync(folder)
    .sort()
    .map((file) => ({
      file,
      ...(JSON.parse(readFileSync(join(folder, file), "utf8")) as Omit<ConformanceFile, "file">),
    }));
}

/** What stands for the names in the texts of a case. */
export interface ConformanceNames {
  readonly prefix: string;
  readonly account: string;
  readonly region: string;
  /** Epoch milliseconds that `$ago` counts back from. */
  readonly nowMs: number;
  /** What earlier steps kept. */
  readonly kept?: Readonly<Record<string, string>>;
}

/**
 * `{ "$ago": seconds }` is a time, `{ "$bytes": text }` its bytes, `{ "$json": value }` its text, `{
 * "$repeat": [times, item] }` a list, and `{ "$numbered": [times, item] }` one in which `${n}` counts from 0.
 */
export function filledIn(value: unknown, names: ConformanceNames): unknown {
  if (typeof value === "string")
    return value.replace(
      /\$\{(\w+)\}/g,
      (text, name: "prefix") => names.kept?.[name] ?? (Object.hasOwn(names, name) ? names[name] : text),
    );
  if (Array.isArray(value)) return value.map((item) => filledIn(item, names));
  if (typeof value !== "object" || value === null) return value;
  const { $ago, $bytes, $json, $repeat, $numbered } = value as Directives;
  if ($bytes !== undefined) return new TextEncoder().encode($bytes);
  if ($ago !== undefined) return new Date(names.nowMs - $ago * 1000);
  if ($json !== undefined) return JSON.stringify(filledIn($json, names));
  if ($numbered !== undefined)
    return Array.from({ length: $numbered[0] }, (_, n) => numbered(filledIn($numbered[1], names), String(n)));
  if ($repeat !== undefined) return Array.from({ length: $repeat[0] }, () => filledIn($repeat[1], names));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filledIn(member, names)]));
}

interface Directives {
  readonly $ago?: number;
  readonly $bytes?: string;
  readonly $json?: unknown;
  readonly $repeat?: readonly [number, unknown];
  readonly $numbered?: readonly [number, unknown];
}

function numbered(value: unknown, n: string): unknown {
  if (typeof value === "string") return value.replaceAll("${n}", n);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, numbered(member, n)]));
}
