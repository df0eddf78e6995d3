import { setTimeout as wait } from "node:timers/promises";
import { Logger } from "@aws-lambda-powertools/logger";
import { SSMClient } from "@aws-sdk/client-ssm";
import { probeServiceOf } from "../contract/metrics.ts";
import { PROBE_LIMITS } from "../contract/probe.ts";
import { framesOf, nameOf } from "../log/cause.ts";
import { ssmTokenSource } from "../ssm/read-token.ts";
import { httpExchange } from "./http-exchange.ts";
import { createProbe } from "./probe.ts";
import { settingsOf } from "./settings.ts";
import { runRecord } from "./telemetry.ts";
import { TokenMemory } from "./token-memory.ts";

const elapsed = (): number => performance.now();

/** The probe over the real environment, SSM and network; built once per execution environment. */
export function deployedProbe(): ReturnType<typeof createProbe> {
  const { stage, url, version, region, tokenParameterName } = settingsOf(process.env);
  const logger = new Logger({ serviceName: probeServiceOf(stage) });
  const client = new SSMClient({ region, maxAttempts: 2 });
  return createProbe({
    url,
    version,
    tokens: new TokenMemory(ssmTokenSource(client, tokenParameterName, PROBE_LIMITS.tokenMs)),
    exchange: httpExchange({ elapsed }),
    now: () => Date.now(),
    elapsed,
    wait: (milliseconds) => wait(milliseconds),
    overdue: async (milliseconds, signal) => {
      await wait(milliseconds, undefined, { signal });
      throw Object.assign(new Error("the run took too long"), { code: "overdue" });
    },
    record: runRecord(stage, (text) => process.stdout.write(`${text}\n`)),
    bug: (cause) => logger.error("the probe failed", { error: nameOf(cause), at: framesOf(cause) }),
  });
}
