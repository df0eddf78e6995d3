import { createHash } from "node:crypto";
import type { FunctionArn } from "./config/function-arn.ts";
import { isLastingStage, type LastingStage, type Stage } from "./config/stage.ts";

/** Alias that the Function URL, the alarms and the dashboards point at. */
export const ALIAS_NAME = "live";

/** Name of the billing stack: one per account. */
export const BILLING_STACK = "WristAgentBilling";

/** Name of the delivery stack: one per account. */
export const DELIVERY_STACK = "WristAgentDelivery";

/**
 * GitHub environment of jobs that compare templates and change nothing; each stage's environment is named
 * after it.
 */
export const DIFF_ENVIRONMENT = "diff";

/** Context under which `deploy` hands over what earlier deploys of the stage were given, as JSON. */
export const REMEMBERED_CONTEXT = "wrist-agent:remembered";

/**
 * Context under which `deploy` asks for the alias to be moved without CodeDeploy, because a rollback has
 * moved it: `direct`.
 */
export const ALIAS_UPDATE_CONTEXT = "wrist-agent:alias-update";

/**
 * Context under which `deploy` says that the account has GitHub's OIDC provider, made by somebody else:
 * `existing`.
 */
export const GITHUB_PROVIDER_CONTEXT = "wrist-agent:github-provider";

/** Who signs the tokens of GitHub's jobs; an account has one OIDC provider for it. */
export const GITHUB_ISSUER = "token.actions.githubusercontent.com";

/**
 * Keys of the alarms that turn a shift of traffic back: those that notify within minutes and clear within
 * minutes.
 *
 * An alarm over a day would still be in ALARM hours after a bad version, and CodeDeploy starts no deployment
 * while one is.
 */
export const ROLLBACK_ALARMS: readonly string[] = ["failing-now", "lambda-errors"];

/** Dashboards by the last part of their name. */
export const DASHBOARDS = ["on-call", "traffic", "cost"] as const;

/** One of {@link DASHBOARDS}. */
export type DashboardName = (typeof DASHBOARDS)[number];

/** How loud an alarm is: `page` wants somebody now, `ticket` within a day or two. */
export type Severity = "page" | "ticket";

/** Every physical name of one stage. */
export interface Names {
  /** What people call the thing that is watched: on dashboards, and as the sender of mail. */
  readonly title: string;
  /** Names in CloudFormation: the same in every Region. */
  readonly applicationStack: string;
  readonly monitoringStack: string;
  /** Names within an assembly, which the CDK CLI takes: those of a further Region end with its name. */
  readonly applicationArtifact: string;
  readonly monitoringArtifact: string;
  readonly function: string;
  readonly logGroup: string;
  readonly probe: string;
  /** The schedule that asks the agent alone. */
  readonly probeHealth: string;
  readonly probeLogGroup: string;
  /** Function that asks a new version before it gets traffic. */
  readonly preTraffic: string;
  /** CodeDeploy's application; its one deployment group is named as the alias. */
  readonly deploymentApplication: string;
  /** Function and schedule that change the token. */
  readonly rotation: string;
  /** Topic of the mail about a new token. */
  readonly ownerTopic: string;
  /** SSM parameter (SecureString) that holds the token. */
  readonly tokenParameter: string;
  /** Start of the names of the parameters that the agent reads while it runs. */
  readonly parameterPrefix: string;
  /** Start of the names of the parameters that later deploys read what was given to earlier ones from. */
  readonly settingsPrefix: string;
  /** Function and schedule of the spend breaker. */
  readonly breaker: string;
  readonly functionArnExport: string;
  readonly functionUrlExport: string;
  readonly topics: Readonly<Record<Severity, string>>;
  /** Start of every dashboard's name in a Region; cdk-monitoring-constructs adds `-<dashboard>`. */
  dashboardPrefix(region: string): string;
  /**
   * Name of the stage's own inference profile; CloudFormation replaces it with its model, so it holds the
   * model too.
   */
  inferenceProfile(modelId: string): string;
  /** Full name of an alarm from its key in the alarm table. */
  alarm(what: string): string;
  /** Full name of a dashboard of a Region. */
  dashboard(region: string, name: DashboardName): string;
}

/** What names are made from. */
export interface NamingInputs {
  readonly stage: Stage;
  readonly region: string;
  /** Every Region of the stage, the first one its own. */
  readonly regions: readonly string[];
  /** The function that is watched instead of the agent. */
  readonly functionArn?: FunctionArn | undefined;
}

/**
 * The physical names of a stage in one of its Regions, its first when only the stage is given: nothing else
 * in the project spells them.
 *
 * Names are unique within a Region, and the same in every Region: so whichever Region comes first, alone or
 * not, it is the same stack that is deployed. Dashboards are global to an account
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html), so theirs hold
 * the Region: what a lost Region left behind is in nobody's way.
 */
export function namesOf(of: Stage | NamingInputs): Names {
  if (typeof of !== "string" && of.functionArn) return attachedNames(of.stage, of.functionArn);
  const stage = typeof of === "string" ? of : of.stage;
  const further = typeof of === "string" || of.region === of.regions[0] ? "" : `-${of.region}`;
  const base = `wrist-agent-${stage}`;
  return {
    title: `Wrist Agent ${stage}`,
    applicationStack: `WristAgent-${stage}`,
    monitoringStack: `WristAgentMonitoring-${stage}`,
    applicationArtifact: `WristAgent-${stage}${further}`,
    monitoringArtifact: `WristAgentMonitoring-${stage}${further}`,
    function: base,
    logGroup: `/aws/lambda/${base}`,
    probe: `${base}-probe`,
    probeHealth: `${base}-probe-health`,
    probeLogGroup: `/aws/lambda/${base}-probe`,
    preTraffic: `${base}-pre-traffic`,
    deploymentApplication: base,
    rotation: `${base}-rotation`,
    ownerTopic: `${base}-owner`,
    tokenParameter: isLastingStage(stage) ? TOKEN_PARAMETERS[stage] : `/wrist-agent/${stage}/client-token`,
    parameterPrefix: `/wrist-agent/${stage}/config/`,
    settingsPrefix: `/wrist-agent/${stage}/settings/`,
    breaker: `${base}-breaker`,
    functionArnExport: `WristAgent-${stage}-FunctionArn`,
    functionUrlExport: `WristAgent-${stage}-FunctionUrl`,
    topics: { page: `${base}-page`, ticket: `${base}-ticket` },
    ...dashboardNames(base),
    inferenceProfile: (modelId) => `${base}-${shortHash(modelId)}`,
    alarm: (what) => `${base}-${what}`,
  };
}

function dashboardNames(base: string): Pick<Names, "dashboardPrefix" | "dashboard"> {
  return {
    dashboardPrefix: (region) => `${base}-${region}`,
    dashboard: (region, name) => `${base}-${region}-${name}`,
  };
}

/** As the deployment guide named them, for tokens that are there already. */
const TOKEN_PARAMETERS: Readonly<Record<LastingStage, string>> = {
  development: "/wrist-agent/dev/client-token",
  staging: "/wrist-agent/staging/client-token",
  production: "/wrist-agent/client-token",
};

/** Six letters that tell texts apart where a name has no room for them. */
function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 6);
}

/**
 * Characters of a function's and its alias's name that names take over; topics and stacks have limits of
 * their own.
 */
const MAX_NAME_CHARACTERS = 60;

/** Names of what watches somebody else's function; the letters at the end tell `a_b` from `a-b`. */
function attachedNames(stage: Stage, { text, functionName, aliasName }: FunctionArn): Names {
  const spelled = [functionName, ...(aliasName === undefined ? [] : [aliasName])]
    .join("-")
    .replaceAll("_", "-");
  const unique = shortHash(text);
  const what = `on-${spelled.slice(0, MAX_NAME_CHARACTERS)}-${unique}`;
  const base = `wrist-agent-${what}`;
  return {
    ...namesOf(stage),
    title: [functionName, ...(aliasName === undefined ? [] : [aliasName])].join(":"),
    monitoringStack: `WristAgentMonitoring-${what}`,
    monitoringArtifact: `WristAgentMonitoring-${what}`,
    settingsPrefix: `/${base}/settings/`,
    function: functionName,
    logGroup: `/aws/lambda/${functionName}`,
    topics: { page: `${base}-page`, ticket: `${base}-ticket` },
    ...dashboardNames(base),
    alarm: (key) => `${base}-${key}`,
  };
}

/**
 * The only Region that has billing metrics, for the charges of all Regions; so the billing stack is there.
 */
export const BILLING_REGION = "us-east-1";

/** Physical names of the billing stack. */
export const BILLING_NAMES = {
  topic: "wrist-agent-billing",
  /** Full name of an alarm from its key. */
  alarm: (what: string): string => `wrist-agent-billing-${what}`,
} as const;
