import { Spacer } from "aws-cdk-lib/aws-cloudwatch";
import { describe, expect, it } from "vitest";
import { grid } from "../../dashboards/widgets.ts";

const widget = (width: number, height = 3): Spacer => new Spacer({ width, height });

describe("the grid", () => {
  it("stacks rows that fill the width", () => {
    expect(grid([[widget(24, 2)], [widget(12), widget(12)]])).toMatchObject({ width: 24, height: 5 });
  });

  it.each([[[20]], [[12, 13]]])("refuses a row of widths %j", (widths) => {
    expect(() => grid([widths.map((width) => widget(width))])).toThrow("dashboard row 1 is");
  });
});
