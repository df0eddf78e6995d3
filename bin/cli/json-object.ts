/** Members of a JSON object, not yet checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The members of an object; none of anything else. */
export function jsonObject(value: unknown): JsonObject {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** The members of a JSON text; none where it is no JSON object. */
export function parseJsonObject(text: string): JsonObject {
  try {
    return jsonObject(JSON.parse(text));
  } catch {
    return {};
  }
}
