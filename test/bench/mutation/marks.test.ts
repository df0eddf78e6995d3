import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { markedText } from "../../../bench/mutation/marks.ts";
import { mutantsOf } from "../../../bench/mutation/mutants.ts";
import { REACHED } from "../../../bench/mutation/reached.ts";

/** The text with a mark for each of its mutants, a mark written as `«numbers»`. */
function marked(text: string): string {
  const mutants = mutantsOf("some.ts", text).map((mutant, number) => ({ ...mutant, number }));
  return markedText("some.ts", text, mutants)
    .replaceAll(`globalThis.${REACHED}?`, "")
    .replaceAll(/(?:\.add\(\d+\))+/g, (marks) => `«${marks.match(/\d+/g)?.join(" ") ?? ""}»`);
}

test.each([
  ["a statement", "const a = 1;", "«0»; const a = 1;"],
  ["two mutants of one statement", "f(1);", "«0 1»; f(1);"],
  ["a function's statement", "function f() { return 1; }", "function f() { «0»; return 1; }"],
  ["an arrow function's body", "const f = (a) => a - 1;", "const f = (a) => («0 1», a - 1);"],
  ["an arrow within another", "const f = () => () => 1;", "const f = () => () => («0», 1);"],
  ["a branch", "if (f()) g();\nelse h();", "«0 1»; if (f()) { «2»; g(); }\nelse { «3»; h(); }"],
  [
    "a chain of branches",
    "if (f()) g();\nelse if (h()) i();",
    "«0 1»; if (f()) { «2»; g(); }\nelse { «3 4»; if (h()) { «5»; i(); } }",
  ],
  ["a loop's body", "for (const a of b) f(a);", "for (const a of b) { «0»; f(a); }"],
  [
    "a case",
    'switch (a) { case 5: f(); default: throw "x"; }',
    '«0»; switch (a) { case 5: «1»; f(); default: «2»; throw "x"; }',
  ],
  ["a parameter's default", "function f(a = 1) { g(a); }", "«0»; function f(a = 1) { «1»; g(a); }"],
  ["a method", "class A { #a = 1; b() { return !c; } }", "«0»; class A { #a = 1; b() { «1»; return !c; } }"],
])("%s is marked where it runs", (_what, text, expected) => {
  expect(marked(text)).toBe(expected);
});

test("a mark writes the numbers of the mutants that are run, and nothing where nobody listens", () => {
  const text = "const f = (a) => { if (a > 2) return 1; return 0; };";
  const mutants = mutantsOf("some.ts", text).map((mutant, number) => ({ ...mutant, number }));
  const one = mutants.find(({ before }) => before === "1")?.number;
  const runOn = (value: number, globals: object): unknown =>
    runInNewContext(`${markedText("some.ts", text, mutants)} f(${value})`, globals);
  expect(runOn(3, {})).toBe(1);
  const [reachedBy2, reachedBy3] = [new Set<number>(), new Set<number>()];
  expect(runOn(2, { [REACHED]: reachedBy2 })).toBe(0);
  expect(runOn(3, { [REACHED]: reachedBy3 })).toBe(1);
  expect([...reachedBy3].filter((each) => !reachedBy2.has(each))).toEqual([one]);
});
