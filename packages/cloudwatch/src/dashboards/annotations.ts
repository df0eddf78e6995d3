import type { HorizontalAnnotation, VerticalAnnotation } from "./dashboard-view.ts";
import type { Drawing } from "./drawing.ts";
import {
  isMembers,
  listAt,
  type MemberKind,
  type Members,
  numberAt,
  objectAt,
  optionalMember,
  textAt,
  undrawnMembers,
} from "./widget-members.ts";

type Notice = Drawing["notice"];

/** Threshold lines and bands; invisible ones are left out, as CloudWatch does. */
export function horizontalAnnotations(properties: Members, notice: Notice): readonly HorizontalAnnotation[] {
  return bandsOf(properties, "horizontal", notice).flatMap(([from, to]) => {
    const value = numberAt(from, "value");
    const toValue = to === undefined ? undefined : numberAt(to, "value");
    if (value === undefined) notice("horizontal annotation without a numeric value");
    if (value === undefined) return [];
    return {
      value,
      ...optionalMember("toValue", toValue),
      ...lookOf(from),
      ...optionalMember("fill", sideOf(from, ["above", "below"] as const)),
      yAxis: from.yAxis === "right" ? ("right" as const) : ("left" as const),
    };
  });
}

/** Moments and spans; invisible ones are left out. */
export function verticalAnnotations(properties: Members, notice: Notice): readonly VerticalAnnotation[] {
  return bandsOf(properties, "vertical", notice).flatMap(([from, to]) => {
    const timeMs = timeAt(from);
    if (timeMs === undefined) notice("vertical annotation without an ISO 8601 time as its value");
    if (timeMs === undefined) return [];
    return {
      timeMs,
      ...optionalMember("toTimeMs", to === undefined ? undefined : timeAt(to)),
      ...lookOf(from),
      ...optionalMember("fill", sideOf(from, ["before", "after"] as const)),
    };
  });
}

type Band = readonly [Members, Members | undefined];

function bandsOf(properties: Members, name: "horizontal" | "vertical", notice: Notice): readonly Band[] {
  return listAt(objectAt(properties, "annotations"), name)
    .map((entry) => (Array.isArray(entry) ? (entry as unknown[]) : [entry]).filter(isMembers))
    .flatMap(([from, to]): readonly Band[] => {
      for (const edge of [from, to]) noteUndrawn(name, edge, notice);
      if (from === undefined || from.visible === false) return [];
      return [[from, to]];
    });
}

function noteUndrawn(kind: MemberKind, members: Members | undefined, notice: Notice): void {
  for (const text of undrawnMembers(kind, members ?? {})) notice(`${kind} annotation: ${text}`);
}

function lookOf(members: Members): { readonly label?: string; readonly color?: string } {
  return {
    ...optionalMember("label", textAt(members, "label")),
    ...optionalMember("color", textAt(members, "color")),
  };
}

function sideOf<Side extends string>(members: Members, sides: readonly Side[]): Side | undefined {
  return sides.find((side) => side === members.fill);
}

function timeAt(members: Members): number | undefined {
  const timeMs = Date.parse(textAt(members, "value") ?? "");
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
