import { Command } from "commander";
import { TOKEN_HEADER } from "../../lambda/contract/request.ts";
import type { RotationOrder, RotationReport } from "../../lambda/contract/rotation.ts";
import { readTokenCommand } from "../../lambda/contract/token.ts";
import { namesOf } from "../../lib/names.ts";
import { currentToken, invokeFunction } from "../cli/aws-calls.ts";
import { Failure } from "../cli/failure.ts";
import { addTargetOptions, resolveTarget, type Target, type TargetOptions } from "../cli/target.ts";
import { localTime, type Terminal } from "../cli/terminal.ts";

interface RotateOptions extends TargetOptions {
  readonly revokePrevious?: true;
  readonly show?: true;
  readonly functionName?: string;
}

/** `rotate-token`: a new token now; the old one stays valid for the grace time unless it is revoked. */
export function rotateTokenCommand(terminal: Terminal): Command {
  return addTargetOptions(new Command("rotate-token"))
    .description("change the token that the Shortcut sends; the old one works on for the grace time")
    .option("--revoke-previous", "after a compromise: no grace, every other token stops working")
    .option("--show", "print the new token; else only the command that does")
    .option("--function-name <name>", "rotation function (default: the stage's)")
    .action(async (options: RotateOptions) => {
      const target = await resolveTarget(options);
      const report = await rotateToken(target, options);
      if (!report.isRotated)
        throw new Failure(
          `the token stays: ${report.reason ?? "no reason was given"}; --revoke-previous changes it all the same`,
        );
      rotationLines(target, report).forEach(terminal.out);
      if (options.show === true)
        terminal.out(await currentToken(target, report.parameterName, report.region));
      if (report.mailFault !== undefined) terminal.err(terminal.colours.red(report.mailFault));
    });
}

async function rotateToken(target: Target, options: RotateOptions): Promise<RotationReport> {
  const grace = options.revokePrevious === true ? "none" : "kept";
  const order: RotationOrder = { order: "rotate", by: "operator", grace };
  const called = {
    functionName: options.functionName ?? namesOf(target.stage).rotation,
    whenMissing: "deploy the application stack first",
  };
  return (await invokeFunction(target, called, order)) as RotationReport;
}

function rotationLines(target: Target, report: RotationReport): readonly string[] {
  const { previousValidUntil, parameterName, region } = report;
  const old =
    previousValidUntil === undefined
      ? "every other token is revoked; an agent that is awake may take it until it reads the parameter again (TOKEN_CACHE_TTL_SECONDS)"
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
