import { parseJsonObject } from "@wrist-agent/cloudwatch/json";
import type { InvocationRecord, LogEvent, UrlRecord } from "../function/function-records.ts";
import type { RequestRow } from "../server/wire.ts";

type EmfLine = Readonly<Record<string, string | number>>;

/** Requests kept for the page; older ones stay in the journal only. */
const MAX_REQUESTS = 1000;

const REQUEST_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The latest requests to the Function URL, each joined with the EMF line that its invocation wrote. */
export class RequestLog {
  #urls: UrlRecord[] = [];
  /** Of the newest request. */
  #sequence = 0;
  readonly #lines = new Map<string, EmfLine>();
  readonly #coldStarts = new Map<string, boolean>();
  readonly #logGroupName: string | undefined;

  /** Reads the lines of the function behind the URL; those of every log group when none is named. */
  constructor(logGroupName?: string) {
    this.#logGroupName = logGroupName;
  }

  url(record: UrlRecord): void {
    this.#urls.push(record);
    this.#sequence += 1;
    if (this.#urls.length > MAX_REQUESTS) this.#urls = this.#urls.slice(-MAX_REQUESTS);
  }

  invocation(record: InvocationRecord): void {
    remember(this.#coldStarts, record.requestId, record.initDurationMs !== undefined);
  }

  /** Keeps an EMF line under every request id among its members: which member holds it is the function's choice. */
  log(event: LogEvent): void {
    if (this.#logGroupName !== undefined && event.logGroupName !== this.#logGroupName) return;
    const line = emfLine(event.message);
    if (line === undefined) return;
    for (const value of Object.values(line)) {
      if (typeof value === "string" && REQUEST_ID.test(value))
        remember(this.#lines, value, { ...this.#lines.get(value), ...line });
    }
  }

  /** When the oldest kept request failed that came at `fromMs` or later; `undefined` when none did. */
  firstFailedSince(fromMs: number): number | undefined {
    return this.#urls.find(({ startMs, status }) => startMs >= fromMs && (status >= 500 || status === 429))
      ?.startMs;
  }

  /** Newest first, at most `limit`, those after a sequence number. */
  rows(limit: number, after = 0): readonly RequestRow[] {
    const wanted = Math.min(limit, Math.max(0, this.#sequence - after));
    if (wanted === 0) return [];
    return this.#urls
      .slice(-wanted)
      .reverse()
      .map((record, i) => ({
        requestId: record.requestId ?? null,
        sequence: this.#sequence - i,
        timeMs: record.startMs,
        method: record.method,
        path: record.path,
        status: record.status,
        latencyMs: record.latencyMs,
        coldStart: this.#coldStarts.get(record.requestId ?? "") ?? false,
        line: this.#lines.get(record.requestId ?? "") ?? {},
      }));
  }
}

/** A map keeps the order of insertion: the first key is the oldest. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > 2 * MAX_REQUESTS && oldest !== undefined) map.delete(oldest);
}

/** String and number members of an EMF document; `undefined` for any other log line. */
function emfLine(message: string): EmfLine | undefined {
  if (!message.includes('"_aws"')) return undefined;
  const document = parseJsonObject(message.slice(message.indexOf("{")));
  if (document?._aws === undefined) return undefined;
  const members = Object.entries(document).filter((entry): entry is [string, string | number] =>
    ["string", "number"].includes(typeof entry[1]),
  );
  return Object.fromEntries(members);
}
