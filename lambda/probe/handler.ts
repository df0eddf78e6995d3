import { setTimeout as wait } from "node:timers/promises";
import { Logger } from "@aws-lambda-powertools/logger";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { SSMClient } from "@aws-sdk/client-ssm";
import { errorName, stackFrames } from "../contract/logged-error.ts";
import { probeServiceName } from "../contract/metrics.ts";
import { PROBE_ENVIRONMENT, PROBE_LIMITS } from "../contract/probe.ts";
import { ssmTokenSource } from "../read-token.ts";
import { httpExchange } from "./http-exchange.ts";
import { createProbe, publishFailure, runRecord } from "./probe.ts";
import { FailedMode, TokenMemory } from "./tries.ts";

/** What the probe was deployed with. */
export interface ProbeSettings {
  readonly stage: string;
  readonly url: string;
  readonly tokenParameterName: string;
  readonly region: string;
  /** Version of the function that Lambda runs. */
  readonly version: string;
}

/** Reads the environment; what is missing or wrong there breaks every run, and the line says so. */
export function probeSettings(environment: Readonly<Record<string, string | undefined>>): ProbeSettings {
  const read = (name: keyof typeof PROBE_ENVIRONMENT): string =>
    environment[PROBE_ENVIRONMENT[name]]?.trim() ?? "";
  return {
    stage: read("stage") || "unknown",
    url: read("url"),
    tokenParameterName: read("tokenParameterName"),
    region: environment.AWS_REGION ?? "",
    version: environment.AWS_LAMBDA_FUNCTION_VERSION ?? "$LATEST",
  };
}

/** What a run asks of AWS beside the agent; each call is repeated as often as fits into the run's limits. */
export function probeClients(region: string): {
  readonly ssm: SSMClient;
  readonly cloudWatch: CloudWatchClient;
} {
  return {
    ssm: new SSMClient({ region, maxAttempts: 2 }),
    // The one value of a run: without it the alarm counts the run as missing.
    cloudWatch: new CloudWatchClient({ region, maxAttempts: 3 }),
  };
}

const elapsed = (): number => performance.now();

/** The probe over the real environment, SSM and network; built once per execution environment. */
export function deployedProbe(): ReturnType<typeof createProbe> {
  const { stage, url, version, region, tokenParameterName } = probeSettings(process.env);
  const logger = new Logger({ serviceName: probeServiceName(stage) });
  const { ssm, cloudWatch } = probeClients(region);
  return createProbe({
    url,
    version,
    tokens: new TokenMemory(ssmTokenSource(ssm, tokenParameterName, PROBE_LIMITS.tokenMs)),
    failedMode: new FailedMode(),
    exchange: httpExchange({ elapsed }),
    now: () => Date.now(),
    elapsed,
    wait: (milliseconds) => wait(milliseconds),
    overdue: async (milliseconds, signal) => {
      await wait(milliseconds, undefined, { signal });
      throw Object.assign(new Error("the run took too long"), { code: "overdue" });
    },
    publish: publishFailure(cloudWatch, stage),
    record: runRecord(stage, (text) => process.stdout.write(`${text}\n`)),
    bug: (cause) => logger.error("the probe failed", { error: errorName(cause), at: stackFrames(cause) }),
  });
}

/** The function that the schedule runs. */
export const handler = deployedProbe();
