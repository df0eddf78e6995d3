import { join } from "node:path";
import { Argument, Command } from "commander";
import type { Terminal } from "../cli/terminal.ts";
import { commandTable } from "./completion/command-table.ts";
import { completionScript, type Shell, SHELLS } from "./completion/shell-script.ts";

const PROJECT = join(import.meta.dirname, "..", "..");

const COMPLETION_HELP = `
The script defines the command wrist-agent, which runs this checkout as npm run cli does, and completes its commands,
options and their values.

Examples:
  eval "$(npm run -s cli -- completion bash)"
  npm run -s cli -- completion zsh > ~/.wrist-agent.zsh`;

/** `completion bash|zsh`: a script for the shell, from the table of commands; it must stand in the whole program. */
export function completionCommand(terminal: Terminal): Command {
  return new Command("completion")
    .description("print a script that completes commands and options in bash or zsh")
    .addArgument(new Argument("<shell>", SHELLS.join(" or ")).choices(SHELLS))
    .addHelpText("after", COMPLETION_HELP)
    .action((shell: Shell, _options: object, command: Command) => {
      terminal.out(completionScript(shell, commandTable(command.parent ?? command), PROJECT).trimEnd());
    });
}
