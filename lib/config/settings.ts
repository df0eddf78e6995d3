import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { REQUEST_LIMITS } from "../../lambda/contract/request.ts";
import type { StageSettings } from "./stage-config.ts";
import {
  addresses,
  matching,
  oneNumberOf,
  oneOf,
  positiveNumber,
  timeZone,
  trueOrFalse,
  wholeNumber,
  type Parse,
} from "./values.ts";

/** How one setting is spelled, read and defaulted. */
export interface Setting<T> {
  /** Name in `.env.<stage>`. */
  readonly key: string;
  /** Name after `-c`; wins over the file. */
  readonly context: string;
  readonly parse: Parse<T>;
  /** Text used when neither file nor context has the setting; required when missing. */
  readonly otherwise?: string;
  /** What it does, in one sentence. */
  readonly meaning: string;
}

/** Every setting of a stage: the table that file, context and documentation are read against. */
export const SETTINGS: { readonly [Name in keyof StageSettings]: Setting<StageSettings[Name]> } = {
  region: {
    key: "AWS_REGION",
    context: "region",
    parse: matching(/^[a-z]{2}(-[a-z]+)+-\d$/, "a Region such as us-west-2"),
    meaning: "Region of the application and the monitoring stack",
  },
  awsProfile: {
    key: "AWS_PROFILE",
    context: "awsProfile",
    parse: matching(/^[\w.-]*$/, "the name of a profile in ~/.aws/config"),
    otherwise: "",
    meaning: "profile meant for deploying this stage; another one in the shell is warned about",
  },
  modelId: {
    key: "BEDROCK_MODEL_ID",
    context: "modelId",
    parse: matching(/^\S+$/, "an inference profile id such as us.anthropic.claude-haiku-4-5-20251001-v1:0"),
    meaning: "inference profile that answers",
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
  alarmEmails: {
    key: "ALARM_EMAIL",
    context: "alarmEmail",
    parse: addresses,
    otherwise: "",
    meaning: "addresses that alarm mail goes to, separated by commas",
  },
  requestsPerDay: {
    key: "REQUESTS_PER_DAY",
    context: "requestsPerDay",
    parse: positiveNumber,
    otherwise: "30",
    meaning: "expected traffic; the alarms' thresholds are made from it",
  },
  dailySpendUsd: {
    key: "DAILY_SPEND_USD",
    context: "dailySpendUsd",
    parse: positiveNumber,
    otherwise: "1",
    meaning: "dollars for the model within 24 hours that raise the spend alarm",
  },
  monthlyBudgetUsd: {
    key: "MONTHLY_BUDGET_USD",
    context: "monthlyBudgetUsd",
    parse: positiveNumber,
    otherwise: "100",
    meaning: "dollars per month for the whole account: billing alarm and budget",
  },
  monitoringProfile: {
    key: "MONITORING_PROFILE",
    context: "monitoringProfile",
    parse: oneOf("default", "full"),
    otherwise: "default",
    meaning: "default stays within the free tier; full adds alarms that cost a few dollars a month",
  },
  docsUrl: {
    key: "DOCS_URL",
    context: "docsUrl",
    parse: matching(/^(https:\/\/\S+[^/\s])?$/, "an https address without a slash at the end"),
    otherwise: "",
    meaning: "where docs/ can be read; links in mails point there, else they name the file",
  },
};
