import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Command, Option } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandTable, completionScript } from "../../../bin/commands/completion.ts";
import { wristAgentProgram } from "../../../bin/commands/program.ts";
import { isInstalled } from "../../support/installed.ts";
import { memoryTerminal } from "../../support/memory-terminal.ts";

const run = promisify(execFile);

let directory: string;
let program: Command;
const scripts = { bash: "", zsh: "" };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "completion-"));
  for (const shell of ["bash", "zsh"] as const) {
    const terminal = memoryTerminal();
    program = await wristAgentProgram(terminal, "completion");
    await program.parseAsync(["completion", shell], { from: "user" });
    scripts[shell] = join(directory, shell);
    await writeFile(scripts[shell], terminal.written.out.join("\n"));
  }
});

afterAll(() => rm(directory, { recursive: true }));

/** What bash offers for the last of some words, by its own mechanism. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const ask =
    '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _wrist_agent; printf "%s\\n" "${COMPREPLY[@]}"';
  const { stdout } = await run("bash", ["-c", ask, scripts.bash, "wrist-agent", ...words]);
  return stdout.split("\n").filter((line) => line !== "");
}

describe.skipIf(!isInstalled("bash"))("completion in bash", () => {
  test.each([
    [["st"], ["start", "status", "stack"]],
    [["status", "--st"], ["--stage"]],
    [
      ["status", "--stage", ""],
      ["development", "staging", "production"],
    ],
    [["status", "--stage", "production", "--wa"], ["--watch"]],
    [["config", "s"], ["set"]],
    [
      ["config", "set", ""],
      ["model-id", "timeout"],
    ],
    [["config", "set", "model-id", "--y"], ["--yes"]],
    [
      ["completion", ""],
      ["bash", "zsh"],
    ],
    [["fault", "throt"], ["throttle"]],
    // Lists by commas: their first value.
    [
      ["tail", "--mode", "r"],
      ["reminder", "research"],
    ],
    [["tail", "--outcome", "up"], ["upstream"]],
    [
      ["deploy", "--only", ""],
      ["app", "monitoring", "billing", "delivery"],
    ],
    // Any value is taken: the shell offers files by itself.
    [["status", "--every", ""], []],
    [["tail", "--since", "2h", "--no"], ["--no-follow"]],
    [["nonsense", "x"], []],
  ])("%j", async (words, wanted) => {
    expect(await offered(...words)).toEqual(wanted);
  });

  test("offers every command and every option that --help lists", async () => {
    const names = program
      .createHelp()
      .visibleCommands(program)
      .map((command) => command.name());
    expect(await offered("")).toEqual(names);
    for (const command of program.commands) {
      const flags = command
        .createHelp()
        .visibleOptions(command)
        .flatMap(({ long }) => long ?? []);
      const found = await offered(command.name(), "--");
      expect(found.toSorted(), command.name()).toEqual(flags.toSorted());
    }
  });

  test("is a script without a mistake", async () => {
    await expect(run("bash", ["-n", scripts.bash])).resolves.toMatchObject({ stderr: "" });
  });
});

test.skipIf(!isInstalled("zsh"))("completion in zsh is a script without a mistake", async () => {
  await expect(run("zsh", ["-n", scripts.zsh])).resolves.toMatchObject({ stderr: "" });
});

test("texts with quotes, colons and blanks stay one word, and paths too", () => {
  const odd = new Command("odd").addCommand(
    new Command("go").addOption(
      new Option("--how <way>", "it's a way, as in 12:30").choices(["left", "right"]),
    ),
  );
  const zsh = completionScript("zsh", commandTable(odd), "/home/o'neill/wrist agent");
  expect(zsh).toContain(String.raw`npm --prefix '/home/o'\''neill/wrist agent' run -s cli -- "$@"`);
  expect(zsh).toContain(String.raw`'--how:it'\''s a way, as in 12\:30'`);
  expect(zsh.split("\n")[0]).toBe("#compdef wrist-agent");
});

test("another shell is refused with those there are", async () => {
  const terminal = memoryTerminal();
  const all = await wristAgentProgram(terminal, "completion");
  for (const command of [all, ...all.commands])
    command.configureOutput({ writeErr: terminal.err, writeOut: terminal.out });
  await expect(all.parseAsync(["completion", "fish"], { from: "user" })).rejects.toThrow(
    /Allowed choices are bash, zsh/,
  );
});
