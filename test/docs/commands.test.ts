import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { alarmTestProgram } from "cw-alarm-test/program";
import { describe, expect, test } from "vitest";
import { wristAgentProgram } from "../../bin/commands/program.ts";
import { GITHUB_PROVIDER_CONTEXT } from "../../lib/names.ts";
import { SETTINGS } from "../../lib/config/stage-config.ts";
import { PROJECT } from "../support/synthesise.ts";
import { documentsIn, type Code } from "../support/markdown.ts";
import { memoryTerminal } from "../support/memory-terminal.ts";
import { shellWords, usageProblem } from "../support/written-command.ts";

/** Options that documents name and that belong to other tools. */
const OF_OTHER_TOOLS: Readonly<Record<string, string>> = {
  "--cloudformation-execution-policies": "cdk bootstrap",
  "--endpoint-url": "aws",
  "--minutes": "npm run verify:aws",
  "--overwrite": "aws ssm put-parameter",
  "--revision-id": "aws lambda update-alias",
};

/**
 * Names after `-c` that are no setting: the stage picks the settings, CDK has one of its own, and deploy
 * hands one over.
 */
const NO_SETTINGS = ["stage", "@aws-cdk/core:bootstrapQualifier", GITHUB_PROVIDER_CONTEXT, "name"];

const PROGRAM = await wristAgentProgram(memoryTerminal());

/** The command of the package: its README names its options. */
const ALARM_TEST = alarmTestProgram(memoryTerminal());

/** Scripts that are a command of the program under a shorter name. */
const SHORT: Readonly<Record<string, readonly string[]>> = { cli: [], start: ["start"], deploy: ["deploy"] };

const { scripts } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

const BENCHES = readdirSync(join(PROJECT, "bench")).filter((file) => /^[a-z]+-.+\.ts$/.test(file));

/** What is wrong with one command of a line, where it is npm's. */
function npmProblem(words: readonly string[]): string | undefined {
  // `npm run -s` keeps npm's own lines out of what is piped on.
  const [npm, verb, ...others] = words.filter((word, at) => at !== 2 || word !== "-s");
  if (npm !== "npm" || verb === undefined) return undefined;
  // -s keeps npm's own words off what a command prints.
  const [script, ...after] = verb === "run" ? others.filter((word) => word !== "-s") : [verb, ...others];
  if (script === undefined || script === "ci" || script === "install") return undefined;
  if (!(script in scripts)) return `package.json has no script ${script}`;
  const given = after[0] === "--" ? after.slice(1) : after;
  const first = SHORT[script];
  if (first !== undefined) return usageProblem(PROGRAM, [...first, ...given]);
  return script === "bench" ? benchProblem(given) : undefined;
}

function benchProblem(given: readonly string[]): string | undefined {
  const names = given.filter((word) => !["--list", "--json"].includes(word));
  const unknown = names.find((name) => !BENCHES.some((file) => file.startsWith(name)));
  return unknown === undefined ? undefined : `no bench begins with ${unknown}`;
}

/** What is wrong with an option that is named by itself, without its command. */
function optionProblem(words: readonly string[]): string | undefined {
  const [flag = ""] = words[0]?.split("=") ?? [];
  if (!/^(--[a-z]|-[a-z]$)/.test(flag) || flag in OF_OTHER_TOOLS) return undefined;
  const problems = [PROGRAM, ALARM_TEST].flatMap((program) =>
    commandsOf(program).map((command) => usageProblem(program, [...pathOf(command), ...words])),
  );
  return problems.includes(undefined) ? undefined : `no command has ${words.join(" ")}`;
}

function commandsOf(program: Command): readonly Command[] {
  const own = [...program.commands, ...program.commands.flatMap(({ commands }) => commands)];
  return program === ALARM_TEST ? [program, ...own] : own;
}

function pathOf(command: Command): readonly string[] {
  if (command === ALARM_TEST) return [];
  return command.parent === null || command.parent === PROGRAM || command.parent === ALARM_TEST
    ? [command.name()]
    : [...pathOf(command.parent), command.name()];
}

/** A name after `-c` that is no setting. */
function settingProblem(words: readonly string[]): string | undefined {
  const known = [...Object.values(SETTINGS).map(({ context }) => context), ...NO_SETTINGS];
  const names = words.flatMap((word, index) => (words[index - 1] === "-c" ? [word.split("=")[0] ?? ""] : []));
  const unknown = names.find((name) => !known.includes(name));
  return unknown === undefined ? undefined : `no setting ${unknown}`;
}

function problems({ text }: Code): readonly string[] {
  const commands = text.split(/\s(?:&&|\|\|?|;)\s/).map(shellWords);
  return commands.flatMap(
    (words) => npmProblem(words) ?? optionProblem(words) ?? settingProblem(words) ?? [],
  );
}

function problemsIn(text: string): readonly string[] {
  return problems({ text, line: 1 });
}

describe("commands in documents", () => {
  const documents = documentsIn(PROJECT);

  test("are commands and options of the CLI, scripts of package.json, benches and settings", () => {
    const found = documents.flatMap(({ path, code }) =>
      code.flatMap((each) => problems(each).map((problem) => `${path}:${each.line} ${problem}`)),
    );
    expect(found).toEqual([]);
  });

  test("name every option of another tool that is listed here", () => {
    const text = documents.flatMap(({ code }) => code.map((each) => each.text)).join("\n");
    expect(Object.keys(OF_OTHER_TOOLS).filter((option) => !text.includes(option))).toEqual([]);
  });

  test("are looked at: every command of the program is told of somewhere", () => {
    const text = documents.flatMap(({ code }) => code.map((each) => each.text)).join("\n");
    const untold = PROGRAM.commands.filter(
      (command) => !new RegExp(`npm (run cli -- |run )?${command.name()}\\b`).test(text),
    );
    expect(untold.map((command) => command.name())).toEqual([]);
  });
});

describe("a command in a document", () => {
  test.each([
    ["npm run cli -- asks x", "no command asks"],
    ["npm run cli -- config gets", "no command gets"],
    ["npm run cli -- ask x --mood event", "ask has no option --mood"],
    ["npm start -- --model bedrocks", "--model has no choice bedrocks"],
    ["npm run cli -- fault throttles", "fault has no choice throttles"],
    ["npm run deploy -- --only app,bills", "--only has no choice bills"],
    ["npm run cli -- breaker close now", "close takes no now"],
    ["npm run cli -- rehearse --scenario healthy outages", "--scenario has no choice outages"],
    ["npm start -- --ports 1", "start has no option --ports"],
    ["npm ci && npm run deploy -- --stages x", "deploy has no option --stages"],
    ["npm run clean", "package.json has no script clean"],
    ["npm run bench -- agents", "no bench begins with agents"],
    ["npx cdk synth -c stages=production", "no setting stages"],
    ["--scenari", "no command has --scenari"],
    ["--model bedrocks", "no command has --model bedrocks"],
  ])("%s is wrong", (text, expected) => {
    expect(problemsIn(text)).toEqual([expected]);
  });

  test.each([
    'npm run cli -- ask "dentist, --mode x" --mode event   # and --that',
    "npm run cli -- fault KIND [--rate 0..1]",
    "npm run cli -- rehearse --help",
    "npm run cli -- test-alarms FILE-OR-FOLDER… [--json]",
    "npm run cli -- bill -c region=eu-west-1",
    "npm start -- --stage production",
    "--runs 100 --scenario healthy",
    "--data DIR",
    "aws lambda update-alias --function-version 41",
  ])("%s is right", (text) => {
    expect(problemsIn(text)).toEqual([]);
  });

  test("an option with several values takes all of them, and the next option none", () => {
    const program = new Command().addCommand(
      new Command("go").addOption(new Option("--to <place...>").choices(["a", "b"])).option("--fast"),
    );
    expect(usageProblem(program, ["go", "--to", "a", "b", "--fast"])).toBeUndefined();
    expect(usageProblem(program, ["go", "--fast", "c"])).toBe("go takes no c");
  });
});
