import { Annotations } from "aws-cdk-lib/core";
import type { Alias } from "aws-cdk-lib/aws-lambda";
import type { StageConfig } from "../../config/stage-config.ts";

/** Provisioned concurrency on arm64 in US dollars per GB and month of 730 hours: https://aws.amazon.com/lambda/pricing/ */
const USD_PER_GB_MONTH = 0.000_003_333_4 * 3600 * 730;

/** Share of the provisioned environments in use at which target tracking asks for more. */
const UTILIZATION = 0.7;

/** Keeps environments of the alias initialised, as many as configured; target tracking adds more under load. */
export function keepWarm(alias: Alias, config: StageConfig): void {
  const { provisionedConcurrency: least, provisionedConcurrencyMost: most, memoryMegabytes } = config;
  if (least === 0) return;
  const scaling = alias.addAutoScaling({ minCapacity: least, maxCapacity: most });
  scaling.scaleOnUtilization({ utilizationTarget: UTILIZATION });
  const dollars = ((least * memoryMegabytes) / 1024) * USD_PER_GB_MONTH;
  Annotations.of(alias).addInfoV2(
    "wrist-agent:provisioned-concurrency-cost",
    `PROVISIONED_CONCURRENCY=${least} costs about ${dollars.toFixed(2)} USD a month when nobody asks`,
  );
}
