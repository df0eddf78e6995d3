/**
 * Where `actual` is not as `expected`: it may have more members, but lists are as long as expected. `{ "$absent": true }`
 * wants no member, `{ "$jsonText": value }` a text that is JSON of it.
 */
export function differences(path: string, expected: unknown, actual: unknown): readonly string[] {
  if (typeof expected !== "object" || expected === null)
    return Object.is(expected, actual) ? [] : [`${path} is ${text(actual)}, recorded ${text(expected)}`];
  if (Array.isArray(expected)) return listDifferences(path, expected, actual);
  if ("$absent" in expected) return actual === undefined ? [] : [`${path} is ${text(actual)}, recorded none`];
  if ("$jsonText" in expected)
    return differences(path, expected.$jsonText, typeof actual === "string" ? JSON.parse(actual) : actual);
  if (typeof actual !== "object" || actual === null)
    return [`${path} is ${text(actual)}, recorded ${text(expected)}`];
  return Object.entries(expected).flatMap(([name, member]) =>
    differences(`${path}.${name}`, member, (actual as Readonly<Record<string, unknown>>)[name]),
  );
}

function listDifferences(path: string, expected: readonly unknown[], actual: unknown): readonly string[] {
  if (!Array.isArray(actual) || actual.length !== expected.length)
    return [`${path} is ${text(actual)}, recorded ${text(expected)}`];
  return expected.flatMap((item, index) => differences(`${path}[${index}]`, item, actual[index]));
}

function text(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
