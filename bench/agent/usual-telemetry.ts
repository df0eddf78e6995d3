import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { Tracer } from "@aws-lambda-powertools/tracer";
import { BedrockRuntime } from "@aws-sdk/client-bedrock-runtime";
import { SSM } from "@aws-sdk/client-ssm";
import type { Telemetry } from "../../lambda/agent/agent.ts";
import { deployedAgent } from "../../lambda/agent/deployed-agent.ts";
import type { AgentSettings } from "../../lambda/agent/settings.ts";
import { powertoolsReport } from "../../lambda/agent/report.ts";
import type { RequestLine } from "../../lambda/agent/request-line.ts";
import type { Span } from "../../lambda/agent/trace.ts";
import { METRIC_NAMESPACE, METRICS, agentServiceName } from "../../lambda/contract/metrics.ts";

/** The usual way: Powertools Metrics, Logger and Tracer as their guides show them, on whole SDK clients. */
export function telemetryFor(settings: AgentSettings): Telemetry {
  const serviceName = agentServiceName(settings.stage);
  const tracer = new Tracer({ serviceName });
  const logger = new Logger({ serviceName });
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName });
  tracer.captureAWSv3Client(new BedrockRuntime({ region: settings.region }));
  tracer.captureAWSv3Client(new SSM({ region: settings.region }));
  return {
    report: powertoolsReport(logger),
    trace: () => ({ span: spanOf(tracer), end: () => Promise.resolve() }),
    record: (line) => publishLine(line, metrics, logger),
  };
}

function spanOf(tracer: Tracer): Span {
  return async (name, work) => {
    const parent = tracer.getSegment();
    const subsegment = parent?.addNewSubsegment(name);
    try {
      return await work();
    } finally {
      subsegment?.addAnnotation("step", name);
      subsegment?.close();
    }
  };
}

function publishLine(line: RequestLine, metrics: Metrics, logger: Logger): void {
  for (const [name, value] of line.metrics) metrics.addMetric(name, METRICS[name].unit, value);
  for (const [name, value] of Object.entries(line.properties)) metrics.addMetadata(name, String(value));
  metrics.publishStoredMetrics();
  logger.info("request answered", { ...line.properties });
}

export const handler = deployedAgent(telemetryFor);
