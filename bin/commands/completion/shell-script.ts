import type { CompletedCommand } from "./command-table.ts";

/** Shells that can be completed. */
export const SHELLS = ["bash", "zsh"] as const;

/** One of {@link SHELLS}. */
export type Shell = (typeof SHELLS)[number];

/** A script for a shell: the command `wrist-agent`, which runs this checkout, and what completes its words. */
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
