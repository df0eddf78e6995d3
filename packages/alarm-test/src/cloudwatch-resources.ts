import type { CompositeAlarmDefinition, MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { readCompositeAlarm, readMetricAlarm } from "@wrist-agent/cloudwatch/read-definition";
import { type PropertyReader, readProperties, resourcePlace } from "./property-reader.ts";
import type { ResolvedResource } from "./resolve-stacks.ts";
import { AssemblyError } from "./template.ts";

/** Makes the engine's definition of an `AWS::CloudWatch::Alarm`; the name is made up when the template gives none, as CloudFormation does. */
export function metricAlarmOf(resource: ResolvedResource): MetricAlarmDefinition {
  const read = readProperties(resource);
  if (read.has("EvaluationCriteria"))
    throw new AssemblyError(
      `${resourcePlace(resource)} is a PromQL alarm, which is not emulated: use metrics or expressions`,
    );
  for (const query of read.objects("Metrics") ?? []) refuseOtherAccount(query, resource);
  return readMetricAlarm(read, resource.ref());
}

function refuseOtherAccount(query: PropertyReader, resource: ResolvedResource): void {
  const account = query.text("AccountId");
  if (account === undefined || account === resource.accountId) return;
  const id = query.required("Id", query.text("Id"));
  throw new AssemblyError(
    `${resourcePlace(resource)} reads "${id}" from account ${account}, which is not emulated: read from ${resource.accountId}`,
  );
}

/** Makes the engine's definition of an `AWS::CloudWatch::CompositeAlarm`; the name is made up when the template gives none. */
export function compositeAlarmOf(resource: ResolvedResource): CompositeAlarmDefinition {
  return readCompositeAlarm(readProperties(resource), resource.ref());
}

/** A dashboard of the templates: its name and its body, JSON text as PutDashboard takes it. */
export interface DashboardSource {
  readonly name: string;
  readonly body: string;
}

/** Reads an `AWS::CloudWatch::Dashboard`. */
export function dashboardOf(resource: ResolvedResource): DashboardSource {
  const read = readProperties(resource);
  return { name: resource.ref(), body: read.required("DashboardBody", read.text("DashboardBody")) };
}
