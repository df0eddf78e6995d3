import type { MetricAlarmDefinition } from "../../cloudwatch/alarm-definition.ts";
import { readMetricAlarm } from "../../cloudwatch/definition/read-alarm.ts";
import { AssemblyError } from "../assembly-error.ts";
import { placeOf, readProperties, type PropertyReader } from "./property-reader.ts";
import type { ResolvedResource } from "../template/resolve-stacks.ts";

/** Makes the engine's definition of an `AWS::CloudWatch::Alarm`; the name is made up when the template gives none, as CloudFormation does. */
export function metricAlarmOf(resource: ResolvedResource): MetricAlarmDefinition {
  const read = readProperties(resource);
  if (read.has("EvaluationCriteria"))
    throw new AssemblyError(
      `${placeOf(resource)} is a PromQL alarm, which is not emulated: use metrics or expressions`,
    );
  for (const query of read.objects("Metrics") ?? []) refuseOtherAccount(query, resource);
  return readMetricAlarm(read, resource.ref());
}

function refuseOtherAccount(query: PropertyReader, resource: ResolvedResource): void {
  const account = query.text("AccountId");
  if (account === undefined || account === resource.accountId) return;
  const id = query.required("Id", query.text("Id"));
  throw new AssemblyError(
    `${placeOf(resource)} reads "${id}" from account ${account}, which is not emulated: read from ${resource.accountId}`,
  );
}
