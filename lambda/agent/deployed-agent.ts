import { setTimeout as wait } from "node:timers/promises";
import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { SSMClient } from "@aws-sdk/client-ssm";
import { ssmTokenSource, type ReadToken } from "../ssm/read-token.ts";
import { createAgent, type Telemetry } from "./agent.ts";
import { Duplicates } from "./duplicates.ts";
import { bedrockModel } from "./model/bedrock-model.ts";
import type { AskModel } from "./model/model.ts";
import type { Report } from "./report.ts";
import { settingsOf, type Settings } from "./settings.ts";
import { TokenCache } from "./token/token-cache.ts";

const TOKEN_TIMEOUT_MS = 3_000;

const now = (): number => Date.now();
const elapsed = (): number => performance.now();

/** The agent over the real environment and AWS, with the given telemetry; built once per execution environment. */
export function deployedAgent(
  telemetryFor: (settings: Settings) => Telemetry,
): ReturnType<typeof createAgent> {
  const settings = settingsOf(process.env);
  const telemetry = telemetryFor(settings);
  for (const fault of settings.faults) telemetry.report.warn("the deployment is wrong", { fault });
  return createAgent({
    ...telemetry,
    settings,
    tokens: new TokenCache(readToken(settings, telemetry.report), settings.tokenTtlMs, now),
    duplicates: new Duplicates(),
    ask: askModel(settings),
    now,
    elapsed,
    wait,
    random: Math.random,
  });
}

function readToken(settings: Settings, report: Report): ReadToken {
  const client = new SSMClient({ region: settings.region, maxAttempts: 2 });
  const read = ssmTokenSource(client, settings.tokenParameterName, TOKEN_TIMEOUT_MS);
  return async () => {
    const reading = await read();
    if ("fault" in reading) report.warn("the token could not be read", { fault: reading.fault });
    return reading;
  };
}

/** Without a model in the settings nobody asks, so there is nothing to build. */
function askModel({ model, region }: Settings): AskModel {
  if (model === undefined) return () => Promise.reject(new Error("no model is configured"));
  const client = new BedrockRuntimeClient({ region, maxAttempts: 1 });
  return bedrockModel(client, model, elapsed);
}
