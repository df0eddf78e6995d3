import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startSystem } from "./started-system.ts";
import type { Attack, Effort, Outcome, SystemUnderAttack } from "./torture.ts";
import { runProgram } from "../bench/program.ts";

const HELP = `usage: npm run torture -- [NAME…] [--long] [--json] [--list]

Starts the system on free loopback ports in a directory of its own and attacks it; about two minutes.
Exits 1 when an answer was wrong or something acknowledged was lost.

  --long  ten times as much
  --json  one JSON object per attack instead of the table
  --list  names and descriptions only
`;

const LONG = 10;
/** The exit code of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

interface NamedAttack {
  readonly name: string;
  readonly attack: Attack;
}

async function allAttacks(): Promise<readonly NamedAttack[]> {
  const files = (await readdir(join(import.meta.dirname, "attacks"))).sort();
  return Promise.all(
    files.map(async (file) => {
      const { attack } = (await import(`./attacks/${file}`)) as { attack: Attack };
      return { name: file.slice(0, -".ts".length), attack };
    }),
  );
}

function row(cells: readonly (string | number)[]): string {
  const [name = "", ...numbers] = cells.map(String);
  return `${name.padEnd(18)}${numbers.map((cell) => cell.padStart(9)).join("")}\n`;
}

function report(name: string, { tried, wrong, lost }: Outcome, seconds: number): void {
  process.stdout.write(row([name, tried, wrong.length, lost.length, seconds.toFixed(1)]));
  for (const problem of [...wrong, ...lost].slice(0, 10)) process.stdout.write(`  ${problem}\n`);
}

/** An attack that throws found no answer where one was due. */
async function outcomeOf(attack: Attack, system: SystemUnderAttack, effort: Effort): Promise<Outcome> {
  try {
    return await attack.run(system, effort);
  } catch (error) {
    return { tried: 1, wrong: [`the attack ended early: ${String(error)}`], lost: [] };
  }
}

async function attackAll(
  attacks: readonly NamedAttack[],
  system: SystemUnderAttack,
  options: { readonly factor: number; readonly json: boolean },
): Promise<number> {
  let failed = 0;
  if (!options.json) process.stdout.write(row(["attack", "tried", "wrong", "lost", "seconds"]));
  for (const { name, attack } of attacks) {
    const began = performance.now();
    const outcome = await outcomeOf(attack, system, options);
    failed += outcome.wrong.length + outcome.lost.length;
    const seconds = (performance.now() - began) / 1000;
    if (options.json) process.stdout.write(`${JSON.stringify({ name, ...outcome, seconds })}\n`);
    else report(name, outcome, seconds);
  }
  return failed === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      long: { type: "boolean" },
      json: { type: "boolean" },
      list: { type: "boolean" },
    },
  });
  const all = await allAttacks();
  const listed = all.map(({ name, attack }) => `  ${name.padEnd(18)} ${attack.description}\n`).join("");
  if (values.help === true || values.list === true) {
    process.stdout.write(values.help === true ? `${HELP}\nAttacks:\n${listed}` : listed);
    return 0;
  }
  const unknown = positionals.find((given) => !all.some(({ name }) => name.startsWith(given)));
  if (unknown !== undefined) {
    process.stderr.write(`no attack begins with "${unknown}"; there are:\n${listed}`);
    return 2;
  }
  const isChosen = ({ name }: NamedAttack): boolean =>
    positionals.length === 0 || positionals.some((given) => name.startsWith(given));
  return attackStarted(all.filter(isChosen), {
    factor: values.long === true ? LONG : 1,
    json: values.json === true,
  });
}

async function attackStarted(
  attacks: readonly NamedAttack[],
  options: { readonly factor: number; readonly json: boolean },
): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "wrist-agent-torture-"));
  process.stderr.write("starting the system, which takes some seconds\n");
  try {
    const system = await startSystem(directory);
    const interrupted = new Promise<number>((resolve) => process.once("SIGINT", () => resolve(INTERRUPTED)));
    try {
      return await Promise.race([attackAll(attacks, system, options), interrupted]);
    } finally {
      await system.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

await runProgram(main);
// An attack that Ctrl-C left behind waits for answers that no longer come.
if (process.exitCode === INTERRUPTED) process.exit();
