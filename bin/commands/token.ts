import { Command } from "commander";
import { TOKEN_HEADER } from "../../lambda/contract/request.ts";
import { readTokenCommand, type RotationOrder, type RotationReport } from "../../lambda/contract/token.ts";
import { namesOf } from "../../lib/names.ts";
import { currentToken, invokeFunction, LostAnswer, parameterVersion } from "../cli/aws-calls.ts";
import { Failure, UsageError } from "../cli/failure.ts";
import { addStageOptions, type StageOptions } from "../cli/stage-connection.ts";
import {
  addTargetOptions,
  confirmDeployedChange,
  resolveTarget,
  type Target,
  type TargetOptions,
} from "../cli/target.ts";
import { askAtTerminal, type AskOperator, isYes, localTime, type Terminal } from "../cli/terminal.ts";

interface ShowOptions extends StageOptions {
  readonly yes?: true;
}

/** `token show`: the token that the Shortcut sends. */
export function tokenCommand(terminal: Terminal, ask: AskOperator | undefined = askAtTerminal()): Command {
  const show = addStageOptions(new Command("show"), "print the token and the name of its parameter as JSON")
    .description("print the token that the Shortcut sends, after a confirmation")
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
        "this is not a terminal, so it cannot ask: pass --yes to print the token without asking",
      );
    const question = `Show the token of ${target.where} here, where others may see it? (y/n) `;
    if (!isYes(await ask(question, new AbortController().signal)))
      throw new Failure("the token was not shown");
  }
  const parameterName = namesOf(target.stage).tokenParameter;
  const token = await currentToken(target, parameterName);
  terminal.out(options.json === true ? JSON.stringify({ stage: target.stage, parameterName, token }) : token);
}

interface RotateOptions extends TargetOptions {
  readonly revokePrevious?: true;
  readonly show?: true;
  readonly functionName?: string;
  readonly yes?: true;
  readonly json?: true;
}

/** `rotate-token`: a new token now; the old one stays valid for the grace time unless it is revoked. */
export function rotateTokenCommand(terminal: Terminal): Command {
  return addTargetOptions(new Command("rotate-token"))
    .description("change the token that the Shortcut sends; the old one stays valid for the grace time")
    .option("--revoke-previous", "after a compromise: no grace, every other token stops working")
    .option("--show", "print the new token; without it, only the command that prints it")
    .option("--function-name <name>", "rotation function (default: the stage's)")
    .option("--yes", "do not ask before a deployed stage is changed")
    .option("--json", "print what was done as JSON; the token is included only with --show")
    .addHelpText("after", "\nExample: npm run cli -- rotate-token --stage production")
    .action(async (options: RotateOptions) => {
      const target = await resolveTarget(options);
      const others = options.revokePrevious === true ? "; every other token stops working at once" : "";
      await confirmDeployedChange({ target, change: `change the token${others}`, yes: options.yes });
      const report = await rotateToken(target, options).catch((error: unknown) =>
        reportOfLostAnswer(error, target),
      );
      if (!report.isRotated)
        throw new Failure(
          `the token stays: ${report.reason ?? "no reason was given"}; --revoke-previous changes it all the same`,
        );
      const { show, json } = options;
      const token =
        show === true ? await currentToken(target, report.parameterName, report.region) : undefined;
      if (json === true)
        terminal.out(JSON.stringify({ stage: target.stage, ...report, ...(token && { token }) }));
      else [...rotationLines(target, report), ...(token === undefined ? [] : [token])].forEach(terminal.out);
      if (report.mailFault !== undefined) terminal.err(terminal.colours.red(report.mailFault));
    });
}

/** The parameter's version before the rotation, for whoever loses its answer. */
class LostRotation extends Failure {
  readonly versionBefore: number | undefined;

  constructor(lost: LostAnswer, versionBefore: number | undefined) {
    super(lost.message, { cause: lost });
    this.versionBefore = versionBefore;
  }
}

/** Asks what is so before saying so: the rotation may have done its work before its answer was lost. */
async function reportOfLostAnswer(error: unknown, target: Target): Promise<never> {
  if (!(error instanceof LostRotation)) throw error;
  const name = namesOf(target.stage).tokenParameter;
  const now = await parameterVersion(target, name);
  const { versionBefore: before, message } = error;
  if (before === undefined || now === undefined)
    throw new Failure(
      `${message}; whether the token has changed could not be read. To see the parameter's version and time: aws ssm get-parameter --name ${name} --query "Parameter.[Version,LastModifiedDate]"`,
      { cause: error },
    );
  const hint =
    now > before
      ? `the token HAS changed all the same (version ${before} of ${name} is ${now} now): give the new one to the Shortcut`
      : `the token has not changed (${name} is still version ${before}); a rotation that still runs may change it within a minute`;
  throw new Failure(`${message}; ${hint}`, { cause: error });
}

async function rotateToken(target: Target, options: RotateOptions): Promise<RotationReport> {
  const grace = options.revokePrevious === true ? "none" : "kept";
  const order: RotationOrder = { order: "rotate", by: "operator", grace };
  const called = {
    functionName: options.functionName ?? namesOf(target.stage).rotation,
    whenMissing: "deploy the application stack first",
  };
  const versionBefore = await parameterVersion(target, namesOf(target.stage).tokenParameter);
  return (await invokeFunction(target, called, order).catch((error: unknown) => {
    throw error instanceof LostAnswer ? new LostRotation(error, versionBefore) : error;
  })) as RotationReport;
}

function rotationLines(target: Target, report: RotationReport): readonly string[] {
  const { previousValidUntil, parameterName, region } = report;
  const old =
    previousValidUntil === undefined
      ? "every other token is revoked; an agent that is awake may take it until it reads the parameter again (five minutes at most)"
      : `the old one works until ${localTime(Date.parse(previousValidUntil))}`;
  const read = target.isLocal
    ? "--show with this command, or the file token of the data directory"
    : readTokenCommand(parameterName, region);
  return [
    `${target.where}: the token has changed`,
    old,
    `to read it:  ${read}`,
    `then, in the Shortcut: action "Get Contents of URL", Headers, ${TOKEN_HEADER}`,
  ];
}
