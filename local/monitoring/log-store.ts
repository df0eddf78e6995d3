import type { LogTable } from "@wrist-agent/cloudwatch/dashboards/drawing";
import { runLogsInsights } from "@wrist-agent/cloudwatch/logs/logs-insights";
import type { LogEvent } from "../function/function-records.ts";
import type { LogQuery, StoredLogEvent } from "../server/aws/log-groups.ts";
import { LogsQueryTimeout } from "../server/aws/logs-input.ts";
import { TimeLimitError, withTimeLimit } from "./time-limit.ts";

/** How much of the log stays in memory for log widgets; the journal keeps more. */
export interface LogStoreLimits {
  readonly events: number;
  /** Characters of all messages together. */
  readonly characters: number;
  /** Time that one query may take, milliseconds. */
  readonly queryMs: number;
}

const LIMITS: LogStoreLimits = { events: 20_000, characters: 16_000_000, queryMs: 5_000 };

/**
 * The latest lines of every log group, for log widgets to query: one that is over a limit drops the oldest
 * tenth.
 */
export class LogStore {
  readonly #limits: LogStoreLimits;
  readonly #accountId: string | undefined;
  #events: LogEvent[] = [];
  #characters = 0;
  /** Lines up to here are gone, epoch milliseconds. */
  #forgottenMs = -Infinity;
  #forgotten = 0;

  /** The account stands in `@log` of queries. */
  constructor(limits: Partial<LogStoreLimits> = {}, accountId?: string) {
    this.#limits = { ...LIMITS, ...limits };
    this.#accountId = accountId;
  }

  /** The lines that are in memory, in the order in which they came. */
  events(): readonly StoredLogEvent[] {
    return this.#events.map((event, index) => ({ event, sequence: this.#forgotten + index }));
  }

  put(event: LogEvent): void {
    this.#events.push(event);
    this.#characters += event.message.length;
    const { events, characters } = this.#limits;
    // A tenth is dropped at once, so that not every line has to move all the others.
    if (this.#events.length > events || this.#characters > characters) this.#forget();
  }

  /** Runs a query; one that takes too long is stopped with a {@link LogsQueryTimeout}. */
  query({ query, startMs, endMs, groups }: LogQuery): LogTable {
    const events =
      groups === undefined
        ? this.#events
        : this.#events.filter(({ logGroupName }) => groups.includes(logGroupName));
    try {
      return withTimeLimit(this.#limits.queryMs, () =>
        runLogsInsights(query, { events, startMs, endMs, accountId: this.#accountId }),
      );
    } catch (error) {
      if (!(error instanceof TimeLimitError)) throw error;
      throw new LogsQueryTimeout(
        `log query: ${error.message}: ask for a shorter range, or for a pattern that repeats less`,
        { cause: error },
      );
    }
  }

  /** The kept lines that hold a text, oldest first. */
  linesWith(text: string): readonly LogEvent[] {
    return this.#events.filter(({ message }) => message.includes(text));
  }

  /** What a range asks for and memory no longer has; `undefined` when nothing is missing. */
  missingNotice(startMs: number): string | undefined {
    if (startMs > this.#forgottenMs) return undefined;
    const since = new Date(this.#forgottenMs).toISOString();
    return `log widgets look at lines after ${since} only: the local runtime keeps the latest ${this.#limits.events} lines in memory`;
  }

  #forget(): void {
    const { events, characters } = this.#limits;
    let dropped = 0;
    while (
      dropped < this.#events.length - 1 &&
      (this.#events.length - dropped > events * 0.9 || this.#characters > characters * 0.9)
    ) {
      const event = this.#events[dropped++];
      this.#characters -= event?.message.length ?? 0;
      this.#forgottenMs = Math.max(this.#forgottenMs, event?.timestampMs ?? 0);
    }
    this.#events = this.#events.slice(dropped);
    this.#forgotten += dropped;
  }
}
