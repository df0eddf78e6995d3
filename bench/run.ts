import { readdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { Bench, Figure } from "./bench.ts";
import { runProgram } from "./program.ts";

const HELP = `usage: npm run bench -- [NAME…] [--json] [--list]

Runs the benches whose name begins with NAME; all of them without a name.

  --json  one JSON object per bench instead of text
  --list  names and descriptions only
`;

interface NamedBench {
  readonly name: string;
  readonly bench: Bench;
}

/** Names of the benches: the files of this folder named `<topic>-<what>.ts`. */
async function benchNames(): Promise<readonly string[]> {
  const files = (await readdir(import.meta.dirname)).filter((file) => /^[a-z]+-.+\.ts$/.test(file));
  return files.sort().map((file) => file.slice(0, -".ts".length));
}

/** Loads benches; what is not asked for is not loaded, as it would count in the memory of the others. */
async function loadBenches(names: readonly string[]): Promise<readonly NamedBench[]> {
  return Promise.all(
    names.map(async (name) => {
      const { bench } = (await import(`./${name}.ts`)) as { bench: Bench };
      return { name, bench };
    }),
  );
}

async function benchList(names: readonly string[]): Promise<string> {
  const all = await loadBenches(names);
  return all.map(({ name, bench }) => `  ${name.padEnd(24)} ${bench.description}`).join("\n");
}

function figureText({ name, value, unit }: Figure): string {
  const digits = Math.abs(value) < 100 ? 2 : 0;
  return `  ${name.padEnd(58)} ${value.toFixed(digits).padStart(10)} ${unit}`;
}

async function measure({ name, bench }: NamedBench, isJson: boolean | undefined): Promise<void> {
  if (isJson !== true) process.stdout.write(`${name}: ${bench.description}\n`);
  const figures = await bench.run();
  const text = isJson === true ? JSON.stringify({ name, figures }) : figures.map(figureText).join("\n");
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      json: { type: "boolean" },
      list: { type: "boolean" },
    },
  });
  const names = await benchNames();
  if (values.help === true || values.list === true) {
    const head = values.help === true ? `${HELP}\nBenches:\n` : "";
    process.stdout.write(`${head}${await benchList(names)}\n`);
    return 0;
  }
  const wrong = positionals.find((given) => !names.some((name) => name.startsWith(given)));
  if (wrong !== undefined) {
    process.stderr.write(`no bench begins with "${wrong}"; there are:\n${await benchList(names)}\n`);
    return 2;
  }
  const chosen = names.filter(
    (name) => positionals.length === 0 || positionals.some((given) => name.startsWith(given)),
  );
  for (const each of await loadBenches(chosen)) await measure(each, values.json);
  return 0;
}

await runProgram(main);
