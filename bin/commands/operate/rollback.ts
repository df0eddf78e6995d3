import { setTimeout } from "node:timers/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { askAtTerminal, onInterrupt } from "../person.ts";
import type { Terminal } from "../terminal.ts";
import { rollbackAws } from "./rollback/aws/rollback-aws.ts";
import type { Surroundings } from "./rollback/edges.ts";
import type { RollbackOptions } from "./rollback/rollback.ts";
import { refuseUnasked, runRollback } from "./rollback/run-rollback.ts";
import { targetOf, withTarget, type TargetOptions } from "./target.ts";

const EXAMPLES = `
Without --to it stops the deployment that is under way; when none is, it goes to the version before the live one.

Examples:
  npm run cli -- rollback --list --stage production --region us-west-2
  npm run cli -- rollback --stage production --region us-west-2
  npm run cli -- rollback --stage production --region us-west-2 --to 41 --yes

Exits 0 when the version serves, 1 when it does not, 2 on wrong usage. docs/rolling-back.md tells the rest.`;

/** `rollback`: a stage on its version before, within seconds; `around` stands in for the person and time in tests. */
export function rollbackCommand(terminal: Terminal, around: Surroundings = atTerminal()): Command {
  return withTarget(new Command("rollback"))
    .description("bring a stage back to a version that was good, within seconds; URL and token stay")
    .addOption(
      new Option("--to <version>", "number of the version, also a newer one").argParser(versionNumber),
    )
    .addOption(
      new Option("--list", "print the versions, newest first, and change nothing").conflicts([
        "to",
        "yes",
        "dryRun",
      ]),
    )
    .option("--dry-run", "show what would change and stop")
    .option("--yes", "do not ask; needed where there is no terminal")
    .option("--json", "print one JSON line with what was done or listed; everything else goes to stderr")
    .addHelpText("after", EXAMPLES)
    .action(async (options: RollbackOptions & TargetOptions) => {
      refuseUnasked(options, around);
      const target = await targetOf(options);
      await runRollback({ terminal, target, options, around, aws: await rollbackAws(target) });
    });
}

function versionNumber(text: string): string {
  if (/^[1-9]\d*$/.test(text)) return text;
  if (text === "$LATEST")
    throw new InvalidArgumentError(
      "$LATEST changes with every deploy: give a number that rollback --list shows.",
    );
  throw new InvalidArgumentError(`"${text}" is no version: give a number that rollback --list shows.`);
}

function atTerminal(): Surroundings {
  const ask = askAtTerminal();
  return {
    ...(ask && { ask }),
    onInterrupt,
    wait: (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }),
  };
}
