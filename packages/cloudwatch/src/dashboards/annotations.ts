import type { HorizontalAnnotation, VerticalAnnotation } from "./dashboard-view.ts";
import type { Drawing } from "./drawing.ts";
import {
  listAt,
  type MemberKind,
  numberAt,
  objectAt,
  optionalMember,
  textAt,
  undrawnMembers,
} from "./widget-members.ts";
import { isJsonObject, type JsonObject } from "../json.ts";

type Notice = Drawing["notice"];

/** Threshold lines and bands; invisible ones are left out, as CloudWatch does. */
export function horizontalAnnotations(
  properties: JsonObject,
  notice: Notice,
): readonly HorizontalAnnotation[] {
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
export function verticalAnnotations(properties: JsonObject, notice: Notice): readonly VerticalAnnotation[] {
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

type Band = readonly [JsonObject, JsonObject | undefined];

function bandsOf(properties: JsonObject, name: "horizontal" | "vertical", notice: Notice): readonly Band[] {
  return listAt(objectAt(properties, "annotations"), name)
    .map((entry) => (Array.isArray(entry) ? (entry as unknown[]) : [entry]).filter(isJsonObject))
    .flatMap(([from, to]): readonly Band[] => {
      for (const edge of [from, to]) noteUndrawn(name, edge, notice);
      if (from === undefined || from.visible === false) return [];
      return [[from, to]];
    });
}

function noteUndrawn(kind: MemberKind, members: JsonObject | undefined, notice: Notice): void {
  for (const text of undrawnMembers(kind, members ?? {})) notice(`${kind} annotation: ${text}`);
}

function lookOf(members: JsonObject): { readonly label?: string; readonly color?: string } {
  return {
    ...optionalMember("label", textAt(members, "label")),
    ...optionalMember("color", textAt(members, "color")),
  };
}

function sideOf<Side extends string>(members: JsonObject, sides: readonly Side[]): Side | undefined {
  return sides.find((side) => side === members.fill);
}

function timeAt(members: JsonObject): number | undefined {
  const timeMs = Date.parse(textAt(members, "value") ?? "");
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
