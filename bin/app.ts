import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "aws-cdk-lib/core";
import { ApplicationStack } from "../lib/application-stack.ts";
import { BillingStack } from "../lib/billing-stack.ts";
import { ConfigError } from "../lib/config/config-error.ts";
import { loadConfig } from "../lib/config/load-config.ts";
import { MonitoringStack } from "../lib/monitoring-stack.ts";

const PROJECT = join(import.meta.dirname, "..");

interface CdkJson {
  readonly output: string;
  readonly context: Readonly<Record<string, unknown>>;
}

/** The app with the context of cdk.json, so that the templates are the same with and without the CDK CLI. */
function newApp(): App {
  const { output, context } = JSON.parse(readFileSync(join(PROJECT, "cdk.json"), "utf8")) as CdkJson;
  return new App({
    context: { ...context },
    outdir: process.env.CDK_OUTDIR ?? join(PROJECT, output),
    autoSynth: false,
    analyticsReporting: false,
    treeMetadata: false,
  });
}

function synthesise(app: App): void {
  const config = loadConfig(PROJECT, (name) => {
    const value: unknown = app.node.tryGetContext(name);
    return typeof value === "string" ? value : undefined;
  });
  new ApplicationStack(app, config);
  new MonitoringStack(app, config);
  new BillingStack(app, config);
  app.synth();
}

try {
  synthesise(newApp());
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
