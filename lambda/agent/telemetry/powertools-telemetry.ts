import { Logger } from "@aws-lambda-powertools/logger";
import { serviceOf } from "../../contract/metrics.ts";
import type { Telemetry } from "../agent.ts";
import type { Settings } from "../settings.ts";
import { powertoolsRecord } from "./powertools-record.ts";
import { powertoolsReport } from "./powertools-report.ts";
import { UNTRACED, type Trace } from "./span.ts";
import { xrayDaemon } from "./xray-daemon.ts";
import { xrayTrace } from "./xray-trace.ts";

/** The telemetry that is deployed: Powertools for log and metrics, spans of our own when X-Ray is on. */
export function powertoolsTelemetry(settings: Settings): Telemetry {
  return {
    report: powertoolsReport(new Logger({ serviceName: serviceOf(settings.stage) })),
    record: powertoolsRecord((text) => process.stdout.write(`${text}\n`), Date.now),
    trace: lambdaTrace(),
  };
}

/** Lambda sets the daemon's address when active tracing is on: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
function lambdaTrace(): Trace {
  const address = process.env.AWS_XRAY_DAEMON_ADDRESS;
  if (address === undefined || address === "") return () => UNTRACED;
  return xrayTrace({
    header: () => process.env._X_AMZN_TRACE_ID,
    send: xrayDaemon(address),
    now: () => Date.now(),
  });
}
