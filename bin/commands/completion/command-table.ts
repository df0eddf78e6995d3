import type { Command, Option } from "commander";
import { STAGES } from "../../../lib/config/stage.ts";

/** An option as a shell completes it. */
export interface CompletedOption {
  /** `--stage`, `-c`. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** Values that there are; empty where any is taken. */
  readonly choices: readonly string[];
}

/** A command, and what may stand after it. */
export interface CompletedCommand {
  /** Words that lead to it, none for the program itself: `config get`. */
  readonly path: string;
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly CompletedOption[];
  /** Values of its arguments that are known. */
  readonly choices: readonly string[];
}

/** Every command of a program with its options, from commander's own table. */
export function commandTable(program: Command): readonly CompletedCommand[] {
  return commandsBelow(program, []);
}

function commandsBelow(command: Command, path: readonly string[]): readonly CompletedCommand[] {
  const visible = command.createHelp().visibleCommands(command);
  const below = command.commands.flatMap((each) => commandsBelow(each, [...path, each.name()]));
  const own: CompletedCommand = {
    path: path.join(" "),
    subcommands: visible.map((each) => ({
      name: each.name(),
      description: firstSentence(each.description()),
    })),
    options: command.createHelp().visibleOptions(command).map(completedOption),
    choices: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
  };
  return [own, ...below];
}

function completedOption(option: Option): CompletedOption {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined);
  return {
    flags,
    description: firstSentence(option.description),
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? (option.long === "--stage" ? STAGES : []),
  };
}

/** A shell has a line for it. */
function firstSentence(text: string): string {
  return text.split(/[;:]\s/)[0] ?? "";
}
