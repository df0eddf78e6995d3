import { Command } from "commander";
import { currentToken } from "../cli/aws-calls.ts";
import { Failure, UsageError } from "../cli/failure.ts";
import { addStageOptions, type StageOptions } from "../cli/stage-connection.ts";
import { namesOf } from "../../lib/names.ts";
import { resolveTarget } from "../cli/target.ts";
import { askAtTerminal, type AskOperator, isYes, type Terminal } from "../cli/terminal.ts";

interface ShowOptions extends StageOptions {
  readonly yes?: true;
}

/** `token show`: the token that the Shortcut sends. */
export function tokenCommand(terminal: Terminal, ask: AskOperator | undefined = askAtTerminal()): Command {
  const show = addStageOptions(new Command("show"), "print the token and the name of its parameter as JSON")
    .description("print the token that the Shortcut sends, after a question")
    .option("--yes", "do not ask whether it may be shown here")
    .addHelpText("after", "\nExample: npm run cli -- token show --stage production")
    .action((options: ShowOptions) => showToken(terminal, options, ask));
  return new Command("token").description("the token that the Shortcut sends").addCommand(show);
}

async function showToken(
  terminal: Terminal,
  options: ShowOptions,
  ask: AskOperator | undefined,
): Promise<void> {
  const target = await resolveTarget(options);
  if (options.yes !== true) {
    if (ask === undefined)
      throw new UsageError(
        "nobody can be asked here, as this is no terminal: pass --yes to print the token unasked",
      );
    const question = `Show the token of ${target.where} here, where others may see it? (y/n) `;
    if (!isYes(await ask(question, new AbortController().signal)))
      throw new Failure("the token was not shown");
  }
  const parameterName = namesOf(target.stage).tokenParameter;
  const token = await currentToken(target, parameterName);
  terminal.out(options.json === true ? JSON.stringify({ stage: target.stage, parameterName, token }) : token);
}
