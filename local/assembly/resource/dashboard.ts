import { readProperties } from "./property-reader.ts";
import type { ResolvedResource } from "../template/resolve-stacks.ts";

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
