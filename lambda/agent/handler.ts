import { setTimeout as wait } from "node:timers/promises";
import { Logger } from "@aws-lambda-powertools/logger";
import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { SSMClient } from "@aws-sdk/client-ssm";
import { probeServiceOf, serviceOf } from "../contract/metrics.ts";
import { createAgent } from "./agent.ts";
import { Duplicates } from "./duplicates.ts";
import type { AskModel } from "./model/model.ts";
import { bedrockModel } from "./model/bedrock-model.ts";
import { settingsOf } from "./settings.ts";
import { powertoolsRecord } from "./telemetry/powertools-record.ts";
import { powertoolsReport } from "./telemetry/powertools-report.ts";
import { UNTRACED, type Trace } from "./telemetry/span.ts";
import { xrayDaemon } from "./telemetry/xray-daemon.ts";
import { xrayTrace } from "./telemetry/xray-trace.ts";
import { ssmTokenSource } from "./token/ssm-token-source.ts";
import { TokenCache, type ReadToken } from "./token/token-cache.ts";

const TOKEN_TIMEOUT_MS = 3_000;

const settings = settingsOf(process.env);
const service = serviceOf(settings.stage);
const report = powertoolsReport(new Logger({ serviceName: service }));
for (const fault of settings.faults) report.warn("the deployment is wrong", { fault });

const now = (): number => Date.now();
const elapsed = (): number => performance.now();

function readToken(): ReadToken {
  const client = new SSMClient({ region: settings.region, maxAttempts: 2 });
  const read = ssmTokenSource(client, settings.tokenParameterName, TOKEN_TIMEOUT_MS);
  return async () => {
    const reading = await read();
    if ("fault" in reading) report.warn("the token could not be read", { fault: reading.fault });
    return reading;
  };
}

/** Without a model in the settings nobody asks, so there is nothing to build. */
function askModel(): AskModel {
  if (settings.model === undefined) return () => Promise.reject(new Error("no model is configured"));
  const client = new BedrockRuntimeClient({ region: settings.region, maxAttempts: 1 });
  return bedrockModel(client, settings.model, elapsed);
}

function trace(): Trace {
  const address = process.env.AWS_XRAY_DAEMON_ADDRESS;
  if (address === undefined || address === "") return () => UNTRACED;
  return xrayTrace({
    header: () => process.env._X_AMZN_TRACE_ID,
    send: xrayDaemon(address),
    now,
  });
}

/** The function that Lambda runs. */
export const handler = createAgent({
  settings,
  report,
  tokens: new TokenCache(readToken(), settings.tokenTtlMs, now),
  duplicates: new Duplicates(),
  ask: askModel(),
  now,
  elapsed,
  wait,
  random: Math.random,
  trace: trace(),
  record: powertoolsRecord([service, probeServiceOf(settings.stage)], (text) =>
    process.stdout.write(`${text}\n`),
  ),
});
