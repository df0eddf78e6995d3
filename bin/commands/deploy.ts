import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { synthesise } from "../../local/assembly/synthesise.ts";
import { answerErrorText, askAgent } from "../cli/agent-client.ts";
import { currentToken } from "../cli/aws-calls.ts";
import type { CheckLine } from "../cli/check-lines.ts";
import { errorMessage, Failure } from "../cli/failure.ts";
import { DEFAULT_DATA_DIRECTORY } from "../cli/running-system.ts";
import { connectStage } from "../cli/stage-connection.ts";
import { lockStage, stageLockFile } from "../cli/stage-lock.ts";
import { contextOption } from "../cli/stage-templates.ts";
import { callLimits, type Target } from "../cli/target.ts";
import { askAtTerminal, onInterrupt, type Terminal } from "../cli/terminal.ts";
import { cdkProcess, maskedError, maskedTerminal, maskedWriter, pinnedCdk } from "./deploy/cdk-process.ts";
import type { DeployOptions, DeployPorts, Unverified, UrlAnswer } from "./deploy/deploy-ports.ts";
import { bedrockModels } from "./deploy/model-access.ts";
import { PARTS, type Part } from "./deploy/plan.ts";
import { runDeploy } from "./deploy/run-deploy.ts";
import { awsAccount, stageAccount } from "./deploy/stage-account.ts";
import { verifyConnected } from "./verify.ts";

const PROJECT = join(import.meta.dirname, "..", "..");

const DEPLOY_EXAMPLES = `
Examples:
  npm run deploy -- --stage staging
  npm run deploy -- --stage production -c alarmEmail=you@example.com
  npm run deploy -- --stage production --only monitoring --yes
  npm run deploy -- --stage production --regions us-west-2,eu-west-1 --dry-run
  npm run deploy -- --stage production --regions us-west-2,eu-west-1 --only-region eu-west-1
  npm run deploy -- --only delivery -c githubRepository=owner@1/name@2

Exits 0 when everything is deployed, 1 when something is not or does not answer, 2 on wrong usage.`;

interface ParsedOptions extends DeployOptions {
  readonly regions?: string;
  readonly mask?: true;
  readonly keep?: string;
}

/**
 * `deploy`: a stage, stack after stack, with the diff first; `ports` stand in for AWS and the CDK CLI in
 * tests.
 */
export function deployCommand(terminal: Terminal, ports?: DeployPorts): Command {
  return new Command("deploy")
    .description("deploy a stage to AWS: diff first, then app, monitoring and, for production, billing")
    .option("--stage <stage>", "stage to deploy", "development")
    .addOption(
      new Option("--only <part>", "only these parts, separated by commas")
        .choices(PARTS)
        .argParser(parseParts)
        .default([], "app, monitoring, and billing for production"),
    )
    .option("--regions <list>", "Regions in place of the stage's own, separated by commas")
    .option("--only-region <region>", "only the stacks of this Region, of several")
    .addOption(contextOption())
    .addOption(
      new Option("--forget <name>", "a setting of an earlier deploy to drop; may be repeated")
        .argParser((name: string, before: readonly string[]) => [...before, name])
        .default([], "none"),
    )
    .option("--profile <name>", "profile of ~/.aws/config, in place of AWS_PROFILE")
    .option("--yes", "do not ask after the diff")
    .option("--allow-removal", "with --yes: also remove subscriptions, alarms or the probe")
    .option("--no-verify", "do not check the stage at the end, as npm run cli -- verify does")
    .option("--dry-run", "show the diff and stop")
    .option("--mask", "hide mail addresses and the account's number in everything that is printed")
    .option("--keep <dir>", "leave a copy of what was deployed there")
    .option("--json", "print one JSON line with what was deployed; everything else goes to stderr")
    .addHelpText("after", DEPLOY_EXAMPLES)
    .action(async ({ regions, mask, ...options }: ParsedOptions) => {
      if (options.profile !== undefined) process.env.AWS_PROFILE = options.profile;
      const context = regions === undefined ? options.context : { ...options.context, regions };
      const acting = ports ?? deployPorts(terminal, { ...options, ...(mask && { mask }) });
      const shown = mask === true ? maskedTerminal(terminal) : terminal;
      await runDeploy(shown, acting, { ...options, context }).catch((error: unknown) => {
        throw mask === true ? maskedError(error) : error;
      });
    });
}

function parseParts(text: string): readonly Part[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !(PARTS as readonly string[]).includes(name));
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is none of ${PARTS.join(", ")}.`);
  return names as Part[];
}

/** AWS, the CDK CLI and the person at this terminal. */
export function deployPorts(
  terminal: Terminal,
  { json, mask, keep }: Pick<ParsedOptions, "json" | "mask" | "keep">,
): DeployPorts {
  const stream = json === true ? process.stderr : process.stdout;
  const write = (text: string): void => void stream.write(text);
  const written = mask === true ? maskedWriter(write) : { write, end: () => undefined };
  const cdk = cdkProcess({
    executable: pinnedCdk(),
    directory: PROJECT,
    write: (text) => written.write(text),
    colours: terminal.colours.isColorSupported,
  });
  const ask = askAtTerminal();
  return {
    synthesise: (request) => synthesise({ projectDirectory: PROJECT, ...request }),
    // What the CLI ends with need not be a whole line.
    cdk: (args, signal) => cdk(args, signal).finally(() => written.end()),
    account: awsAccount(),
    stage: stageAccount(),
    models: bedrockModels(),
    askUrl: askDeployedUrl,
    verify: (stage, region) => verifyDeployed(terminal, stage, region),
    lock: (stage, accountId) => {
      const locked = { stage, accountId, endpoint: process.env.AWS_ENDPOINT_URL };
      return lockStage(stageLockFile("deploy", locked), `${stage} is being deployed`);
    },
    ...(ask && { ask }),
    onInterrupt,
    workspace: () => ownWorkspace(keep),
  };
}

/** A directory of this deployment alone: a synthesis elsewhere must not change what was approved. */
async function ownWorkspace(keep: string | undefined) {
  const directory = await mkdtemp(join(tmpdir(), "wrist-agent-deploy-"));
  return {
    directory,
    close: async (): Promise<void> => {
      if (keep !== undefined) await cp(directory, keep, { recursive: true });
      await rm(directory, { recursive: true });
    },
  };
}

/** One note to a URL that was deployed just now, with the token of its Region. */
function askDeployedUrl(region: string, url: string, tokenParameter: string): Promise<UrlAnswer> {
  const client = { region, ...callLimits() };
  const target = { stage: "development", where: `the token in ${region}`, isLocal: false, client } as const;
  return askUrl(target, url, tokenParameter);
}

/** Metrics of a new stage take minutes, and GetMetricData knows of a new one later still. */
const METRICS_WAIT_MINUTES = 5;

/** The checklist of a stage that is deployed; what cannot be begun ends no deploy. */
async function verifyDeployed(
  terminal: Terminal,
  stage: string,
  region: string,
): Promise<readonly CheckLine[] | Unverified> {
  const quiet: Terminal = {
    ...terminal,
    progress: (_text, work) => (typeof work === "function" ? work(() => undefined) : work),
  };
  try {
    const connection = await connectStage(quiet, { stage, region, aws: true, data: DEFAULT_DATA_DIRECTORY });
    try {
      return await verifyConnected(quiet, connection, METRICS_WAIT_MINUTES);
    } finally {
      connection.close();
    }
  } catch (error) {
    if (error instanceof Failure) return { unverified: error.message };
    throw error;
  }
}

/** One note, asked as the Shortcut asks; a token that cannot be read leaves the URL unasked. */
export async function askUrl(target: Target, url: string, tokenParameter: string): Promise<UrlAnswer> {
  const token = await currentToken(target, tokenParameter).catch((error: unknown) => ({
    unasked: errorMessage(error),
  }));
  if (typeof token !== "string") return token;
  try {
    const answer = await askAgent(url, token, { text: "Is this deployment alive?", mode: "note" });
    const { status, milliseconds } = answer;
    return status === 200
      ? { status, milliseconds }
      : { status, milliseconds, error: answerErrorText(answer) };
  } catch (error) {
    return { status: 0, milliseconds: 0, error: errorMessage(error) };
  }
}
