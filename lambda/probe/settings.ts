import { PROBE_ENVIRONMENT } from "../contract/probe.ts";

/** What the probe was deployed with. */
export interface Settings {
  readonly stage: string;
  readonly url: string;
  readonly tokenParameterName: string;
  readonly region: string;
  /** Version of the function that Lambda runs. */
  readonly version: string;
}

/** Reads the environment; what is missing or wrong there breaks every run, and the line says so. */
export function settingsOf(environment: Readonly<Record<string, string | undefined>>): Settings {
  const read = (name: keyof typeof PROBE_ENVIRONMENT): string =>
    environment[PROBE_ENVIRONMENT[name]]?.trim() ?? "";
  return {
    stage: read("stage") || "unknown",
    url: read("url"),
    tokenParameterName: read("tokenParameterName"),
    region: environment.AWS_REGION ?? "",
    version: environment.AWS_LAMBDA_FUNCTION_VERSION ?? "$LATEST",
  };
}
