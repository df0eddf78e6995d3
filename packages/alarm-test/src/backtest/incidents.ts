import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { parseDocument } from "yaml";
import { AssemblyError } from "../template.ts";

/** Something that happened, epoch milliseconds. */
export interface Incident {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Reads a list of `{ name, from, to }` in YAML or JSON. */
export function parseIncidents(text: string, origin: string): readonly Incident[] {
  const document = parseDocument(text, { logLevel: "silent" });
  const [error] = document.errors;
  if (error !== undefined)
    throw new AssemblyError(`${origin} is not YAML: ${error.message.split("\n")[0] ?? ""}`, { cause: error });
  const value: unknown = document.toJS();
  if (!Array.isArray(value)) throw new AssemblyError(`${origin} must be a list of { name, from, to }`);
  return value.map((entry, index) => incident(entry, `${origin}: incident ${index + 1}`));
}

function incident(entry: unknown, place: string): Incident {
  if (!isJsonObject(entry) || typeof entry.name !== "string")
    throw new AssemblyError(`${place} needs name, from and to`);
  const [fromMs, toMs] = [instant(entry.from, `${place}: from`), instant(entry.to, `${place}: to`)];
  if (toMs <= fromMs) throw new AssemblyError(`${place} ends before it begins: to must be after from`);
  return { name: entry.name, fromMs, toMs };
}

function instant(value: unknown, place: string): number {
  const ms = typeof value === "string" ? Date.parse(value) : NaN;
  if (Number.isNaN(ms))
    throw new AssemblyError(`${place} is ${JSON.stringify(value)}: give a time like 2026-01-05T10:00:00Z`);
  return ms;
}
