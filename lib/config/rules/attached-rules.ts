import type { SettingsRule } from "./settings-rule.ts";
import type { StageSettings } from "../stage-config.ts";

/** What must hold when a function of somebody else's is watched, and what means nothing without one. */
export const ATTACHED_RULES: readonly SettingsRule[] = [
  {
    settings: ["functionArn", "functionTimeoutSeconds"],
    refusal: ({ functionArn, functionTimeoutSeconds }) =>
      functionArn && functionTimeoutSeconds === undefined
        ? "give its timeout in seconds with -c functionTimeout=; aws lambda get-function-configuration " +
          `--function-name ${functionArn.functionName} --query Timeout prints it`
        : undefined,
  },
  {
    settings: ["functionArn", "regions"],
    refusal: ({ functionArn, regions }) =>
      functionArn && regions.length > 0
        ? "a function is in one Region: leave REGIONS out, or pass -c regions="
        : undefined,
  },
  {
    settings: ["functionArn", "region"],
    refusal: ({ functionArn, region }) =>
      functionArn && functionArn.region !== region
        ? `its metrics, and so its alarms, are in ${functionArn.region}: pass -c region=${functionArn.region}`
        : undefined,
  },
  {
    settings: ["functionUrl", "functionArn"],
    refusal: ({ functionArn, functionUrl }) => {
      const region = /\.lambda-url\.([a-z0-9-]+)\.on\.aws\/?$/.exec(functionUrl)?.[1];
      return functionArn && region !== undefined && region !== functionArn.region
        ? `the URL is in ${region} and the function in ${functionArn.region}: one of the two is another function's`
        : undefined;
    },
  },
  onlyAttached(
    "functionTimeoutSeconds",
    ({ functionTimeoutSeconds }) => functionTimeoutSeconds !== undefined,
  ),
  onlyAttached("functionUrl", ({ functionUrl }) => functionUrl !== ""),
  onlyAttached("customMetrics", ({ customMetrics }) => customMetrics),
];

function onlyAttached(
  name: keyof StageSettings,
  isGiven: (settings: StageSettings) => boolean,
): SettingsRule {
  return {
    settings: [name],
    refusal: (settings) =>
      isGiven(settings) && settings.functionArn === undefined
        ? "it says something of a function that -c functionArn= names, and none is named"
        : undefined,
  };
}
