import { Column, Row, type IWidget } from "aws-cdk-lib/aws-cloudwatch";

/** Columns of a CloudWatch dashboard. */
export const GRID_WIDTH = 24;

/** A band of widgets of one height, side by side, over the whole width. */
export type GridRow = readonly IWidget[];

/** Stacks rows; refuses one that would leave a gap or wrap. */
export function grid(rows: readonly GridRow[]): IWidget {
  rows.forEach((row, index) => {
    const width = row.reduce((sum, widget) => sum + widget.width, 0);
    if (width !== GRID_WIDTH)
      throw new Error(`dashboard row ${index + 1} is ${width} columns wide, not ${GRID_WIDTH}`);
  });
  return new Column(...rows.map((row) => new Row(...row)));
}
