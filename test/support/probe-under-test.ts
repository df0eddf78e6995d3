import type { Exchange, ExchangeRequest, ExchangeResult } from "../../lambda/probe/http-exchange.ts";
import { createProbe, type ProbePorts, runRecord } from "../../lambda/probe/probe.ts";
import { FailedMode, TokenMemory } from "../../lambda/probe/tries.ts";
import type { TokenReading } from "../../lambda/read-token.ts";
import { SOUND_REPLY } from "./agent-under-test.ts";

/** The token that the parameter holds. */
export const PROBE_TOKEN = "the-token-that-the-probe-presents";

/** An answer over a sound connection. */
export function answering(
  status: number,
  body: unknown = SOUND_REPLY,
  headers: Readonly<Record<string, string>> = { "x-request-id": "8f5e1c0a-0000-4000-8000-000000000001" },
): ExchangeResult {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const travel = { reached: "done", latencyMs: 800, address: "192.0.2.7" } as const;
  return { travel, answered: { status, headers, body: text } };
}

/** A question that is served. */
export const SERVED = answering(200);

/** What a test may replace of the probe's surroundings. */
export interface Surroundings {
  /** What becomes of each question; the last one of every later question too. */
  readonly exchanges?: readonly (ExchangeResult | Error | "hang")[];
  readonly token?: () => TokenReading;
  readonly ports?: Partial<ProbePorts>;
}

/** A probe over fakes, with everything that it asked and said. */
export interface ProbeUnderTest {
  /** Runs once, with the event that a schedule sends. */
  readonly run: (event?: object) => Promise<void>;
  /** What CloudWatch was sent. */
  readonly published: { readonly value: number; readonly startedMs: number }[];
  readonly asked: ExchangeRequest[];
  /** The log lines, as they were written. */
  readonly lines: string[];
  /** Pauses between tries, in milliseconds. */
  readonly pauses: number[];
  readonly bugs: unknown[];
  readonly lastLine: () => Readonly<Record<string, unknown>>;
}

/** Builds a probe; its clock moves with what it waits for. */
export function probeUnderTest(surroundings: Surroundings = {}): ProbeUnderTest {
  const asked: ExchangeRequest[] = [];
  const lines: string[] = [];
  const published: ProbeUnderTest["published"] = [];
  const pauses: number[] = [];
  const bugs: unknown[] = [];
  const { exchanges = [SERVED], token = () => ({ value: PROBE_TOKEN }) } = surroundings;
  let nowMs = Date.UTC(2026, 10, 23, 17, 5, 20);
  const now = (): number => nowMs;
  const exchange: Exchange = (asking) => {
    const next = exchanges[Math.min(asked.length, exchanges.length - 1)] ?? SERVED;
    asked.push(asking);
    if (next === "hang") return new Promise(() => undefined);
    if (next instanceof Error) return Promise.reject(next);
    nowMs += "timedOut" in next ? asking.timeoutMs : next.travel.latencyMs;
    return Promise.resolve(next);
  };
  const probe = createProbe({
    url: "https://agent.example/",
    version: "$LATEST",
    tokens: new TokenMemory(() => Promise.resolve(token())),
    failedMode: new FailedMode(),
    exchange,
    now,
    elapsed: now,
    wait: (milliseconds) => {
      pauses.push(milliseconds);
      nowMs += milliseconds;
      return Promise.resolve();
    },
    // Nothing hangs unless a test says so, and then time is up at once.
    overdue: () =>
      exchanges.includes("hang")
        ? Promise.reject(Object.assign(new Error(), { code: "overdue" }))
        : new Promise(() => undefined),
    publish: (value, startedMs) => {
      published.push({ value, startedMs });
      return Promise.resolve();
    },
    record: runRecord("test", (line) => lines.push(line)),
    bug: (cause) => bugs.push(cause),
    ...surroundings.ports,
  });
  return {
    published,
    run: (event = {}) => probe(event, { awsRequestId: "8f5e1c0a-0000-4000-8000-00000000beef" }),
    asked,
    lines,
    pauses,
    bugs,
    lastLine: () => JSON.parse(lines.at(-1) ?? "{}") as Readonly<Record<string, unknown>>,
  };
}
