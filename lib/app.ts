import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "aws-cdk-lib/core";
import { ApplicationStack } from "./application-stack.ts";
import { BillingStack } from "./billing-stack.ts";
import { loadConfig } from "./config/load-config.ts";
import type { Environment, GivenContext } from "./config/places/setting-places.ts";
import { configIn } from "./config/resolve-config.ts";
import { tellWhatToCheck } from "./config/what-to-check.ts";
import { DeliveryStack } from "./delivery-stack.ts";
import { MonitoringStack } from "./monitoring-stack.ts";
import { tagEverything } from "./tags.ts";

/** Where to read, where to write, and what the shell says. */
export interface AppProps {
  /** Folder of cdk.json and the stage files. */
  readonly project: string;
  /** Folder for the assembly; `output` of cdk.json when missing. */
  readonly outdir?: string | undefined;
  /** Settings as after `-c`; what the CDK CLI passes comes on top. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Whether CDK checks the templates itself; the tests do it for every stage, as it takes three seconds. */
  readonly validation: "here" | "in the tests";
  /** Variables of the shell, which settings may come from; none when missing. */
  readonly environment?: Environment;
}

interface CdkJson {
  readonly output: string;
  readonly context: Readonly<Record<string, unknown>>;
}

/** The stacks of the stage that the context names, or those that watch any function; throws a ConfigError for a mistake of the user. */
export function wristAgentApp(props: AppProps): App {
  const cdkJson = JSON.parse(readFileSync(join(props.project, "cdk.json"), "utf8")) as CdkJson;
  const app = new App({
    // From the file and not from the CLI alone, so that the templates are the same without it.
    context: { ...cdkJson.context, ...props.context },
    outdir: props.outdir ?? join(props.project, cdkJson.output),
    autoSynth: false,
    analyticsReporting: false,
    treeMetadata: false,
    builtinCloudFormationValidation: props.validation === "here",
  });
  const environment = props.environment ?? {};
  const config = loadConfig(props.project, { context: givenContext(app), environment });
  const inRegions = config.regions.map((region) => configIn(config, region));
  const stacks = [
    ...inRegions.flatMap((each) => [
      ...(each.functionArn ? [] : [new ApplicationStack(app, each)]),
      new MonitoringStack(app, each),
    ]),
    new BillingStack(app, config),
    ...(config.githubRepository === "" ? [] : [new DeliveryStack(app, config)]),
  ];
  tagEverything(app, config);
  tellWhatToCheck(stacks, config, environment);
  return app;
}

/** Everything given after `-c`, as text. */
function givenContext(app: App): GivenContext {
  const context = Object.entries(app.node.getAllContext() as Readonly<Record<string, unknown>>);
  return Object.fromEntries(
    context.flatMap(([name, value]) =>
      ["string", "number", "boolean"].includes(typeof value) ? [[name, String(value)]] : [],
    ),
  );
}
