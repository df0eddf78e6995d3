import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const DIRECTORY = fileURLToPath(new URL("../../../local/web/style/", import.meta.url));
const SHEETS = readdirSync(DIRECTORY).map((name): [string, string] => [
  name,
  readFileSync(`${DIRECTORY}${name}`, "utf8"),
]);

test.each(SHEETS)("%s takes its sizes of type from the one scale", (_name, text) => {
  const sizes = [...text.matchAll(/font-size:\s*([^;]+);/g)].map(([, size = ""]) => size.trim());
  // A number as large as its place, and code beside text, follow something else.
  expect(
    sizes.filter((size) => !/^(var\(--text-(xs|s|m|base|l|xl)\)|clamp\(.*\)|0\.88em)$/.test(size)),
  ).toEqual([]);
});

test.each(SHEETS)("%s names colours in the one place that knows both schemes", (name, text) => {
  const plain = text.match(/#[0-9a-f]{3,8}\b/gi) ?? [];
  expect(name === "base.css" ? [] : plain).toEqual([]);
});

test("figures have one width everywhere", () => {
  const sheets = SHEETS.filter(([, text]) => text.includes("font-variant-numeric"));
  expect(sheets.map(([name]) => name)).toEqual(["base.css"]);
});
