import { GetParametersCommand, type SSMClient } from "@aws-sdk/client-ssm";

/** Values by the last part of the parameter's name, or why they could not be had. */
export type ParametersReading = { readonly values: ReadonlyMap<string, string> } | { readonly fault: string };

/** Where the parameters are read; it answers a fault instead of rejecting. A parameter that nobody made has no value. */
export type ReadParameters = () => Promise<ParametersReading>;

/** Reads parameters below a prefix in one call; gives up after `timeoutMs`, retries included. */
export function ssmParameters(
  client: Pick<SSMClient, "send">,
  { prefix, names }: { readonly prefix: string; readonly names: readonly string[] },
  timeoutMs: number,
): ReadParameters {
  const command = { Names: names.map((name) => `${prefix}${name}`) };
  return async () => {
    try {
      const abortSignal = AbortSignal.timeout(timeoutMs);
      const { Parameters = [] } = await client.send(new GetParametersCommand(command), { abortSignal });
      return {
        values: new Map(
          Parameters.map(({ Name = "", Value = "" }) => [Name.slice(prefix.length), Value] as const),
        ),
      };
    } catch (error) {
      return { fault: error instanceof Error ? error.name : "unknown" };
    }
  };
}
