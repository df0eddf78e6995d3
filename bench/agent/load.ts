import { createAgent, type Telemetry } from "../../lambda/agent/agent.ts";
import { RefusedForms } from "../../lambda/agent/model-attempts.ts";
import { ProbeForm, ProbeLimit } from "../../lambda/agent/probe-form.ts";
import { Duplicates } from "../../lambda/agent/fingerprint.ts";
import { RuntimeParametersCache } from "../../lambda/agent/runtime-parameters.ts";
import { agentSettings, type AgentSettings } from "../../lambda/agent/settings.ts";
import { TokenCache } from "../../lambda/agent/token.ts";

const REPLY = JSON.stringify({
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
});

/** Microseconds of CPU per warm request of an agent whose model answers at once. */
export async function cpuPerRequest(
  telemetryFor: (settings: AgentSettings) => Telemetry,
  requests: number,
): Promise<number> {
  const call = agentWith(telemetryFor);
  await repeat(call, Math.round(requests / 2));
  const start = process.cpuUsage();
  await repeat(call, requests);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / requests;
}

type Call = () => Promise<unknown>;

async function repeat(call: Call, times: number): Promise<void> {
  for (let done = 0; done < times; done++) await call();
}

function agentWith(telemetryFor: (settings: AgentSettings) => Telemetry): Call {
  const settings = agentSettings(process.env);
  const now = (): number => Date.now();
  const agent = createAgent({
    ...telemetryFor(settings),
    settings,
    tokens: new TokenCache(() => Promise.resolve({ value: "token" }), 60_000, now),
    runTime: new RuntimeParametersCache({
      read: () => Promise.resolve({ values: new Map() }),
      ttlMs: 60_000,
      choices: settings.choices,
      report: { warn: () => undefined, info: () => undefined },
      now,
    }),
    duplicates: new Duplicates(),
    refusedForms: new RefusedForms(),
    probeForm: new ProbeForm(),
    probeLimit: new ProbeLimit(),
    ask: () =>
      Promise.resolve({
        text: REPLY,
        stopReason: "end_turn",
        spent: {
          usage: { inputTokens: 300, outputTokens: 100, cacheReadTokens: 0, cacheWriteTokens: 0 },
          estimated: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
        },
        thinkingCharacters: 0,
        firstTokenMs: 400,
      }),
    now,
    elapsed: () => performance.now(),
    wait: () => Promise.resolve(),
    random: Math.random,
  });
  const event = {
    rawPath: "/",
    headers: { "x-client-token": "token" },
    requestContext: { http: { method: "POST", sourceIp: "203.0.113.7" } },
    body: JSON.stringify({ text: "water the fern wednesday at seven", mode: "reminder" }),
  };
  return () => agent(event, { awsRequestId: "id", getRemainingTimeInMillis: () => 30_000 });
}
