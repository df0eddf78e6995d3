import { setTimeout as wait } from "node:timers/promises";
import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { SSMClient } from "@aws-sdk/client-ssm";
import { ssmTokenSource, type ReadToken } from "../ssm/read-token.ts";
import { OPERATOR_PARAMETERS, RUN_TIME_PARAMETERS } from "../contract/parameters.ts";
import { createAgent, type Telemetry } from "./agent.ts";
import { Duplicates } from "./duplicates.ts";
import { bedrockModel } from "./model/bedrock-model.ts";
import type { AskModel } from "./model/model.ts";
import { RunTimeCache } from "./parameters/run-time-cache.ts";
import { ssmParameters, type ReadParameters } from "./parameters/ssm-parameters.ts";
import type { Report } from "./report.ts";
import { settingsOf, type Settings } from "./settings.ts";
import { TokenCache } from "./token/token-cache.ts";

const TOKEN_TIMEOUT_MS = 3_000;

/** The first request of an environment may wait so long for parameters that it can do without. */
const PARAMETERS_TIMEOUT_MS = 1_000;

const now = (): number => Date.now();
const elapsed = (): number => performance.now();

/** The agent over the real environment and AWS, with the given telemetry; built once per execution environment. */
export function deployedAgent(
  telemetryFor: (settings: Settings) => Telemetry,
): ReturnType<typeof createAgent> {
  const settings = settingsOf(process.env);
  const telemetry = telemetryFor(settings);
  for (const fault of settings.faults) telemetry.report.warn("the deployment is wrong", { fault });
  const { report } = telemetry;
  const ssm = new SSMClient({ region: settings.region, maxAttempts: 2 });
  return createAgent({
    ...telemetry,
    settings,
    tokens: new TokenCache(readToken(settings, ssm, report), settings.tokenTtlMs, now),
    runTime: new RunTimeCache({
      ...{ read: readParameters(settings, ssm), ttlMs: settings.parameterTtlMs },
      ...{ choices: settings.choices, report, now },
    }),
    duplicates: new Duplicates(),
    ask: askModel(settings),
    now,
    elapsed,
    wait,
    random: Math.random,
  });
}

function readToken(settings: Settings, client: SSMClient, report: Report): ReadToken {
  const read = ssmTokenSource(client, settings.tokenParameterName, TOKEN_TIMEOUT_MS);
  return async () => {
    const reading = await read();
    if ("fault" in reading) report.warn("the token could not be read", { fault: reading.fault });
    return reading;
  };
}

/** Where the stack names no parameters, nothing is read. */
function readParameters(
  { parameterPrefix: prefix, hasSpendBreaker }: Settings,
  client: SSMClient,
): ReadParameters {
  if (prefix === "") return () => Promise.resolve({ values: new Map() });
  const { breaker } = RUN_TIME_PARAMETERS;
  const names = [...OPERATOR_PARAMETERS, ...(hasSpendBreaker ? [breaker] : [])];
  return ssmParameters(client, { prefix, names }, PARAMETERS_TIMEOUT_MS);
}

function askModel({ region }: Settings): AskModel {
  return bedrockModel(new BedrockRuntimeClient({ region, maxAttempts: 1 }), elapsed);
}
