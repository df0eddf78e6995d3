import type { CloudWatchClientConfig } from "@aws-sdk/client-cloudwatch";
import { AwsJson1_0Protocol, AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from "@aws-sdk/core/protocols";

/** The protocols of CloudWatch's clients, as the SDK takes them. */
export const CLOUDWATCH_PROTOCOLS = {
  json: AwsJson1_0Protocol,
  query: AwsQueryProtocol,
  cbor: AwsSmithyRpcV2CborProtocol,
} as const;

export type CloudWatchProtocol = keyof typeof CLOUDWATCH_PROTOCOLS;

/** The setting of a client that speaks one of them. */
export function speaking(
  protocol: CloudWatchProtocol,
): Pick<CloudWatchClientConfig, "protocol" | "disableRequestCompression"> {
  return {
    protocol: CLOUDWATCH_PROTOCOLS[protocol] as NonNullable<CloudWatchClientConfig["protocol"]>,
    // In CBOR the SDK (3.1164) announces the length of the body before its compression: no server sees its
    // end.
    disableRequestCompression: protocol === "cbor",
  };
}
