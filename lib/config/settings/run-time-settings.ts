import type { SettingsOf } from "./setting.ts";
import { list, trueOrFalse, wholeNumber } from "./values.ts";

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
    otherwise: "30",
    meaning: "age at which the token is changed, in days; 0 leaves it to the command",
  },
  tokenGraceHours: {
    key: "TOKEN_GRACE_HOURS",
    context: "tokenGraceHours",
    parse: wholeNumber(1, 24 * 90),
    otherwise: "72",
    meaning: "hours for which the old token still works after a change",
  },
  modelChoices: {
    key: "BEDROCK_MODEL_CHOICES",
    context: "modelChoices",
    parse: list(/^\S+$/, "inference profile ids, separated by commas"),
    otherwise: "",
    meaning: "further inference profiles that may be chosen at run time",
  },
  parameterTtlSeconds: {
    key: "CONFIG_TTL_SECONDS",
    context: "configTtlSeconds",
    parse: wholeNumber(1, 3600),
    otherwise: "60",
    meaning: "seconds that run-time parameters are used before they are read again",
  },
  spendBreaker: {
    key: "SPEND_BREAKER",
    context: "spendBreaker",
    parse: trueOrFalse,
    otherwise: "false",
    meaning: "true holds requests back until midnight once a day has cost DAILY_SPEND_USD",
  },
};
