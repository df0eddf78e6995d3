import { expect, test } from "vitest";
import { mutantsOf } from "../../../bench/mutation/mutants.ts";

/** The text after each of its mutants. */
function changed(text: string): readonly string[] {
  return mutantsOf("some.ts", text).map(
    ({ start, end, after }) => text.slice(0, start) + after + text.slice(end),
  );
}

test.each([
  ["a comparison", "x = a < b", ["x = a <= b"]],
  ["an equality", "x = a === b", ["x = a !== b"]],
  ["both, either", "x = a && b || c", ["x = a && b && c", "x = a || b || c"]],
  ["a sum counts as a text", "x = a + b", []],
  ["a difference", "x = a - b", ["x = a + b"]],
  ["a default", "x = a ?? b", ["x = a"]],
  ["a negation", "x = !a", ["x = a"]],
  ["a choice", "x = a ? b : c", ["x = true ? b : c", "x = false ? b : c"]],
  ["a condition", "if (a) {}", ["if (true) {}", "if (false) {}"]],
  ["a method of the language", "x = a.some(f)", ["x = a.every(f)"]],
  ["a property of that name", "x = a.some", []],
  ["a number", "x = 1_000", ["x = 1001"]],
  ["a truth", "x = [true, false]", ["x = [false, false]", "x = [true, true]"]],
  ["a text", 'x = "a"', ['x = ""']],
  ["an empty text", 'x = ""', []],
  ["the name of a member", 'x = { "a-b": c["d"] }', []],
])("%s", (_what, text, expected) => {
  expect(changed(`const ${text}`)).toEqual(expected.map((each) => `const ${each}`));
});

test("a comparison that only takes the greater or the smaller one keeps its bound", () => {
  expect(changed("if (a > b) b = a;")).toEqual(["if (true) b = a;", "if (false) b = a;", "if (a > b) ;"]);
  expect(changed("if (a <= b) a = b;")).toHaveLength(3);
  expect(changed("if (a > b) c = a;")).toContain("if (a >= b) c = a;");
  expect(changed("if (a > b) b = a; else d;")).toContain("if (a >= b) b = a; else d;");
  expect(changed("if (a > b) b -= a;")).toContain("if (a >= b) b -= a;");
  expect(changed("if (a > b) f(a, b);")).toContain("if (a >= b) f(a, b);");
  expect(changed("const x = a < b ? a : b;")).not.toContain("const x = a <= b ? a : b;");
  expect(changed("const x = a < b ? a : c;")).toContain("const x = a <= b ? a : c;");
});

test("a call for its effect is left out", () => {
  expect(changed("a();\nb;")).toEqual([";\nb;", "a();\n;"]);
});

test("what only the compiler reads has no mutants", () => {
  const text =
    'import a from "a";\ntype B = "b" | 1;\ninterface C { d: "d" }\nlet e: "e";\nexport { f } from "f";';
  expect(changed(text)).toEqual([]);
});
