import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { REQUEST_LIMITS } from "../../../lambda/contract/request.ts";
import {
  matching,
  oneNumberOf,
  oneOf,
  regionName,
  regionNames,
  timeZone,
  trueOrFalse,
  wholeNumber,
} from "./values.ts";
import type { SettingsOf } from "./setting.ts";

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
    meaning: "Region of the application and the monitoring stack",
  },
  regions: {
    key: "REGIONS",
    context: "regions",
    parse: regionNames,
    otherwise: "",
    meaning: "several Regions, separated by commas, instead of `AWS_REGION`: each gets both stacks",
  },
  awsProfile: {
    key: "AWS_PROFILE",
    context: "awsProfile",
    parse: matching(/^[\w.-]*$/, "the name of a profile in ~/.aws/config"),
    otherwise: "",
    environment: "ignored",
    meaning: "profile meant for deploying this stage; another one in the shell is warned about",
  },
  modelId: {
    key: "BEDROCK_MODEL_ID",
    context: "modelId",
    parse: matching(/^\S+$/, "an inference profile id such as us.anthropic.claude-haiku-4-5-20251001-v1:0"),
    meaning: "inference profile that answers; `auto.` as its geography follows the Region",
  },
  ownInferenceProfile: {
    key: "OWN_INFERENCE_PROFILE",
    context: "ownInferenceProfile",
    parse: trueOrFalse,
    otherwise: "false",
    meaning:
      "true asks the model through a profile of the stage's own, whose tags tell its cost apart on the bill",
  },
  tokenParameterName: {
    key: "CLIENT_TOKEN_PARAM_NAME",
    context: "tokenParameterName",
    parse: matching(/^(\/[\w.-]+)+$/, "a parameter path such as /wrist-agent/client-token"),
    meaning: "SSM parameter (SecureString) that holds the token",
  },
  timeoutSeconds: {
    key: "LAMBDA_TIMEOUT",
    context: "lambdaTimeout",
    parse: wholeNumber(5, 900),
    meaning: "seconds after which Lambda stops a request",
  },
  memoryMegabytes: {
    key: "LAMBDA_MEMORY",
    context: "lambdaMemory",
    parse: wholeNumber(128, 10_240),
    meaning: "memory of the function in MB",
  },
  logLevel: {
    key: "LOG_LEVEL",
    context: "logLevel",
    parse: oneOf("DEBUG", "INFO", "WARN", "ERROR"),
    otherwise: "INFO",
    meaning: "smallest level that the agent logs",
  },
  logContent: {
    key: "LOG_CONTENT",
    context: "logContent",
    parse: trueOrFalse,
    otherwise: "false",
    meaning: "true lets DEBUG lines hold dictated text; refused in production",
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
    otherwise: "30",
    meaning: "days that log lines are kept",
  },
  tracing: {
    key: "ENABLE_XRAY",
    context: "enableXray",
    parse: trueOrFalse,
    otherwise: "false",
    meaning: "true turns on X-Ray active tracing",
  },
  timeZone: {
    key: "TIME_ZONE",
    context: "timeZone",
    parse: timeZone,
    otherwise: "UTC",
    meaning: "zone that dictated times are understood in",
  },
  textCharacters: {
    key: "MAX_TEXT_CHARACTERS",
    context: "maxTextCharacters",
    parse: wholeNumber(1, 100_000),
    otherwise: String(REQUEST_LIMITS.textCharactersDefault),
    meaning: "longest accepted text in characters",
  },
  tokenTtlSeconds: {
    key: "TOKEN_CACHE_TTL_SECONDS",
    context: "tokenCacheTtlSeconds",
    parse: wholeNumber(1, 86_400),
    otherwise: "300",
    meaning: "seconds that a token read from SSM is used before it is read again",
  },
};
