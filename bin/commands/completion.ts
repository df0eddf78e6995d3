import { join } from "node:path";
import { Argument, Command, type Option } from "commander";
import { STAGES } from "../../lib/config/stage.ts";
import type { Terminal } from "../cli/terminal.ts";

const PROJECT = join(import.meta.dirname, "..", "..");

const COMPLETION_HELP = `
The script defines the command wrist-agent, which runs this checkout as npm run cli does, and completes its commands,
options and their values.

Examples:
  eval "$(npm run -s cli -- completion bash)"
  npm run -s cli -- completion zsh > ~/.wrist-agent.zsh`;

/**
 * `completion bash|zsh`: a script for the shell, from the table of commands; it must stand in the whole
 * program.
 */
export function completionCommand(terminal: Terminal): Command {
  return new Command("completion")
    .description("print a script that completes commands and options in bash or zsh")
    .addArgument(new Argument("<shell>", SHELLS.join(" or ")).choices(SHELLS))
    .addHelpText("after", COMPLETION_HELP)
    .action((shell: Shell, _options: object, command: Command) => {
      terminal.out(completionScript(shell, commandTable(command.parent ?? command), PROJECT).trimEnd());
    });
}

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
interface CompletedCommand {
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

/** Shells that can be completed. */
const SHELLS = ["bash", "zsh"] as const;

/** One of {@link SHELLS}. */
type Shell = (typeof SHELLS)[number];

/**
 * A script for a shell: the command `wrist-agent`, which runs this checkout, and what completes its words.
 */
export function completionScript(
  shell: Shell,
  table: readonly CompletedCommand[],
  projectDirectory: string,
): string {
  return shell === "bash" ? bashScript(table, projectDirectory) : zshScript(table, projectDirectory);
}

/** A text as one word of a shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function runFunction(projectDirectory: string): string {
  return `wrist-agent() { npm --prefix ${quoted(projectDirectory)} run -s cli -- "$@"; }`;
}

/** `case` lines: what a function prints for each command. */
function cases<Row>(rows: readonly Row[], line: (row: Row) => readonly [key: string, text: string]): string {
  return rows
    .map(line)
    .filter(([, text]) => text !== "")
    .map(([key, text]) => `    ${quoted(key)}) ${text} ;;`)
    .join("\n");
}

const words = (list: readonly string[]): string =>
  list.length === 0 ? "" : `echo ${quoted(list.join(" "))}`;

function subcommandCases(table: readonly CompletedCommand[]): string {
  return cases(table, ({ path, subcommands, choices }) => [
    path,
    words([...subcommands.map(({ name }) => name), ...choices]),
  ]);
}

function optionCases(table: readonly CompletedCommand[]): string {
  return cases(table, ({ path, options }) => [path, words(options.flatMap(({ flags }) => flags))]);
}

/** By command and flag: values that there are, or `:` where any is taken. */
function valueCases(table: readonly CompletedCommand[]): string {
  const rows = table.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .flatMap(({ flags, choices }) => flags.map((flag) => ({ key: `${path} ${flag}`.trim(), choices }))),
  );
  return cases(rows, ({ key, choices }) => [key, choices.length === 0 ? "echo :" : words(choices)]);
}

/** Functions that both shells share: they print words for a command that is given by its path. */
function sharedFunctions(table: readonly CompletedCommand[]): string {
  return `_wrist_agent_words() {
  case "$1" in
${subcommandCases(table)}
  esac
}
_wrist_agent_options() {
  case "$1" in
${optionCases(table)}
  esac
}
_wrist_agent_values() {
  case "$1" in
${valueCases(table)}
  esac
}`;
}

function bashScript(table: readonly CompletedCommand[], projectDirectory: string): string {
  return `# Wrist Agent in bash. To load it: eval "$(npm run -s cli -- completion bash)"
${runFunction(projectDirectory)}
${sharedFunctions(table)}
_wrist_agent() {
  local current="\${COMP_WORDS[COMP_CWORD]}" place="" flag="" word known
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ -n $flag ]]; then flag=""; continue; fi
    if [[ $word == -* ]]; then
      known="$(_wrist_agent_values "\${place:+$place }$word")"
      [[ -n $known ]] && flag="$word"
    elif [[ " $(_wrist_agent_words "$place") " == *" $word "* && -n "$(_wrist_agent_options "\${place:+$place }$word")" ]]; then
      place="\${place:+$place }$word"
    fi
  done
  if [[ -n $flag ]]; then known="$(_wrist_agent_values "\${place:+$place }$flag")"
  elif [[ $current == -* ]]; then known="$(_wrist_agent_options "$place")"
  else known="$(_wrist_agent_words "$place")"; fi
  [[ $known == : ]] && known=""
  COMPREPLY=()
  while IFS= read -r word; do [[ -n $word ]] && COMPREPLY+=("$word"); done < <(compgen -W "$known" -- "$current")
}
complete -o default -F _wrist_agent wrist-agent
`;
}

function zshScript(table: readonly CompletedCommand[], projectDirectory: string): string {
  return `#compdef wrist-agent
# Wrist Agent in zsh. To load it, after compinit: eval "$(npm run -s cli -- completion zsh)"
${runFunction(projectDirectory)}
${sharedFunctions(table)}
_wrist_agent_described() {
  case "$1" in
${describedCases(table)}
  esac
}
_wrist_agent() {
  local place="" flag="" word known current="\${words[CURRENT]}"
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n "$flag" ]]; then flag=""; continue; fi
    if [[ "$word" == -* ]]; then
      known="$(_wrist_agent_values "\${place:+$place }$word")"
      [[ -n "$known" ]] && flag="$word"
    elif [[ " $(_wrist_agent_words "$place") " == *" $word "* && -n "$(_wrist_agent_options "\${place:+$place }$word")" ]]; then
      place="\${place:+$place }$word"
    fi
  done
  if [[ -n "$flag" ]]; then
    known="$(_wrist_agent_values "\${place:+$place }$flag")"
    if [[ "$known" == : ]]; then _files; else compadd -- \${(s: :)known}; fi
  elif [[ "$current" == -* ]]; then
    local -a described
    described=("\${(@f)$(_wrist_agent_described "$place")}")
    _describe -o option described
  else
    known="$(_wrist_agent_words "$place")"
    if [[ -n "$known" ]]; then compadd -- \${(s: :)known}; else _files; fi
  fi
}
compdef _wrist_agent wrist-agent
`;
}

/** `--flag:what it is`, a line each, as `_describe` takes them. */
function describedCases(table: readonly CompletedCommand[]): string {
  return cases(table, ({ path, options }) => {
    const lines = options.flatMap(({ flags, description }) =>
      flags.map((flag) => `${flag}:${description.replaceAll(":", String.raw`\:`)}`),
    );
    return [path, lines.length === 0 ? "" : `print -rl -- ${lines.map(quoted).join(" ")}`];
  });
}
