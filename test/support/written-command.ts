import type { Command, Option } from "commander";

/**
 * Words of a shell line: quotes hold words together, a comment ends it, brackets around what may be left out
 * go.
 */
export function shellWords(line: string): readonly string[] {
  const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(#.*)|([^\s"']+)/g)];
  const comment = words.findIndex(([, , , hash]) => hash !== undefined);
  return words
    .slice(0, comment === -1 ? words.length : comment)
    .map(([, double, single, , plain = ""]) => double ?? single ?? plain.replace(/^\[|\]$/g, ""))
    .filter((word) => word !== "");
}

/** A word that stands for a value, as in `--data DIR`. */
function isPlaceholder(word: string): boolean {
  return /^[A-Z][A-Z-]*…?$|[…<]/.test(word);
}

function isOption(word: string): boolean {
  return /^-{1,2}[a-z]/i.test(word);
}

/**
 * What is wrong with a command line of this program, in the words that follow `npm run cli --`; placeholders
 * may be anything.
 */
export function usageProblem(program: Command, words: readonly string[]): string | undefined {
  const [name, ...rest] = words;
  if (name === undefined || isPlaceholder(name)) return undefined;
  if (isOption(name)) return readWords(program, words).problem;
  const command = program.commands.find((each) => each.name() === name);
  if (command === undefined) return `no command ${name}`;
  return command.commands.length > 0 ? usageProblem(command, rest) : commandProblem(command, rest);
}

interface Reading {
  readonly operands: readonly string[];
  readonly problem?: string;
}

function commandProblem(command: Command, words: readonly string[]): string | undefined {
  const { operands, problem } = readWords(command, words);
  if (problem !== undefined) return problem;
  const { registeredArguments: known } = command;
  if (known.at(-1)?.variadic !== true && operands.length > known.length)
    return `${command.name()} takes no ${operands[known.length] ?? ""}`;
  const wrong = operands.find((word, index) => isOutside(known[index]?.argChoices, word));
  return wrong === undefined ? undefined : `${command.name()} has no choice ${wrong}`;
}

function isOutside(choices: readonly string[] | undefined, word: string): boolean {
  return choices !== undefined && !isPlaceholder(word) && !choices.includes(word);
}

/** Splits words into options, whose names and values are looked at, and the rest. */
function readWords(command: Command, words: readonly string[]): Reading {
  const operands: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (isOption(word)) {
      const { taken, problem } = readOption(command, word, words.slice(at + 1));
      if (problem !== undefined) return { operands, problem };
      at += taken;
    } else operands.push(word);
  }
  return { operands };
}

/** An option, and how many of the words after it are its values. */
function readOption(
  command: Command,
  word: string,
  after: readonly string[],
): { readonly taken: number; readonly problem?: string } {
  const [flag = "", given] = word.split(/=(.*)/s);
  const option = command.options.find(({ short, long }) => flag === short || flag === long);
  if (option === undefined)
    return ["-h", "--help"].includes(flag)
      ? { taken: 0 }
      : { taken: 0, problem: `${command.name()} has no option ${flag}` };
  const values = given === undefined ? valuesAfter(option, after) : [];
  const isList = option.description.includes("separated by commas");
  const wrong = [...(given === undefined ? [] : [given]), ...values]
    .flatMap((value) => (isList ? value.split(",") : [value]))
    .find((value) => isOutside(option.argChoices, value));
  return { taken: values.length, ...(wrong !== undefined && { problem: `${flag} has no choice ${wrong}` }) };
}

function valuesAfter(option: Option, words: readonly string[]): readonly string[] {
  if (!(option.required || option.optional)) return [];
  const end = words.findIndex(isOption);
  const values = end === -1 ? words : words.slice(0, end);
  return option.variadic ? values : values.slice(0, 1);
}
