/**
 * Where `actual` is not as `expected`: it may have more members, but lists are as long as expected. `{
 * "$absent": true }` wants no member, `{ "$present": true }` any, `{ "$length": 3 }` a list of that length,
 * `{ "$unordered": list }` its items in any order, `{ "$jsonText": value }` a text that is JSON of it, `{
 * "$starts": text }` a text that begins so.
 */
export function differences(path: string, expected: unknown, actual: unknown): readonly string[] {
  if (typeof expected !== "object" || expected === null)
    return Object.is(expected, actual) ? [] : [`${path} is ${text(actual)}, recorded ${text(expected)}`];
  if (Array.isArray(expected)) return listDifferences(path, expected, actual);
  if ("$absent" in expected) return actual === undefined ? [] : [`${path} is ${text(actual)}, recorded none`];
  if ("$length" in expected) return lengthDifferences(path, expected.$length, actual);
  if ("$unordered" in expected) return unorderedDifferences(path, expected.$unordered, actual);
  if ("$starts" in expected) return startDifferences(path, text(expected.$starts), actual);
  if ("$present" in expected) return actual === undefined ? [`${path} is nothing`] : [];
  if ("$jsonText" in expected)
    return differences(path, expected.$jsonText, typeof actual === "string" ? JSON.parse(actual) : actual);
  return memberDifferences(path, expected, actual);
}

function startDifferences(path: string, quoted: string, actual: unknown): readonly string[] {
  const isIt = typeof actual === "string" && text(actual).startsWith(quoted.slice(0, -1));
  return isIt ? [] : [`${path} is ${text(actual)}, recorded to begin with ${quoted}`];
}

function memberDifferences(path: string, expected: object, actual: unknown): readonly string[] {
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

function lengthDifferences(path: string, expected: unknown, actual: unknown): readonly string[] {
  const length = Array.isArray(actual) ? actual.length : text(actual);
  return length === expected ? [] : [`${path} has length ${length}, recorded ${text(expected)}`];
}

/** Each expected item must be that of one actual item of its own. */
function unorderedDifferences(path: string, expected: unknown, actual: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(expected) ? expected : [];
  if (!Array.isArray(actual) || actual.length !== items.length)
    return [`${path} is ${text(actual)}, recorded ${text(expected)}`];
  const left = [...(actual as readonly unknown[])];
  return items.flatMap((item) => {
    const found = left.findIndex((each) => differences(path, item, each).length === 0);
    if (found >= 0) left.splice(found, 1);
    return found >= 0 ? [] : [`${path} has no ${text(item)}`];
  });
}

function text(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
