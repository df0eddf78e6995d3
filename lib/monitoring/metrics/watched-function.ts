import { Fn } from "aws-cdk-lib/core";
import { probeServiceOf, serviceOf } from "../../../lambda/contract/metrics.ts";
import { configIn } from "../../config/resolve-config.ts";
import type { StageConfig } from "../../config/stage-config.ts";
import { ALIAS_NAME, namesOf } from "../../names.ts";
import { agentMetrics, type AgentMetrics, type Watched } from "./agent-metrics.ts";

/** The function that a stack watches: the stage's own, or the one that `FUNCTION_ARN` names. */
export function watchedFunction(config: StageConfig): Watched {
  const { functionArn: attached } = config;
  const names = namesOf(config);
  if (attached)
    return {
      ...servicesOf(config),
      functionName: attached.functionName,
      ...(attached.aliasName !== undefined && { aliasName: attached.aliasName }),
    };
  // By its exported ARN (`arn:aws:lambda:region:account:function:name`), so that it deploys first.
  const functionName = Fn.select(6, Fn.split(":", Fn.importValue(names.functionArnExport)));
  return { ...servicesOf(config), functionName, aliasName: ALIAS_NAME };
}

function servicesOf({ stage, model }: StageConfig): Pick<Watched, "service" | "probeService" | "modelId"> {
  return { service: serviceOf(stage), probeService: probeServiceOf(stage), modelId: model.id };
}

/** Where requests are sent: the exported URL, that of `FUNCTION_URL`, or nothing. */
export function watchedUrl(config: StageConfig): string | undefined {
  if (!config.functionArn) return Fn.importValue(namesOf(config).functionUrlExport);
  return config.functionUrl === "" ? undefined : config.functionUrl;
}

/** The metrics of the same stage in another of its Regions, by name: no export reaches across. */
export function metricsIn(config: StageConfig, region: string): AgentMetrics {
  const { function: functionName, logGroup } = namesOf(config);
  return agentMetrics(
    { ...servicesOf(configIn(config, region)), functionName, aliasName: ALIAS_NAME },
    { logGroupName: logGroup, region },
  );
}
