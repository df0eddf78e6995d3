/** A JSON object whose members are not checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for what JSON calls an object: neither null nor a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value that a JSON text stands for; `undefined` (which JSON cannot say) when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The object that a JSON text stands for; `undefined` for any other text. */
export function parseJsonObject(text: string): JsonObject | undefined {
  const value = parseJson(text);
  return isJsonObject(value) ? value : undefined;
}

/** The members of an object; none of anything else. */
export function jsonMembers(value: unknown): JsonObject {
  return isJsonObject(value) ? { ...value } : {};
}

/** The members of a JSON text; none where it is no JSON object. */
export function jsonTextMembers(text: string): JsonObject {
  return parseJsonObject(text) ?? {};
}
