import { parseJsonObject } from "@wrist-agent/cloudwatch/json";
import type { InvocationRecord, LogEvent, UrlRecord } from "../function/function-records.ts";
import type { JudgedRequest } from "../monitoring/first-failure.ts";
import type { RequestRow } from "../server/wire.ts";

type EmfLine = Readonly<Record<string, string | number>>;

/** Requests kept for the page; older ones stay in the journal only. */
const MAX_REQUESTS = 1000;

/** EMF lines that wait to be read: a request may leave more than one. */
const MAX_UNREAD = 4 * MAX_REQUESTS;

const REQUEST_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What is read of the log. */
interface LineReading {
  /** Log group of the function behind the URL; lines of every group are read when missing. */
  readonly logGroupName?: string | undefined;
  /**
   * Members of the line that are set where nobody dictated the request; every request is a person's when
   * missing.
   */
  readonly syntheticFields?: readonly string[];
}

function isFailure(status: number): boolean {
  return status >= 500 || status === 429;
}

/** The latest requests to the Function URL, each joined with the EMF line that its invocation wrote. */
export class RequestLog {
  #urls: UrlRecord[] = [];
  /** Of the newest request. */
  #sequence = 0;
  readonly #lines = new Map<string, EmfLine>();
  /** Messages that may be EMF lines, oldest first. */
  #unread: string[] = [];
  readonly #coldStarts = new Map<string, boolean>();
  readonly #reading: LineReading;

  constructor(reading: LineReading = {}) {
    this.#reading = reading;
  }

  url(record: UrlRecord): void {
    this.#urls.push(record);
    this.#sequence += 1;
    if (this.#urls.length > MAX_REQUESTS) this.#urls = this.#urls.slice(-MAX_REQUESTS);
  }

  invocation(record: InvocationRecord): void {
    remember(this.#coldStarts, record.requestId, record.initDurationMs !== undefined);
  }

  /**
   * Keeps an EMF line for the rows; it is read when somebody looks, or a start would read those of two weeks.
   */
  log(event: LogEvent): void {
    if (!this.#mayShow(event)) return;
    this.#unread.push(event.message);
    if (this.#unread.length > 2 * MAX_UNREAD) this.#unread = this.#unread.slice(-MAX_UNREAD);
  }

  /** Whether rows show a line: an EMF line of the function behind the URL, and no other's. */
  shows(event: LogEvent): boolean {
    return this.#mayShow(event) && emfLine(event.message) !== undefined;
  }

  #mayShow({ logGroupName, message }: LogEvent): boolean {
    const { logGroupName: shown = logGroupName } = this.#reading;
    return logGroupName === shown && message.includes('"_aws"');
  }

  /**
   * Puts EMF lines under every request id among their members: which member holds it is the function's
   * choice.
   */
  #readLines(): void {
    for (const message of this.#unread.splice(0)) {
      const line = emfLine(message);
      for (const value of Object.values(line ?? {})) {
        if (typeof value === "string" && REQUEST_ID.test(value))
          remember(this.#lines, value, { ...this.#lines.get(value), ...line });
      }
    }
  }

  /** The kept requests that were answered well or failed, in the order in which they came. */
  judged(): readonly JudgedRequest[] {
    this.#readLines();
    return this.#urls
      .filter(({ status }) => status < 400 || isFailure(status))
      .map((record) => ({
        timeMs: record.startMs,
        result: isFailure(record.status) ? ("failed" as const) : ("good" as const),
        isSynthetic: this.#isSynthetic(record),
        route: `${record.method} ${record.path}`,
      }))
      .toSorted((a, b) => a.timeMs - b.timeMs);
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
        ...(this.#isOnlyMarked(record) && { isSynthetic: true }),
      }));
  }

  #isSynthetic(record: UrlRecord): boolean {
    const line = this.#lines.get(record.requestId ?? "") ?? {};
    const { syntheticFields = [] } = this.#reading;
    return syntheticFields.some((field) => Boolean(line[field])) || this.#isOnlyMarked(record);
  }

  /** Anybody can send the mark: the line of the function, where there is one, knows better. */
  #isOnlyMarked({ requestId, isMarked }: UrlRecord): boolean {
    return isMarked === true && !this.#lines.has(requestId ?? "");
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
