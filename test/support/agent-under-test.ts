import { createAgent, type AgentPorts } from "../../lambda/agent/agent.ts";
import { Duplicates } from "../../lambda/agent/fingerprint.ts";
import type { AgentResult } from "../../lambda/agent/function-url.ts";
import { RefusedForms } from "../../lambda/agent/model-attempts.ts";
import { type AskModel, type ModelAnswer, NO_USAGE } from "../../lambda/agent/model.ts";
import { ProbeForm, ProbeLimit } from "../../lambda/agent/probe-form.ts";
import { RuntimeParametersCache } from "../../lambda/agent/runtime-parameters.ts";
import type { ReadParameters } from "../../lambda/agent/runtime-parameters.ts";
import { agentSettings, type AgentSettings } from "../../lambda/agent/settings.ts";
import { emfRecord } from "../../lambda/agent/telemetry.ts";
import { powertoolsReport } from "../../lambda/agent/report.ts";
import { UNTRACED } from "../../lambda/agent/trace.ts";
import { TokenCache } from "../../lambda/agent/token.ts";
import type { TokenReading } from "../../lambda/read-token.ts";

/** The token that the agent under test accepts. */
export const TOKEN = "the-current-token-of-the-test";

/** Monday 2026-11-23, 17:00 UTC. */
export const NOW_MS = Date.UTC(2026, 10, 23, 17);

/** From {@link NOW_MS} to a time at which the probe's question is due in full. */
export const TO_MIDNIGHT_UTC = Date.UTC(2026, 10, 24) - NOW_MS;

/**
 * The time that each attempt of the model takes by the agent's clock, unless the test's own model passes
 * more.
 */
export const MODEL_MS = 900;

/** The time that reading the token takes. */
export const TOKEN_READ_MS = 40;

/** The function's timeout. */
export const TIMEOUT_MS = 30_000;

/** What a test may replace of the agent's surroundings. */
export interface Surroundings {
  readonly ask?: AskModel;
  readonly environment?: Readonly<Record<string, string>>;
  readonly token?: () => TokenReading;
  /** Run-time parameters by their last part; `undefined` is an outage. */
  readonly parameters?: () => Readonly<Record<string, string>> | undefined;
  readonly ports?: Partial<AgentPorts>;
  readonly remainingMs?: () => number;
}

/** An agent over fakes, with everything that it said. */
export interface AgentUnderTest {
  readonly call: (event: unknown) => Promise<AgentResult>;
  readonly post: (body: unknown, headers?: Readonly<Record<string, string>>) => Promise<AgentResult>;
  /** The EMF lines, as they were written. */
  readonly lines: string[];
  /** Everything else that was logged, as text. */
  readonly logs: string[];
  readonly lastLine: () => Readonly<Record<string, unknown>>;
  /** Moves the agent's clock. */
  readonly pass: (milliseconds: number) => void;
}

const ENVIRONMENT = {
  STAGE: "test",
  BEDROCK_MODEL_ID: "us.anthropic.claude-haiku-4-5-20251001-v1:0",
  CLIENT_TOKEN_PARAM_NAME: "/wrist-agent/test/client-token",
  TIME_ZONE: "America/Los_Angeles",
  AWS_REGION: "us-west-2",
} as const;

/** Settings of the stage `test`, with changes. */
export function testSettings(environment: Readonly<Record<string, string>> = {}): AgentSettings {
  return agentSettings({ ...ENVIRONMENT, ...environment });
}

/** What the model wrote, in the form that the contract asks. */
export function modelAnswer(text: string, change: Partial<ModelAnswer> = {}): ModelAnswer {
  return {
    text,
    stopReason: "end_turn",
    spent: { usage: { ...NO_USAGE, inputTokens: 300, outputTokens: 100 }, estimated: NO_USAGE },
    thinkingCharacters: 0,
    firstTokenMs: 400,
    ...change,
  };
}

/** A reply that needs no repair. */
export const SOUND_REPLY = {
  markdown: "Water the fern.",
  action: "reminder",
  title: "Water the fern",
  dueISO: "2026-11-25T19:00:00-08:00",
  startISO: null,
  endISO: null,
  location: null,
  url: null,
  notes: null,
  tags: ["home"],
} as const;

/** A Function URL event with the token. */
export function postEvent(
  body: unknown,
  headers: Readonly<Record<string, string>> = { "x-client-token": TOKEN },
): object {
  return {
    version: "2.0",
    rawPath: "/",
    headers,
    requestContext: { http: { method: "POST", sourceIp: "203.0.113.7" } },
    body: typeof body === "string" ? body : JSON.stringify(body),
    isBase64Encoded: false,
  };
}

/** Builds an agent whose model answers {@link SOUND_REPLY} unless told otherwise. */
export function agentUnderTest(surroundings: Surroundings = {}): AgentUnderTest {
  const lines: string[] = [];
  const logs: string[] = [];
  let nowMs = NOW_MS;
  const note = (...said: unknown[]): void => void logs.push(JSON.stringify(said));
  const settings = testSettings(surroundings.environment);
  const read = surroundings.token ?? ((): TokenReading => ({ value: TOKEN }));
  const now = (): number => nowMs;
  const pass = (milliseconds: number): void => void (nowMs += milliseconds);
  const { ask = () => Promise.resolve(modelAnswer(JSON.stringify(SOUND_REPLY))) } = surroundings;
  const report = powertoolsReport({ info: note, warn: note, error: note });
  const readParameters: ReadParameters = () => {
    const found = surroundings.parameters === undefined ? {} : surroundings.parameters();
    return Promise.resolve(
      found === undefined ? { fault: "TimeoutError" } : { values: new Map(Object.entries(found)) },
    );
  };
  const { choices, parameterTtlMs: ttlMs } = settings;
  const agent = createAgent({
    settings,
    report,
    runTime: new RuntimeParametersCache({ read: readParameters, ttlMs, choices, report, now }),
    tokens: new TokenCache(
      () => {
        pass(TOKEN_READ_MS);
        return Promise.resolve(read());
      },
      settings.tokenTtlMs,
      now,
    ),
    duplicates: new Duplicates(),
    refusedForms: new RefusedForms(),
    probeForm: new ProbeForm(),
    probeLimit: new ProbeLimit(),
    ask: async (question, limits) => {
      try {
        return await ask(question, limits);
      } finally {
        pass(MODEL_MS);
      }
    },
    now,
    elapsed: now,
    wait: (milliseconds) => {
      pass(milliseconds);
      return Promise.resolve();
    },
    random: () => 0.5,
    trace: () => UNTRACED,
    record: emfRecord((line) => lines.push(line), now),
    ...surroundings.ports,
  });
  const call = (event: unknown): Promise<AgentResult> => {
    const startMs = nowMs;
    const { remainingMs = () => TIMEOUT_MS - (nowMs - startMs) } = surroundings;
    return agent(event, {
      awsRequestId: "8f5e1c0a-0000-4000-8000-000000000001",
      getRemainingTimeInMillis: remainingMs,
    });
  };
  return {
    call,
    post: (body, headers) => call(postEvent(body, headers)),
    lines,
    logs,
    lastLine: () => JSON.parse(lines.at(-1) ?? "{}") as Readonly<Record<string, unknown>>,
    pass,
  };
}
