import { readFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { expect, test, vi } from "vitest";

const README = join(import.meta.dirname, "../../../packages/cloudwatch/README.md");

/** The fenced block of a language. */
function block(markdown: string, language: string): string {
  return new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "s").exec(markdown)?.[1] ?? "";
}

test("the example of the README prints what it says", async () => {
  const markdown = await readFile(README, "utf8");
  const example = block(markdown, "ts");
  expect(example.split("\n").filter((line) => line !== "" && !line.startsWith("import"))).toHaveLength(10);
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...texts: unknown[]) => {
    printed.push(texts.join(" "));
  });
  try {
    await runExample(example);
  } finally {
    log.mockRestore();
  }
  expect(`${printed.join("\n")}\n`).toBe(block(markdown, "text"));
});

/** Runs the example as a function of the modules that it names. */
async function runExample(example: string): Promise<void> {
  const { outputText } = ts.transpileModule(example, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const names = [...example.matchAll(/from "([^"]+)"/g)].map(([, name = ""]) => name);
  const modules = new Map(
    await Promise.all(names.map(async (name) => [name, (await import(name)) as object] as const)),
  );
  const AsyncFunction = (async () => {
    await Promise.resolve();
  }).constructor as FunctionConstructor;
  const run = new AsyncFunction("require", "exports", outputText) as (
    require: (name: string) => object | undefined,
    exports: object,
  ) => Promise<void>;
  await run((name) => modules.get(name), {});
}
