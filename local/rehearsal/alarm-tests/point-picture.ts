import type { JudgedPoint } from "../../cloudwatch/reason/judged-points.ts";
import { durationText } from "./duration.ts";

/** A picture in text of the points that an alarm saw, oldest first: when, how much, and `X` where they breach. */
export function pointPicture(points: readonly JudgedPoint[], startMs: number): readonly string[] {
  const columns = points
    .toReversed()
    .map((point) => [
      point.startMs < startMs
        ? `-${durationText(startMs - point.startMs)}`
        : durationText(point.startMs - startMs),
      point.value === undefined ? "_" : String(point.value),
      mark(point),
    ]);
  const row = (label: string, index: number): string =>
    [label.padEnd(8), ...columns.map((column) => cell(column, index))].join(" ").trimEnd();
  return [row("time", 0), row("value", 1), row("breach", 2)];
}

function mark(point: JudgedPoint): string {
  if (point.value === undefined) return "";
  return point.breaching ? "X" : ".";
}

function cell(column: readonly string[], index: number): string {
  const width = Math.max(...column.map((text) => text.length));
  return (column[index] ?? "").padStart(width);
}
