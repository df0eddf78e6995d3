import { functionArn, type FunctionArn } from "../attached-function.ts";
import type { SettingsOf } from "./setting.ts";
import { matching, trueOrFalse, wholeNumber } from "./values.ts";

/** A function of somebody else's that is watched instead of the agent. */
export interface AttachedSettings {
  readonly functionArn: FunctionArn | undefined;
  readonly functionTimeoutSeconds: number | undefined;
  readonly functionUrl: string;
  readonly customMetrics: boolean;
}

/** The settings that attach the monitoring to any Lambda function; docs/any-function.md shows them at work. */
export const ATTACHED_SETTINGS: SettingsOf<AttachedSettings> = {
  functionArn: {
    key: "FUNCTION_ARN",
    context: "functionArn",
    parse: functionArn,
    otherwise: "",
    meaning: "a Lambda function, or its alias, to watch instead of the agent; see any-function.md",
  },
  functionTimeoutSeconds: {
    key: "FUNCTION_TIMEOUT",
    context: "functionTimeout",
    parse: (text) => (text === "" ? undefined : wholeNumber(1, 900)(text)),
    otherwise: "",
    meaning: "timeout in seconds that the watched function is configured with; required with `FUNCTION_ARN`",
  },
  functionUrl: {
    key: "FUNCTION_URL",
    context: "functionUrl",
    parse: matching(/^(https:\/\/[^\s/]+\/?)?$/, "the https address of a Function URL, without a path"),
    otherwise: "",
    meaning: "Function URL of the watched function; without it nothing reads the URL's metrics",
  },
  customMetrics: {
    key: "CUSTOM_METRICS",
    context: "customMetrics",
    parse: trueOrFalse,
    otherwise: "false",
    meaning: "true when the watched function writes this project's EMF lines (docs/telemetry.md)",
  },
};
