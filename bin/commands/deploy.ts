import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { synthesise } from "../../local/assembly/synthesise.ts";
import { awsAccount } from "./deploy/aws-account.ts";
import { cdkProcess, pinnedCdk } from "./deploy/cdk-process.ts";
import type { DeployPorts } from "./deploy/run-deploy.ts";
import { PARTS, type Part } from "./deploy/plan.ts";
import { runDeploy, type DeployOptions } from "./deploy/run-deploy.ts";
import { askAtTerminal, onInterrupt } from "../cli/terminal.ts";
import { contextOption } from "../cli/stage-templates.ts";
import type { Terminal } from "../cli/terminal.ts";

const PROJECT = join(import.meta.dirname, "..", "..");

const DEPLOY_EXAMPLES = `
Examples:
  npm run deploy -- --stage staging
  npm run deploy -- --stage production -c alarmEmail=you@example.com
  npm run deploy -- --stage production --only monitoring --yes
  npm run deploy -- --stage production --regions us-west-2,eu-west-1 --dry-run
  npm run deploy -- --only delivery -c githubRepository=owner/name

Exits 0 when everything is deployed, 1 when something is not, 2 on wrong usage.`;

interface ParsedOptions extends DeployOptions {
  readonly regions?: string;
}

/** `deploy`: a stage, stack after stack, with the diff first; `edges` stand in for AWS and the CDK CLI in tests. */
export function deployCommand(terminal: Terminal, edges?: DeployPorts): Command {
  return new Command("deploy")
    .description("deploy a stage to AWS: diff first, then app, monitoring and, for production, billing")
    .option("--stage <stage>", "stage to deploy", "development")
    .addOption(
      new Option("--only <part>", `${PARTS.join(", ")}; several by commas`)
        .argParser(parseParts)
        .default([], "app, monitoring, and billing for production"),
    )
    .option("--regions <list>", "Regions in place of the stage's own, separated by commas")
    .addOption(contextOption())
    .option("--profile <name>", "profile of ~/.aws/config, in place of AWS_PROFILE")
    .option("--yes", "do not ask after the diff")
    .option("--dry-run", "show the diff and stop")
    .option("--json", "print one JSON line with what was deployed; everything else goes to stderr")
    .addHelpText("after", DEPLOY_EXAMPLES)
    .action(async ({ regions, ...options }: ParsedOptions) => {
      if (options.profile !== undefined) process.env.AWS_PROFILE = options.profile;
      const context = regions === undefined ? options.context : { ...options.context, regions };
      await runDeploy(terminal, edges ?? deployPorts(terminal, options), { ...options, context });
    });
}

function parseParts(text: string): readonly Part[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !(PARTS as readonly string[]).includes(name));
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is none of ${PARTS.join(", ")}.`);
  return names as Part[];
}

function deployPorts(terminal: Terminal, { json }: DeployOptions): DeployPorts {
  const stream = json === true ? process.stderr : process.stdout;
  const ask = askAtTerminal();
  return {
    synthesise: (request) => synthesise({ projectDirectory: PROJECT, ...request }),
    cdk: cdkProcess({
      executable: pinnedCdk(),
      directory: PROJECT,
      write: (text) => void stream.write(text),
      colours: terminal.colours.isColorSupported,
    }),
    account: awsAccount(),
    ...(ask && { ask }),
    onInterrupt,
    assembly: join(PROJECT, "cdk.out"),
  };
}
