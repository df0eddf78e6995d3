import { readdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { Bench, Figure } from "./bench.ts";

const HELP = `usage: npm run bench -- [NAME…] [--json] [--list]

Runs the benches whose name begins with NAME; all of them without a name.

  --json  one JSON object per bench instead of text
  --list  names and descriptions only
`;

interface NamedBench {
  readonly name: string;
  readonly bench: Bench;
}

/** Benches are the files of this folder named `<topic>-<what>.ts`. */
async function allBenches(): Promise<readonly NamedBench[]> {
  const files = (await readdir(import.meta.dirname)).filter((file) => /^[a-z]+-.+\.ts$/.test(file));
  return Promise.all(
    files.sort().map(async (file) => {
      const { bench } = (await import(`./${file}`)) as { bench: Bench };
      return { name: file.slice(0, -".ts".length), bench };
    }),
  );
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
  const all = await allBenches();
  const listed = all.map(({ name, bench }) => `  ${name.padEnd(24)} ${bench.description}`);
  if (values.help === true || values.list === true) {
    const head = values.help === true ? `${HELP}\nBenches:\n` : "";
    process.stdout.write(`${head}${listed.join("\n")}\n`);
    return 0;
  }
  const wrong = positionals.find((given) => !all.some(({ name }) => name.startsWith(given)));
  if (wrong !== undefined) {
    process.stderr.write(`no bench begins with "${wrong}"; there are:\n${listed.join("\n")}\n`);
    return 2;
  }
  const chosen = all.filter(
    ({ name }) => positionals.length === 0 || positionals.some((given) => name.startsWith(given)),
  );
  for (const each of chosen) await measure(each, values.json);
  return 0;
}

process.exitCode = await main();
