import { Spacer } from "aws-cdk-lib/aws-cloudwatch";
import { describe, expect, it } from "vitest";
import { drawDashboard } from "../../dashboards/draw-dashboard.ts";
import { grid } from "../../dashboards/widgets.ts";
import type { DashboardInputs } from "../../lib/monitoring/agent-monitoring.ts";

const widget = (width: number, height = 3): Spacer => new Spacer({ width, height });

describe("the grid", () => {
  it("stacks rows that fill the width", () => {
    expect(grid([[widget(24, 2)], [widget(12), widget(12)]])).toMatchObject({ width: 24, height: 5 });
  });

  it.each([[[20]], [[12, 13]]])("refuses a row of widths %j", (widths) => {
    expect(() => grid([widths.map((width) => widget(width))])).toThrow("dashboard row 1 is");
  });

  it("refuses a dashboard that nobody has written", () => {
    expect(() => drawDashboard("weather", {} as DashboardInputs)).toThrow(
      "no rows are written for dashboard weather",
    );
  });
});
