import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { REQUEST_LIMITS } from "../../lambda/contract/request.ts";
import {
  ianaTimeZone,
  listOf,
  oneNumberOf,
  oneOf,
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
  readonly awsProfile: string;
  readonly modelId: string;
  readonly ownInferenceProfile: boolean;
  readonly tokenParameterName: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly logLevel: "DEBUG" | "INFO" | "WARN" | "ERROR";
  readonly logContent: boolean;
  readonly logRetentionDays: RetentionDays;
  readonly tracing: boolean;
  readonly timeZone: string;
  readonly textCharacters: number;
  readonly tokenTtlSeconds: number;
}

/** The settings of the agent and its stage. */
export const AGENT_SETTINGS: SettingsOf<AgentSettings> = {
  region: {
    key: "AWS_REGION",
    context: "region",
    parse: regionName,
    description: "Region of the application and the monitoring stack",
  },
  regions: {
    key: "REGIONS",
    context: "regions",
    parse: regionNames,
    defaultText: "",
    description: "several Regions, separated by commas, instead of `AWS_REGION`: each gets both stacks",
  },
  awsProfile: {
    key: "AWS_PROFILE",
    context: "awsProfile",
    parse: textMatching(/^[\w.-]*$/, "the name of a profile in ~/.aws/config"),
    defaultText: "",
    environment: "ignored",
    description: "profile meant for deploying this stage; another one in the shell is warned about",
  },
  modelId: {
    key: "BEDROCK_MODEL_ID",
    context: "modelId",
    parse: textMatching(
      /^\S+$/,
      "an inference profile id such as us.anthropic.claude-haiku-4-5-20251001-v1:0",
    ),
    description: "inference profile that answers; `auto.` as its geography follows the Region",
  },
  ownInferenceProfile: {
    key: "OWN_INFERENCE_PROFILE",
    context: "ownInferenceProfile",
    parse: trueOrFalse,
    defaultText: "false",
    description:
      "true asks the model through a profile of the stage's own, whose tags tell its cost apart on the bill",
  },
  tokenParameterName: {
    key: "CLIENT_TOKEN_PARAM_NAME",
    context: "tokenParameterName",
    parse: textMatching(/^(\/[\w.-]+)+$/, "a parameter path such as /wrist-agent/client-token"),
    description: "SSM parameter (SecureString) that holds the token",
  },
  timeoutSeconds: {
    key: "LAMBDA_TIMEOUT",
    context: "lambdaTimeout",
    parse: wholeNumber(5, 900),
    description: "seconds after which Lambda stops a request",
  },
  memoryMegabytes: {
    key: "LAMBDA_MEMORY",
    context: "lambdaMemory",
    parse: wholeNumber(128, 10_240),
    description: "memory of the function in MB",
  },
  logLevel: {
    key: "LOG_LEVEL",
    context: "logLevel",
    parse: oneOf("DEBUG", "INFO", "WARN", "ERROR"),
    defaultText: "INFO",
    description: "smallest level that the agent logs",
  },
  logContent: {
    key: "LOG_CONTENT",
    context: "logContent",
    parse: trueOrFalse,
    defaultText: "false",
    description: "true lets DEBUG lines hold dictated text; refused in production",
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
  },
  tracing: {
    key: "ENABLE_XRAY",
    context: "enableXray",
    parse: trueOrFalse,
    defaultText: "false",
    description: "true turns on X-Ray active tracing",
  },
  timeZone: {
    key: "TIME_ZONE",
    context: "timeZone",
    parse: ianaTimeZone,
    defaultText: "UTC",
    description: "zone that dictated times are understood in",
  },
  textCharacters: {
    key: "MAX_TEXT_CHARACTERS",
    context: "maxTextCharacters",
    parse: wholeNumber(1, 100_000),
    defaultText: String(REQUEST_LIMITS.textCharactersDefault),
    description: "longest accepted text in characters",
  },
  tokenTtlSeconds: {
    key: "TOKEN_CACHE_TTL_SECONDS",
    context: "tokenCacheTtlSeconds",
    parse: wholeNumber(1, 86_400),
    defaultText: "300",
    description: "seconds that a token read from SSM is used before it is read again",
  },
};

/** What changes while the agent runs: its token, its parameters, whether it is held back. */
export interface RunTimeSettings {
  readonly tokenRotationDays: number;
  readonly tokenGraceHours: number;
  readonly modelChoices: readonly string[];
  readonly parameterTtlSeconds: number;
  readonly spendBreaker: boolean;
}

/** The settings of what changes while the agent runs. */
export const RUN_TIME_SETTINGS: SettingsOf<RunTimeSettings> = {
  tokenRotationDays: {
    key: "TOKEN_ROTATION_DAYS",
    context: "tokenRotationDays",
    parse: wholeNumber(0, 3650),
    defaultText: "30",
    description: "age at which the token is changed, in days; 0 leaves it to the command",
  },
  tokenGraceHours: {
    key: "TOKEN_GRACE_HOURS",
    context: "tokenGraceHours",
    parse: wholeNumber(1, 24 * 90),
    defaultText: "72",
    description: "hours for which the old token still works after a change",
  },
  modelChoices: {
    key: "BEDROCK_MODEL_CHOICES",
    context: "modelChoices",
    parse: listOf(/^\S+$/, "inference profile ids, separated by commas"),
    defaultText: "",
    description: "further inference profiles that may be chosen at run time",
  },
  parameterTtlSeconds: {
    key: "CONFIG_TTL_SECONDS",
    context: "configTtlSeconds",
    parse: wholeNumber(1, 3600),
    defaultText: "60",
    description: "seconds that run-time parameters are used before they are read again",
  },
  spendBreaker: {
    key: "SPEND_BREAKER",
    context: "spendBreaker",
    parse: trueOrFalse,
    defaultText: "false",
    description: "true holds requests back until midnight once a day has cost DAILY_SPEND_USD",
  },
};
