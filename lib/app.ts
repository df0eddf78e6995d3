import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Annotations, App, Stack, Tags } from "aws-cdk-lib/core";
import { ApplicationStack } from "./application-stack.ts";
import { BillingStack } from "./billing-stack.ts";
import { configInRegion, loadConfig } from "./config/load-config.ts";
import { partitionOf } from "./config/region.ts";
import type { Environment, GivenContext } from "./config/setting-sources.ts";
import type { StageConfig } from "./config/stage-config.ts";
import { type LastingStage, STAGES } from "./config/stage.ts";
import { DeliveryStack } from "./delivery-stack.ts";
import { MonitoringStack } from "./monitoring-stack.ts";

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

/**
 * The stacks of the stage that the context names, or those that watch any function; throws a ConfigError for
 * a mistake of the user.
 */
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
  const inRegions = config.regions.map((region) => configInRegion(config, region));
  const stacks = [
    ...inRegions.flatMap((each) => [
      ...(each.functionArn ? [] : [new ApplicationStack(app, each)]),
      new MonitoringStack(app, each),
    ]),
    ...(hasBillingMetrics(config) ? [new BillingStack(app, config)] : []),
    ...(config.githubRepository === ""
      ? []
      : [new DeliveryStack(app, { config, qualifiers: bootstrapQualifiers(props.project, config) })]),
  ];
  tagAllStacks(app, config);
  addSynthesisNotes(stacks, config);
  return app;
}

/** Charges are published in us-east-1 alone, which an account of GovCloud or China is not in. */
function hasBillingMetrics({ region }: StageConfig): boolean {
  return partitionOf(region) === "aws";
}

/**
 * The qualifier that each stage is deployed through: this stage's as it is given, the others' as their files
 * say.
 */
function bootstrapQualifiers(
  project: string,
  { stage, bootstrapQualifier }: StageConfig,
): Readonly<Record<LastingStage, string>> {
  const others = STAGES.map((each): [LastingStage, string] => [
    each,
    each === stage
      ? bootstrapQualifier
      : loadConfig(project, { context: { stage: each }, environment: {} }).bootstrapQualifier,
  ]);
  return Object.fromEntries(others) as Record<LastingStage, string>;
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

/** The tags of one stage. */
function stageTags({ stage, extraTags }: StageConfig): Readonly<Record<string, string>> {
  return { ...extraTags, project: "wrist-agent", stage };
}

/**
 * Says of every resource and of every stack which project and stage it belongs to, so that its cost can be
 * told apart.
 */
function tagAllStacks(app: App, config: StageConfig): void {
  const stacks = app.node.findAll().filter((construct) => Stack.isStack(construct));
  for (const [key, value] of Object.entries(stageTags(config))) {
    Tags.of(app).add(key, value);
    for (const stack of stacks) stack.addStackTag(key, value);
  }
}

/** What the spelling by names alone means. */
const REPOSITORY_WITHOUT_IDS =
  "GITHUB_REPOSITORY names no ids: only the tokens of a repository that has kept GitHub's old subject are trusted, and " +
  "whoever takes over the name of a deleted or renamed one could present it; docs/deploying.md has the command that prints the ids";

/** Notes on what is valid and yet seldom meant; the CDK CLI shows them after the synthesis. */
export function addSynthesisNotes(stacks: readonly Stack[], config: StageConfig): void {
  const [first] = stacks;
  if (first) {
    if (config.alarmEmails.length === 0)
      Annotations.of(first).addInfoV2(
        "wrist-agent:nobody-is-notified",
        `alarms of ${config.stage} reach nobody: set ALARM_EMAIL or pass -c alarmEmail=you@example.com`,
      );
    noteEnvironmentOverrides(first, config);
    config.notices.forEach((notice, at) =>
      Annotations.of(first).addWarningV2(`wrist-agent:setting-${at + 1}`, notice),
    );
    if (/^[^@]+$/.test(config.githubRepository))
      Annotations.of(first).addWarningV2("wrist-agent:repository-without-ids", REPOSITORY_WITHOUT_IDS);
  }
}

/** Shells export AWS_REGION for other programs; whoever did so should see what it changes here. */
function noteEnvironmentOverrides(
  stack: Stack,
  { environmentOverrides: fromEnvironment }: StageConfig,
): void {
  if (fromEnvironment.length > 0)
    Annotations.of(stack).addInfoV2(
      "wrist-agent:from-environment",
      `decided by environment variables: ${fromEnvironment
        .map(({ key, text, instead }) => `${key} is "${text}" instead of ${instead}`)
        .join("; ")}`,
    );
  const region = fromEnvironment.find(({ name }) => name === "region");
  if (region)
    Annotations.of(stack).addWarningV2(
      "wrist-agent:other-region",
      `AWS_REGION of this shell moves the stacks to ${region.text}, instead of ${region.instead}: ` +
        "unset it, or pass -c region= to say which you mean",
    );
}
