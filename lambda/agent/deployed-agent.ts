import { setTimeout as wait } from "node:timers/promises";
import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { SSMClient } from "@aws-sdk/client-ssm";
import { OPERATOR_PARAMETERS, RUNTIME_PARAMETERS } from "../contract/runtime-parameters.ts";
import { type ReadToken, ssmTokenSource } from "../read-token.ts";
import { createAgent, type Telemetry } from "./agent.ts";
import { bedrockModel } from "./bedrock-model.ts";
import { Duplicates } from "./fingerprint.ts";
import { RefusedForms } from "./model-attempts.ts";
import type { AskModel } from "./model.ts";
import { ProbeForm, ProbeLimit } from "./probe-form.ts";
import type { Report } from "./report.ts";
import { type ReadParameters, RuntimeParametersCache, ssmParameters } from "./runtime-parameters.ts";
import { agentSettings, type AgentSettings } from "./settings.ts";
import { TokenCache } from "./token.ts";

const TOKEN_TIMEOUT_MS = 3_000;

/** The first request of an environment may wait so long for parameters that it can do without. */
const PARAMETERS_TIMEOUT_MS = 1_000;

const now = (): number => Date.now();
const elapsed = (): number => performance.now();

/**
 * The agent over the real environment and AWS, with the given telemetry; built once per execution
 * environment.
 */
export function deployedAgent(
  telemetryFor: (settings: AgentSettings) => Telemetry,
): ReturnType<typeof createAgent> {
  const settings = agentSettings(process.env);
  const telemetry = telemetryFor(settings);
  for (const fault of settings.faults) telemetry.report.warn("the deployment is wrong", { fault });
  const { report } = telemetry;
  const ssm = new SSMClient({ region: settings.region, maxAttempts: 2 });
  return createAgent({
    ...telemetry,
    settings,
    tokens: new TokenCache(readToken(settings, ssm, report), settings.tokenTtlMs, now),
    runTime: new RuntimeParametersCache({
      read: readParameters(settings, ssm),
      ttlMs: settings.parameterTtlMs,
      choices: settings.choices,
      report,
      now,
    }),
    duplicates: new Duplicates(),
    refusedForms: new RefusedForms(),
    probeForm: new ProbeForm(),
    probeLimit: new ProbeLimit(),
    ask: askModel(settings),
    now,
    elapsed,
    wait,
    random: Math.random,
  });
}

function readToken(settings: AgentSettings, client: SSMClient, report: Report): ReadToken {
  const read = ssmTokenSource(client, settings.tokenParameterName, TOKEN_TIMEOUT_MS);
  return async () => {
    const reading = await read();
    if ("fault" in reading) report.warn("the token could not be read", { fault: reading.fault });
    return reading;
  };
}

/** Where the stack names no parameters, nothing is read. */
function readParameters(
  { parameterPrefix: prefix, hasSpendBreaker }: AgentSettings,
  client: SSMClient,
): ReadParameters {
  if (prefix === "") return () => Promise.resolve({ values: new Map() });
  const { breaker } = RUNTIME_PARAMETERS;
  const names = [...OPERATOR_PARAMETERS, ...(hasSpendBreaker ? [breaker] : [])];
  return ssmParameters(client, { prefix, names }, PARAMETERS_TIMEOUT_MS);
}

function askModel({ region }: AgentSettings): AskModel {
  return bedrockModel(new BedrockRuntimeClient({ region, maxAttempts: 1 }), elapsed);
}
