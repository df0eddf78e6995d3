import { RetentionDays } from "aws-cdk-lib/aws-logs";
import {
  ConfigError,
  ianaTimeZone,
  listOf,
  oneNumberOf,
  regionName,
  regionNames,
  type SettingsOf,
  textMatching,
  trueOrFalse,
  wholeNumber,
} from "./setting.ts";

/** Where the agent runs, and how. */
export interface AgentSettings {
  readonly region: string;
  readonly regions: readonly string[];
  readonly modelId: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly logRetentionDays: RetentionDays;
  readonly tracing: boolean;
  readonly timeZone: string;
}

/** The settings of the agent and its stage. */
export const AGENT_SETTINGS: SettingsOf<AgentSettings> = {
  region: {
    key: "AWS_REGION",
    context: "region",
    parse: regionName,
    description: "Region of the application and the monitoring stack",
    why: "only you know where you live, and where the model is served",
    remembered: "never",
  },
  regions: {
    key: "REGIONS",
    context: "regions",
    parse: regionNames,
    defaultText: "",
    description: "several Regions, separated by commas, instead of `AWS_REGION`: each gets both stacks",
    why: "a second Region is a second deployment, with its own URL and cost",
    remembered: "never",
  },
  modelId: {
    key: "BEDROCK_MODEL_ID",
    context: "modelId",
    parse: textMatching(
      /^\S+$/,
      "an inference profile id such as us.anthropic.claude-haiku-4-5-20251001-v1:0",
    ),
    description: "inference profile that answers; `auto.` as its geography follows the Region",
    why: "models differ in price, speed and quality, and are retired",
  },
  timeoutSeconds: {
    key: "LAMBDA_TIMEOUT",
    context: "lambdaTimeout",
    parse: wholeNumber(1, 900),
    formerly: { key: "FUNCTION_TIMEOUT", context: "functionTimeout" },
    description:
      "seconds after which Lambda stops a request, 5 or more; with `FUNCTION_ARN` those of the watched function, given with `-c`",
    why: "a deepthink needs longer than a note, and a Shortcut gives up by itself",
  },
  memoryMegabytes: {
    key: "LAMBDA_MEMORY",
    context: "lambdaMemory",
    parse: wholeNumber(128, 10_240),
    description: "memory of the function in MB",
    why: "`tune-memory` measures which size is fastest for its price",
  },
  logRetentionDays: {
    key: "LOG_RETENTION_DAYS",
    context: "logRetentionDays",
    parse: oneNumberOf(
      RetentionDays.ONE_DAY,
      RetentionDays.THREE_DAYS,
      RetentionDays.ONE_WEEK,
      RetentionDays.TWO_WEEKS,
      RetentionDays.ONE_MONTH,
      RetentionDays.TWO_MONTHS,
      RetentionDays.THREE_MONTHS,
      RetentionDays.SIX_MONTHS,
      RetentionDays.ONE_YEAR,
    ),
    defaultText: "30",
    description: "days that log lines are kept",
    why: "how long you may keep, or must",
  },
  tracing: {
    key: "ENABLE_XRAY",
    context: "enableXray",
    parse: trueOrFalse,
    defaultText: "false",
    description: "true turns on X-Ray active tracing",
    why: "traces cost by the request",
  },
  timeZone: {
    key: "TIME_ZONE",
    context: "timeZone",
    parse: ianaTimeZone,
    defaultText: "UTC",
    description: "zone that dictated times are understood in",
    why: '"tomorrow at nine" is a time of a place',
  },
};

/** What changes while the agent runs: its token, its parameters, whether it is blocked. */
export interface RunTimeSettings {
  readonly tokenRotationDays: number;
  readonly modelChoices: readonly string[];
  readonly spendBreaker: boolean;
}

/** 0, or at least two days: a replaced token stops working a day before the next change. */
function rotationDays(text: string): number {
  const days = wholeNumber(0, 3650)(text);
  if (days !== 1) return days;
  throw new ConfigError(
    "expected 0, or 2 days or more: the old token must stop working before the next change",
  );
}

/** The settings of what changes while the agent runs. */
export const RUN_TIME_SETTINGS: SettingsOf<RunTimeSettings> = {
  tokenRotationDays: {
    key: "TOKEN_ROTATION_DAYS",
    context: "tokenRotationDays",
    parse: rotationDays,
    defaultText: "30",
    description: "age at which the token is changed, in days; 0 leaves it to the command",
    why: "each change means a new token in every Shortcut",
  },
  modelChoices: {
    key: "BEDROCK_MODEL_CHOICES",
    context: "modelChoices",
    parse: listOf(/^\S+$/, "inference profile ids, separated by commas"),
    defaultText: "",
    description: "further inference profiles that may be chosen at run time",
    why: "a model that may be chosen without a deploy needs permissions before",
  },
  spendBreaker: {
    key: "SPEND_BREAKER",
    context: "spendBreaker",
    parse: trueOrFalse,
    defaultText: "false",
    description: "true blocks requests until midnight once a day has cost DAILY_SPEND_USD",
    why: "whether an expensive day ends in silence or in a bill is your choice",
  },
};
