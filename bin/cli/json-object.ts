import { isJsonObject, type JsonObject, parseJsonObject } from "@wrist-agent/cloudwatch/json";

/** The members of an object; none of anything else. */
export function jsonMembers(value: unknown): JsonObject {
  return isJsonObject(value) ? { ...value } : {};
}

/** The members of a JSON text; none where it is no JSON object. */
export function jsonTextMembers(text: string): JsonObject {
  return parseJsonObject(text) ?? {};
}
