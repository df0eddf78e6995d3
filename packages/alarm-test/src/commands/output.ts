import { type Command, InvalidArgumentError } from "commander";
import pc from "picocolors";
import type { Deployment } from "../template-sources.ts";

/** Where a command writes: results to `out`, everything else to `err`. */
export interface Output {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Does nothing where colours are unwanted: no terminal, `NO_COLOR`, a pipe. */
  readonly colours: ReturnType<typeof pc.createColors>;
}

/** The process's own output. */
export function processOutput(): Output {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreClosedReader);
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    colours: pc.createColors(process.stdout.isTTY ? pc.isColorSupported : false),
  };
}

/** `| head` reads what it wants and leaves: that is no failure of ours. */
function ignoreClosedReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

/** The user's mistake on the command line: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something that was asked for rightly and could not be done: exit code 1. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** The options that say what a deployment would give beside the templates. */
export interface DeploymentOptions {
  readonly parameter?: Readonly<Record<string, string>>;
  readonly import?: Readonly<Record<string, string>>;
  readonly physical?: Readonly<Record<string, string>>;
  readonly resolve?: Readonly<Record<string, string>>;
  readonly region?: string;
  readonly account?: string;
}

/** Adds the options that say what a deployment would give. */
export function withDeploymentOptions(command: Command): Command {
  return command
    .option("--parameter <name=value>", "value of a template parameter; repeat it for more", pair)
    .option("--import <name=value>", "value of an export that no given template makes", pair)
    .option("--physical <id=value>", "what Ref (LogicalId) or GetAtt (LogicalId.Attribute) gives", pair)
    .option("--resolve <reference=value>", "value of a dynamic reference, as ssm:/name=value", pair)
    .option("--region <region>", "Region of templates that stand alone (us-east-1 when missing)")
    .option("--account <id>", "account of templates that stand alone (123456789012 when missing)");
}

function pair(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("write name=value");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** The deployment that options describe. */
export function deploymentOf(options: DeploymentOptions): Deployment {
  const { region, account } = options;
  return {
    parameters: {
      ...options.parameter,
      ...(region === undefined ? {} : { "AWS::Region": region }),
      ...(account === undefined ? {} : { "AWS::AccountId": account }),
    },
    imports: options.import ?? {},
    physical: options.physical ?? {},
    resolve: options.resolve ?? {},
  };
}
