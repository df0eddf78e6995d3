import { partitionOf } from "@wrist-agent/cloudwatch/region";
import type { QueryService } from "./service.ts";
import type { Account } from "./ssm.ts";

/** STS, as far as a caller asks who it is. */
export function stsService({ accountId, region }: Account): QueryService {
  return {
    protocol: "query",
    xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    operations: {
      GetCallerIdentity: () => ({
        Arn: `arn:${partitionOf(region)}:sts::${accountId}:assumed-role/local/local`,
        UserId: "AROALOCAL00000000000:local",
        Account: accountId,
      }),
    },
  };
}
