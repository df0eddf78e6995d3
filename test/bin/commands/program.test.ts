import { expect, test } from "vitest";
import project from "../../../package.json" with { type: "json" };
import { wristAgentProgram } from "../../../bin/commands/program.ts";
import { memoryTerminal } from "../../support/memory-terminal.ts";

async function commandsFor(asked?: string): Promise<readonly string[]> {
  const { commands } = await wristAgentProgram(memoryTerminal(), asked);
  return commands.map((command) => command.name());
}

test("every command is found under its own name and loaded without the others", async () => {
  const all = await commandsFor();
  expect(all).toContain("start");
  expect(new Set(all).size).toBe(all.length);
  const alone = all.filter((name) => name !== "completion");
  for (const name of alone) expect(await commandsFor(name)).toEqual([name]);
});

test("completion tells of every command, so it comes with all of them", async () =>
  expect(await commandsFor("completion")).toEqual(await commandsFor()));

test.each(["--help", "help", "", "deplo", "constructor"])(
  "%j names no command: all are there for the help and for what may be meant",
  async (asked) => expect(await commandsFor(asked)).toEqual(await commandsFor()),
);

test("--version prints the version of package.json", async () => {
  const terminal = memoryTerminal();
  const program = await wristAgentProgram(terminal, "--version");
  program.configureOutput({ writeOut: (text) => terminal.out(text.trimEnd()) });
  await expect(program.parseAsync(["node", "cli", "--version"])).rejects.toMatchObject({ exitCode: 0 });
  expect(terminal.written.out).toEqual([project.version]);
});

test("help says a time that is missing as a person writes one", async () => {
  const { commands } = await wristAgentProgram(memoryTerminal());
  const times = commands.flatMap(({ options }) => options.filter(({ flags }) => flags.includes("<time>")));
  const missing = times.flatMap(({ defaultValue, defaultValueDescription: said }) =>
    defaultValue === undefined ? [] : [said ?? String(defaultValue)],
  );
  expect(missing.length).toBeGreaterThan(4);
  expect(missing.filter((said) => !/^\d+[smhdw]$/.test(said))).toEqual([]);
});
