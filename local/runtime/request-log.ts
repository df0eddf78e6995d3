import { parseJsonObject } from "@wrist-agent/cloudwatch/json";
import type { InvocationRecord, LogEvent, UrlRecord } from "../function/function-records.ts";
import type { RequestRow } from "../server/wire.ts";

type EmfLine = Readonly<Record<string, string | number>>;

/** Requests kept for the page; older ones stay in the journal only. */
const MAX_REQUESTS = 1000;

/** EMF lines that wait to be read: a request may leave more than one. */
const MAX_UNREAD = 4 * MAX_REQUESTS;

const REQUEST_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The latest requests to the Function URL, each joined with the EMF line that its invocation wrote. */
export class RequestLog {
  #urls: UrlRecord[] = [];
  /** Of the newest request. */
  #sequence = 0;
  readonly #lines = new Map<string, EmfLine>();
  /** Messages that may be EMF lines, oldest first. */
  #unread: string[] = [];
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

  /** Keeps an EMF line for the rows; it is read when somebody looks, or a start would read those of two weeks. */
  log(event: LogEvent): void {
    if (this.#logGroupName !== undefined && event.logGroupName !== this.#logGroupName) return;
    if (!event.message.includes('"_aws"')) return;
    this.#unread.push(event.message);
    if (this.#unread.length > 2 * MAX_UNREAD) this.#unread = this.#unread.slice(-MAX_UNREAD);
  }

  /** Puts EMF lines under every request id among their members: which member holds it is the function's choice. */
  #readLines(): void {
    for (const message of this.#unread.splice(0)) {
      const line = emfLine(message);
      for (const value of Object.values(line ?? {})) {
        if (typeof value === "string" && REQUEST_ID.test(value))
          remember(this.#lines, value, { ...this.#lines.get(value), ...line });
      }
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
    this.#readLines();
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
  const document = parseJsonObject(message.slice(message.indexOf("{")));
  if (document?._aws === undefined) return undefined;
  const members = Object.entries(document).filter((entry): entry is [string, string | number] =>
    ["string", "number"].includes(typeof entry[1]),
  );
  return Object.fromEntries(members);
}
