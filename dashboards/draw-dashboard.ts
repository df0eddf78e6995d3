import type { IWidget } from "aws-cdk-lib/aws-cloudwatch";
import type { DashboardInputs } from "../lib/monitoring/agent-monitoring.ts";
import { cost } from "./cost.ts";
import { grid, type GridRow } from "./widgets.ts";
import { onCall } from "./on-call.ts";
import { traffic } from "./traffic.ts";

/** The rows of each dashboard, by the last part of its name. */
const ROWS: Readonly<Record<string, (inputs: DashboardInputs) => readonly GridRow[]>> = {
  "on-call": onCall,
  traffic,
  cost,
};

/** Draws the dashboard of that name as one widget on the grid. */
export function drawDashboard(name: string, inputs: DashboardInputs): IWidget {
  const rows = ROWS[name];
  if (!rows) throw new Error(`no rows are written for dashboard ${name}`);
  return grid(rows(inputs));
}
